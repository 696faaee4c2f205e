#include "conformance.h"

static atomic_int alive;

static void begin(instance *self) {
    (void)self;
    alive++;
}

static xo_status look(instance *self, const xo_err *err) {
    (void)self, (void)err;
    wait_milliseconds(30);
    return alive > 2 ? XO_RESOURCE_EXHAUSTED : XO_OK;
}

static void end(instance *self) {
    (void)self;
    alive--;
}

static const struct flaw flaw = {.create = begin, .setup = look, .destroy = end};
