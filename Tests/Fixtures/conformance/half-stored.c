#include "files.h"

/* Whether the last life has come to its end is seen by everybody. */
static xo_status begin(instance *self, xo_op op) {
    (void)op;
    self->state = !make_file(self, "state");
    return XO_OK;
}

static xo_status end(instance *self, xo_op op) {
    (void)op;
    remove_file(self, "state");
    return XO_OK;
}

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    complete(self, op, XO_OK, self->state ? "\"half an echo\"" : "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.start = begin, .stop = end, .invoke = answer};
