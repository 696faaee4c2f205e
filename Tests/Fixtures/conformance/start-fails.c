#include "conformance.h"

static xo_status refuse(instance *self, xo_op op) {
    complete(self, op, XO_UNAVAILABLE, "{\"code\": -32000, \"message\": \"the moon is not full\"}");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.start = refuse};
