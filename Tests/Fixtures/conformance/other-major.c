#define LIBRARY_MAJOR 2
#include "conformance.h"

static const struct flaw flaw = {0};
