#include "conformance.h"

static xo_status count(instance *self, xo_op op) {
    (void)op;
    return self->state++ ? XO_FAILED_PRECONDITION : XO_OK;
}

static const struct flaw flaw = {.start = count};
