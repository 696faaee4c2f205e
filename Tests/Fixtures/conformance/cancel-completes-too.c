#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    return complete_later(self, op, 20);
}

static void give_up(instance *self, xo_op op) { complete(self, op, XO_CANCELLED, ""); }

/* What is under way has its time, so that this is the only flaw. */
static xo_status finish(instance *self, xo_op op) {
    (void)self, (void)op;
    wait_milliseconds(60);
    return XO_OK;
}

static const struct flaw flaw = {.invoke = answer, .cancel = give_up, .stop = finish};
