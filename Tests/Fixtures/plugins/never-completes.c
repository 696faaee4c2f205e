#define CATALOG "[" METHOD("ping", "\"permission\": \"user\", \"params\": {}, \"timeout\": 200") "]"
#include "broken.h"

static xo_status accept_only(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)self, (void)op, (void)method, (void)call;
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.invoke = accept_only};
