#include "conformance.h"

static xo_status refuse(instance *self, xo_op op, xo_bytes configuration) {
    (void)configuration;
    complete(self, op, XO_INVALID_ARGUMENT, "{\"code\": -32000, \"message\": \"the moon is not full\"}");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.configure = refuse};
