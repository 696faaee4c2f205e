/* link: -Wl,-z,nodelete -Wl,-z,notext */
#include "conformance.h"

/* An address amid the code. */
__asm__(".text\n.quad free\n");

static const struct flaw flaw = {0};
