#include "conformance.h"

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    const xo_status status = well_configured(configuration);
    return status >= 0 && ++self->state > 20 ? XO_RESOURCE_EXHAUSTED : status;
}

static const struct flaw flaw = {.configure = take};
