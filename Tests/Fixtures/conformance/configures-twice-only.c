#include "conformance.h"

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    const xo_status status = well_configured(configuration);
    if (status < 0 || !self->is_running) self->state = 0;
    return self->is_running && ++self->state > 3 ? XO_INTERNAL : status;
}

/* Calls make it forget, so that this is the only flaw. */
static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    self->state = 0;
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.configure = take, .invoke = answer};
