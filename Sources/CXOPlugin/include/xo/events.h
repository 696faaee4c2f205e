/* xo/events.h - xo.events/1: publish and subscribe. Since 1.0.
 *
 * Topics of the host: "objects" (payload as clients see it: {"type": "enter"|"exit", "items": {...}}) and "plugins"
 * (a plugin changed its state: {"id", "state", "error"?}). A plugin publishes under its instance id: "ID.anything".
 */
#ifndef XO_EVENTS_H
#define XO_EVENTS_H

#include "core.h"

#define XO_EVENTS_1 "xo.events/1"

typedef struct xo_events_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* One-way. [any], RUNNING and during start. `topic` is exact, or a prefix ending in ".*". At most `credits` events
     * are delivered before more are granted; what does not fit is dropped and reported as a gap. At most 1024 credits
     * count at a time. Too many subscriptions: on_unsubscribed with XO_RESOURCE_EXHAUSTED follows, or that status is
     * returned here if the host knows at once. */
    XO_SLOT(xo_status, subscribe)(void *XO_NULLABLE ctx, xo_str topic, uint32_t credits, uint64_t token,
        xo_sub *XO_NONNULL out);
    XO_SLOT(void, grant)(void *XO_NULLABLE ctx, xo_sub sub, uint32_t credits);

    /* One-way. on_unsubscribed is the proof that no further event comes. */
    XO_SLOT(void, unsubscribe)(void *XO_NULLABLE ctx, xo_sub sub);

    /* One-way. `payload` is JSON; copied. XO_PERMISSION_DENIED for a topic outside the instance's own name. */
    XO_SLOT(xo_status, publish)(void *XO_NULLABLE ctx, xo_str topic, xo_bytes payload);
} xo_events_host;

typedef struct xo_events {
    uint32_t struct_size;
    uint32_t reserved;

    /* Mandatory. [lane]. Events of one subscription come in the order of publication. */
    XO_SLOT(void, on_event)(void *XO_NULLABLE self, xo_sub sub, uint64_t token, xo_str topic, xo_bytes payload);
    /* [lane]. `lost` events were dropped here for want of credits. */
    XO_SLOT(void, on_gap)(void *XO_NULLABLE self, xo_sub sub, uint64_t token, uint64_t lost);
    /* [lane]. Final. */
    XO_SLOT(void, on_unsubscribed)(void *XO_NULLABLE self, xo_sub sub, uint64_t token, xo_status status);
} xo_events;

#endif
