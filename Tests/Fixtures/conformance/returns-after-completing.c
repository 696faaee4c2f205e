#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    complete(self, op, XO_OK, "1");
    return is(call->params, "{\"text\":\"a\"}") ? XO_OK : XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
