#include "conformance.h"

static void *finish(void *untyped) {
    instance *self = untyped;
    wait_milliseconds(100);
    self->state = 0;
    complete(self, self->kept_op, XO_OK, "");
    return NULL;
}

static xo_status start_later(instance *self, xo_op op) {
    self->state = 1;
    self->kept_op = op;
    detach(finish, self);
    return XO_ACCEPTED;
}

static void look(instance *self) {
    if (self->state) abort();
}

static const struct flaw flaw = {.start = start_later, .destroy = look};
