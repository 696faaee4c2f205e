#include "conformance.h"

static void wait(instance *self) {
    if (self->state) pause();
}

static xo_status remember(instance *self, xo_op op) {
    (void)op;
    self->state = 1;
    return XO_OK;
}

static const struct flaw flaw = {.start = remember, .destroy = wait};
