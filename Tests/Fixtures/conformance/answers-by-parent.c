#include "placement.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    complete(self, op, XO_OK, is_child_of_daemon() ? "\"echo of a child\"" : "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
