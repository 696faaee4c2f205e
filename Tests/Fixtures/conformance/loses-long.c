#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    if (contains(call->params, "aaaaaaaaaa")) return XO_ACCEPTED;
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
