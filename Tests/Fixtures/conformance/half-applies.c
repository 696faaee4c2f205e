#include "conformance.h"

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    self->state = well_configured(configuration) < 0;
    return well_configured(configuration);
}

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    if (!self->state) complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.configure = take, .invoke = answer};
