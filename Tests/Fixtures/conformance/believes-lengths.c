#include "conformance.h"

static xo_status read_all(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    for (uint64_t at = 0; at < configuration.len; at++) self->state += ((const volatile uint8_t *)configuration.ptr)[at];
    return well_configured(configuration);
}

static const struct flaw flaw = {.configure = read_all};
