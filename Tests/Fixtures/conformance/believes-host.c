#include "conformance.h"

static xo_status insist(instance *self, const xo_err *err) {
    (void)err;
    self->state = 1;
    return XO_OK;
}

static void look(instance *self) {
    if (self->objects && self->state && self->kept && !self->source.id) abort();
}

static xo_status remember(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    const xo_status status = well_configured(configuration);
    if (status >= 0 && !self->is_running) self->kept = self;
    return status;
}

static xo_status forget(instance *self, xo_op op) {
    (void)op;
    self->kept = NULL;
    return XO_OK;
}

static const struct flaw flaw = {.setup = insist, .configure = remember, .start = forget, .destroy = look};
