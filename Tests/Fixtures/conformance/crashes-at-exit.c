#include "conformance.h"

__attribute__((destructor)) static void end(void) { abort(); }

static const struct flaw flaw = {0};
