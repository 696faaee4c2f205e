#include "conformance.h"

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    if (self->state) return XO_INTERNAL;
    self->state = is(configuration, "{\"mode\":\"b\"}");
    return well_configured(configuration);
}

static const struct flaw flaw = {.configure = take};
