#include "broken.h"

static xo_status setup_badly(instance *self, const xo_err *err) {
    (void)self;
    err->set(err->ctx, XO_UNSUPPORTED, TEXT("this plugin cannot be set up"));
    return XO_UNSUPPORTED;
}

static const struct behaviour behaviour = {.setup = setup_badly};
