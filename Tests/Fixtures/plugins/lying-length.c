#define USER "\"permission\": \"user\", \"params\": {}"
#define CATALOG "[" METHOD("null", USER) ", " METHOD("huge", USER) "]"
#include "broken.h"

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)call;
    if (method == 0) complete(self, op, XO_OK, NULL, 5);
    else complete(self, op, XO_OK, "true", (uint64_t)INT64_MAX + 1);
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.invoke = answer};
