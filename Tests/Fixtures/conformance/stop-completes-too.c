#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    self->kept_op = op;
    return complete_later(self, op, 20);
}

static xo_status finish(instance *self, xo_op op) {
    (void)op;
    const int is_under_way = self->kept_op.id && !self->host->is_cancelled(self->host->ctx, self->kept_op);
    if (is_under_way) complete(self, self->kept_op, XO_CANCELLED, "");
    wait_milliseconds(60);
    return XO_OK;
}

static const struct flaw flaw = {.invoke = answer, .stop = finish};
