#include "conformance.h"

/* Takes the same configuration twice in a row while running, but not a third time. */
static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    if (!self->is_running || !is(configuration, "{\"mode\":\"a\"}")) self->state = 0;
    else if (++self->state > 2) return XO_INTERNAL;
    return well_configured(configuration);
}

/* Calls make it forget, so that this is the only flaw. */
static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    self->state = 0;
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.configure = take, .invoke = answer};
