#include "conformance.h"

static xo_status tell(instance *self, xo_op op) {
    (void)op;
    const xo_log_record record = {.struct_size = sizeof record, .level = 99, .message = TEXT("important")};
    self->host->log(self->host->ctx, &record);
    return XO_OK;
}

static const struct flaw flaw = {.start = tell};
