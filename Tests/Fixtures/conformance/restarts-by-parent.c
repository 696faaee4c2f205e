#include "placement.h"

static xo_status count(instance *self, xo_op op) {
    (void)op;
    self->state++;
    return XO_OK;
}

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    complete(self, op, XO_OK, self->state > 1 && is_child_of_daemon() ? "\"echo again\"" : "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.start = count, .invoke = answer};
