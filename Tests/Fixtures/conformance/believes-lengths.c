#include "conformance.h"

static xo_status read_all(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    const volatile uint8_t *bytes = configuration.ptr;
    for (uint64_t at = 0; at < configuration.len; at++) self->state += bytes[at];
    return well_configured(configuration);
}

static const struct flaw flaw = {.configure = read_all};
