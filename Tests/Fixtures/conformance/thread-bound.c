#include "conformance.h"

static _Thread_local int is_mine;

static xo_status mark(instance *self, const xo_err *err) {
    (void)self, (void)err;
    is_mine = 1;
    return XO_OK;
}

static xo_status look(instance *self, xo_op op) {
    (void)self, (void)op;
    return is_mine ? XO_OK : XO_INTERNAL;
}

static const struct flaw flaw = {.setup = mark, .start = look};
