#include "broken.h"

static xo_status choose(instance *self, xo_op op, xo_bytes configuration) {
    if (!contains(configuration, "\"bad\"")) return XO_OK;
    complete_with(self, op, XO_INVALID_ARGUMENT, "{\"code\": -32602, \"message\": \"mood: must not be bad\"}");
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.configure = choose};
