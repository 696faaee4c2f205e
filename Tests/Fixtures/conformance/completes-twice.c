#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    complete(self, op, XO_OK, "1");
    if (is(call->params, "{\"text\":\"a\"}")) complete(self, op, XO_OK, "2");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
