#include "placement.h"

static xo_status judge(instance *self, xo_op op, xo_bytes configuration) {
    (void)self, (void)op;
    if (contains(configuration, "\"b\"") && is_child_of_daemon()) return XO_INVALID_ARGUMENT;
    return well_configured(configuration);
}

static const struct flaw flaw = {.configure = judge};
