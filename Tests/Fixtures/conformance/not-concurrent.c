#define FLAGS XO_PLUGIN_CONCURRENT
#include "conformance.h"

static atomic_int inside;

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    const int others = inside++;
    wait_milliseconds(5);
    inside--;
    if (!others) complete(self, op, XO_OK, "1");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
