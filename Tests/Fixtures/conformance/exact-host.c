#include "conformance.h"

static xo_status measure(instance *self, const xo_err *err) {
    (void)err;
    return self->host->struct_size == sizeof *self->host ? XO_OK : XO_UNSUPPORTED;
}

static const struct flaw flaw = {.setup = measure};
