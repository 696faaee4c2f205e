#include "broken.h"

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method, (void)call;
    complete_with(self, op, XO_OK, "{\"half\": ");
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.invoke = answer};
