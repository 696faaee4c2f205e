#include <unistd.h>

#include "broken.h"

static xo_status hang(instance *self, const xo_err *err) {
    (void)self, (void)err;
    while (pause() != 0) {
    }
    return XO_OK;
}

static const struct behaviour behaviour = {.setup = hang};
