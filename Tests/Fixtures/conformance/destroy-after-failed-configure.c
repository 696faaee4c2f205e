#include "conformance.h"

static xo_status remember(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    self->state = is(configuration, "{");
    return well_configured(configuration);
}

static void look(instance *self) {
    if (self->state && !self->is_running) abort();
}

static const struct flaw flaw = {.configure = remember, .destroy = look};
