#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    self->kept = call;
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static xo_status look_back(instance *self, xo_op op) {
    (void)op;
    if (self->kept) self->state = (long)((const xo_call *)self->kept)->trace_low;
    return XO_OK;
}

static const struct flaw flaw = {.invoke = answer, .stop = look_back};
