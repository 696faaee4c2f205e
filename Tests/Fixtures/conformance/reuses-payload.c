#include "conformance.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    static char text[32];
    snprintf(text, sizeof text, "%10ld", self->state++);
    return complete(self, op, XO_OK, text), XO_ACCEPTED;
}

static const struct flaw flaw = {.invoke = answer};
