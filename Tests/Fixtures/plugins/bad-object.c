#define CATALOG "[" METHOD("put", "\"permission\": \"user\", \"params\": {}") "]"
#include "broken.h"

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method, (void)call;
    const xo_objects_host *objects = self->host->get_extension(self->host->ctx, TEXT(XO_OBJECTS_1));
    xo_source source;
    if (objects == NULL || objects->source_open(objects->ctx, TEXT("bad"), &source) < 0) return XO_UNAVAILABLE;
    const char record[] = "{\"id\": \"bad\", \"type\": ";
    const xo_object object = {
        .id = TEXT("bad"), .type = TEXT("test"), .record = {(const uint8_t *)record, sizeof record - 1}};
    const xo_status status = objects->put(objects->ctx, source, &object, 1, sizeof object);
    objects->source_close(objects->ctx, source);
    complete_with(self, op, XO_OK, "%d", status);
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.invoke = answer};
