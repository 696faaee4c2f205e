#include "conformance.h"

static void tell(void *untyped) {
    const instance *self = untyped;
    self->host->log_enabled(self->host->ctx, XO_LOG_INFO);
}

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    const xo_buf payload = {.ptr = (const uint8_t *)"1", .len = 1, .owner = self, .release = tell};
    self->host->complete(self->host->ctx, op, XO_OK, payload);
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
