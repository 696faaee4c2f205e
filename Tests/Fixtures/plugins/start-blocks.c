#include <unistd.h>

#include "broken.h"

static xo_status block(instance *self, xo_op op) {
    (void)self, (void)op;
    while (pause() != 0) {
    }
    return XO_OK;
}

static const struct behaviour behaviour = {.start = block};
