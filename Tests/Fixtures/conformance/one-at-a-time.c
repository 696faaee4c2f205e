#include "conformance.h"

static atomic_int running;

static xo_status look(instance *self, const xo_err *err) {
    (void)self, (void)err;
    return running ? XO_FAILED_PRECONDITION : XO_OK;
}

static xo_status begin(instance *self, xo_op op) {
    (void)self, (void)op;
    running++;
    return XO_OK;
}

static xo_status end(instance *self, xo_op op) {
    (void)self, (void)op;
    running--;
    return XO_OK;
}

static const struct flaw flaw = {.setup = look, .start = begin, .stop = end};
