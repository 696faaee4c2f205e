#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    complete(self, op, XO_NOT_FOUND, "{\"reason\": \"it is not there\"}");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
