#include "conformance.h"

static xo_status prepare(instance *self, const xo_err *err) {
    (void)err;
    self->state = 1;
    return XO_OK;
}

static xo_status remember(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    self->kept = self;
    return well_configured(configuration);
}

static void look(instance *self) {
    if (self->state && !self->kept) abort();
}

static const struct flaw flaw = {.setup = prepare, .configure = remember, .destroy = look};
