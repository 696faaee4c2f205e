#include "conformance.h"

static xo_status forget(const xo_host *host, const xo_instance **out, const xo_err *err) {
    (void)host, (void)out, (void)err;
    return XO_OK;
}

static const struct flaw flaw = {.create_instead = forget};
