#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    self->host->complete(self->host->ctx, op, XO_OK, (xo_buf){.len = 5});
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
