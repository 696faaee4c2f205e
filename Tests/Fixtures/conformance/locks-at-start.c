#include "files.h"

static xo_status lock(instance *self, xo_op op) {
    (void)op;
    return make_file(self, "lock") ? XO_OK : XO_FAILED_PRECONDITION;
}

static xo_status unlock(instance *self, xo_op op) {
    (void)op;
    remove_file(self, "lock");
    return XO_OK;
}

static const struct flaw flaw = {.start = lock, .stop = unlock};
