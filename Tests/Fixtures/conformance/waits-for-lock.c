#include "files.h"

/* Whoever finds the lock taken waits for its owner to go on with the call; who may be gone for ever. */
static xo_status work(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    if (!make_file(self, "lock")) return XO_ACCEPTED;
    wait_milliseconds(4);
    remove_file(self, "lock");
    complete(self, op, XO_OK, "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = work};
