#define SCHEMA "{\"type\": object}"
#include "conformance.h"

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)self, (void)op;
    return is(configuration, "{}") ? XO_OK : XO_INVALID_ARGUMENT;
}

static const struct flaw flaw = {.configure = take};
