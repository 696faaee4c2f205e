#define LIBRARY_SIZE offsetof(xo_library, create)
#include "conformance.h"

static const struct flaw flaw = {0};
