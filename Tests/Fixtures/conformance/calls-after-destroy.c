#include "conformance.h"

static void *ask(void *host) {
    for (int round = 0; round < 100; round++) {
        wait_milliseconds(5);
        ((const xo_host *)host)->log_enabled(((const xo_host *)host)->ctx, XO_LOG_INFO);
    }
    return NULL;
}

static xo_status begin(instance *self, xo_op op) {
    (void)op;
    detach(ask, (void *)self->host);
    return XO_OK;
}

static const struct flaw flaw = {.start = begin};
