#include "conformance.h"

static xo_status refuse(const xo_host *host, const xo_instance **out, const xo_err *err) {
    (void)host, (void)out;
    err->set(err->ctx, XO_UNSUPPORTED, TEXT("the moon is not full"));
    return XO_UNSUPPORTED;
}

static const struct flaw flaw = {.create_instead = refuse};
