#include "conformance.h"

struct started {
    const xo_host *host;
    xo_op op;
};

static void *finish(void *untyped) {
    struct started started = *(struct started *)untyped;
    free(untyped);
    wait_milliseconds(50);
    started.host->complete(started.host->ctx, started.op, XO_OK, (xo_buf){0});
    return NULL;
}

static xo_status start_later(instance *self, xo_op op) {
    struct started *started = malloc(sizeof *started);
    *started = (struct started){self->host, op};
    detach(finish, started);
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.start = start_later};
