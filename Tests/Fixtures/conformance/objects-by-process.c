#include "conformance.h"

/* Another source and another id in each process: nobody takes back what the last one has published. */
static xo_status publish(instance *self, xo_op op) {
    (void)op;
    if (!self->objects) return XO_OK;
    char id[32], record[96];
    const int id_length = snprintf(id, sizeof id, "process-%d", (int)getpid());
    const int length = snprintf(record, sizeof record, "{\"id\":\"%s\",\"type\":\"flaw\"}", id);
    const xo_str name = {id, (uint64_t)id_length};
    xo_source source;
    const xo_status status = self->objects->source_open(self->objects->ctx, name, &source);
    if (status < 0) return status;
    const xo_object object = {
        .id = name, .type = TEXT("flaw"), .record = {(const uint8_t *)record, (uint64_t)length}};
    return self->objects->put(self->objects->ctx, source, &object, 1, sizeof object);
}

static const struct flaw flaw = {.start = publish};
