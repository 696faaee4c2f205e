/* events.h - for plugins of conformance.h that publish an event with each call. */
#ifndef EVENTS_H
#define EVENTS_H

#include "placement.h"

static xo_status fetch_events(instance *self, const xo_err *err) {
    (void)err;
    self->kept = self->host->get_extension(self->host->ctx, TEXT(XO_EVENTS_1));
    return XO_OK;
}

/* Publishes under the plugin's own name. */
static inline void publish(instance *self, const char *topic, const char *payload) {
    const xo_events_host *events = self->kept;
    char name[256];
    const xo_str id = self->host->instance_id;
    const int length = snprintf(name, sizeof name, "%.*s.%s", (int)id.len, id.ptr, topic);
    if (events)
        events->publish(events->ctx, (xo_str){name, (uint64_t)length}, (xo_bytes){(const uint8_t *)payload, strlen(payload)});
}

#endif
