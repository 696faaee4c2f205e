#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    const volatile uint8_t *bytes = call->params.ptr;
    for (uint64_t at = 0; at < call->params.len; at++) self->state += bytes[at];
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
