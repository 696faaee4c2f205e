#include "broken.h"

static xo_status set_up(instance *self, const xo_err *err) {
    (void)err;
    const xo_str id = self->host->instance_id;
    self->state = calloc(1, sizeof(int));
    snprintf(self->catalog, sizeof self->catalog,
             "[{\"name\": \"%.*s.whoami\", \"description\": \"A test.\", \"permission\": \"user\", \"params\": {}}]",
             (int)id.len, id.ptr);
    return XO_OK;
}

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method, (void)call;
    int *calls = self->state;
    const xo_str id = self->host->instance_id;
    complete_with(self, op, XO_OK, "{\"instance\":\"%.*s\",\"calls\":%d}", (int)id.len, id.ptr, ++*calls);
    return XO_ACCEPTED;
}

static void leave(instance *self) { free(self->state); }

static const struct behaviour behaviour = {.setup = set_up, .invoke = answer, .destroy = leave};
