#include <fcntl.h>

#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    complete(self, op, XO_OK, fcntl(5, F_GETFD) < 0 ? "\"alone\"" : "\"among others\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
