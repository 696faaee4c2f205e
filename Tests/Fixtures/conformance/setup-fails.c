#include "conformance.h"

static xo_status refuse(instance *self, const xo_err *err) {
    (void)self;
    err->set(err->ctx, XO_UNSUPPORTED, TEXT("the moon is not full"));
    return XO_UNSUPPORTED;
}

static const struct flaw flaw = {.setup = refuse};
