#include "conformance.h"

static xo_status ignore(instance *self, xo_op op) {
    (void)self, (void)op;
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.on_request = ignore};
