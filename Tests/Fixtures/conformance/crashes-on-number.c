#include "conformance.h"

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)self, (void)op;
    if (is(configuration, "{\"mode\":7}")) abort();
    return well_configured(configuration);
}

static const struct flaw flaw = {.configure = take};
