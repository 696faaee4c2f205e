#include "conformance.h"

static xo_status block(instance *self, const xo_err *err) {
    (void)self, (void)err;
    wait_milliseconds(1200);
    return XO_OK;
}

static const struct flaw flaw = {.setup = block};
