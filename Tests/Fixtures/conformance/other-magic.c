#define LIBRARY_MAGIC 0x1122334455667788
#include "conformance.h"

static const struct flaw flaw = {0};
