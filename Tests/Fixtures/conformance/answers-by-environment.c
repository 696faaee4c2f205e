#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    const char *password = getenv("XO_ADMIN_PASSWORD");
    complete(self, op, XO_OK, password ? "\"I know the password\"" : "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
