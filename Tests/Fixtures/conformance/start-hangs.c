#include "conformance.h"

static xo_status accept_only(instance *self, xo_op op) {
    (void)self, (void)op;
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.start = accept_only};
