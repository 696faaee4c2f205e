/* xo/objects.h - xo.objects/1: publishing objects into the inventory. Host table only. Since 1.0.
 *
 * The inventory holds each object as the finished JSON record that its source hands in, and forwards those very bytes
 * to clients. A source replaces objects whole; there are no partial updates.
 */
#ifndef XO_OBJECTS_H
#define XO_OBJECTS_H

#include "core.h"

#define XO_OBJECTS_1 "xo.objects/1"

/* One object. Frozen at this size for revision 1; arrays of it carry their stride all the same. */
typedef struct xo_object {
    xo_str id;       /* mandatory; what clients call it; equals the member "id" of the record */
    xo_str type;     /* mandatory; equals the member "type", such as "VM" */
    xo_str pool;     /* equals the member "$pool"; may be empty */
    xo_str ref;      /* a second name under which it can be looked up (XAPI reference); may be empty */
    xo_bytes record; /* mandatory; one JSON object, UTF-8, without line breaks outside of strings */
} xo_object;

/* State of a source. A closed set. */
enum {
    XO_SOURCE_LIVE = 0, /* what it has published is current */
    XO_SOURCE_STALE = 1 /* kept, but not known to be current */
};

typedef struct xo_objects_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* Local. [any], RUNNING and during start. `name` is unique within the instance, for people and metrics. */
    XO_SLOT(xo_status, source_open)(void *XO_NULLABLE ctx, xo_str name, xo_source *XO_NONNULL out);

    /* One-way, in order per source. Between begin and end, put everything that exists; at end, what was not put since
     * begin is removed. Clients see the difference only. */
    XO_SLOT(xo_status, snapshot_begin)(void *XO_NULLABLE ctx, xo_source source);
    XO_SLOT(xo_status, snapshot_end)(void *XO_NULLABLE ctx, xo_source source);

    /* One-way. Adds or replaces; copied. One call is one batch: clients are told of it together. An object whose id
     * another source already holds is parked and becomes visible when that one goes. XO_INVALID_ARGUMENT: one of
     * the objects is malformed; the whole batch is refused, and the log says which. */
    XO_SLOT(xo_status, put)(void *XO_NULLABLE ctx, xo_source source, const xo_object *XO_NULLABLE objects,
        uint32_t count, uint32_t stride);

    /* One-way. Unknown ids are passed over. */
    XO_SLOT(xo_status, remove)(void *XO_NULLABLE ctx, xo_source source, const xo_str *XO_NULLABLE ids,
        uint32_t count, uint32_t stride);

    /* One-way. `detail` is for people. */
    XO_SLOT(xo_status, source_status)(void *XO_NULLABLE ctx, xo_source source, uint32_t state, xo_str detail);

    /* One-way. Removes all of the source's objects; the handle is stale afterwards. */
    XO_SLOT(xo_status, source_close)(void *XO_NULLABLE ctx, xo_source source);
} xo_objects_host;

#endif
