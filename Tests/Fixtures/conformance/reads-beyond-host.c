#include "conformance.h"

static xo_status look(instance *self, const xo_err *err) {
    (void)err;
    self->state = *(const volatile char *)(self->host + 1);
    return XO_OK;
}

static const struct flaw flaw = {.setup = look};
