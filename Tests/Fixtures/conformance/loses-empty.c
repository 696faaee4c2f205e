#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    if (is(call->params, "{}")) return XO_ACCEPTED;
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
