#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    if (call->params.ptr && call->params.len > 100 && call->params.len < 200) return XO_ACCEPTED;
    complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
