#include "conformance.h"

static atomic_int ended;

static xo_status look(instance *self, xo_op op) {
    (void)self, (void)op;
    return ended ? XO_FAILED_PRECONDITION : XO_OK;
}

static void end(instance *self) {
    if (self->source.id) ended = 1;
}

static const struct flaw flaw = {.start = look, .destroy = end};
