#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    if (contains(call->params, "the end of the world")) exit(1);
    complete(self, op, XO_OK, "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
