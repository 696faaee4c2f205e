#include "conformance.h"

static xo_status refuse(instance *self, xo_op op) {
    (void)self, (void)op;
    return XO_INTERNAL;
}

static const struct flaw flaw = {.stop = refuse};
