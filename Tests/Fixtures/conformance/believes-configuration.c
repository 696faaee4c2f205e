#include "conformance.h"

static xo_status believe(instance *self, xo_op op, xo_bytes configuration) {
    (void)self, (void)op;
    if (configuration.ptr && configuration.len <= INT64_MAX && configuration.ptr[0] != '{') abort();
    return well_configured(configuration);
}

static const struct flaw flaw = {.configure = believe};
