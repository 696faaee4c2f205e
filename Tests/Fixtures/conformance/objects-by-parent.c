#include "placement.h"

static xo_status publish(instance *self, xo_op op) {
    (void)op;
    if (!self->objects || !is_child_of_daemon()) return XO_OK;
    static const char record[] = "{\"id\":\"extra\",\"type\":\"flaw\"}";
    const xo_object extra = {
        .id = TEXT("extra"), .type = TEXT("flaw"), .record = {(const uint8_t *)record, sizeof record - 1}};
    return self->objects->put(self->objects->ctx, self->source, &extra, 1, sizeof extra);
}

static const struct flaw flaw = {.start = publish};
