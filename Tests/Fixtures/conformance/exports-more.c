#include "conformance.h"

__attribute__((visibility("default"))) int flawed_helper(void) { return 1; }

static const struct flaw flaw = {0};
