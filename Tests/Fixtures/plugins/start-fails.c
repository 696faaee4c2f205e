#include "broken.h"

static xo_status start_badly(instance *self, xo_op op) {
    complete_with(self, op, XO_UNAVAILABLE, "{\"code\": -32000, \"message\": \"port 80 is taken; choose another\"}");
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.start = start_badly};
