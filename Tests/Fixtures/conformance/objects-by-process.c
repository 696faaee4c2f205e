#include "conformance.h"

/* No snapshot, and another id in each process: that of the last one stays. */
static xo_status publish(instance *self, xo_op op) {
    (void)op;
    if (!self->objects) return XO_OK;
    char id[32], record[96];
    const int id_length = snprintf(id, sizeof id, "process-%d", (int)getpid());
    const int length = snprintf(record, sizeof record, "{\"id\":\"%s\",\"type\":\"flaw\"}", id);
    const xo_object object = {
        .id = {id, (uint64_t)id_length}, .type = TEXT("flaw"), .record = {(const uint8_t *)record, (uint64_t)length}};
    return self->objects->put(self->objects->ctx, self->source, &object, 1, sizeof object);
}

static const struct flaw flaw = {.start = publish};
