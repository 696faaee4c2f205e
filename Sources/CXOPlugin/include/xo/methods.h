/* xo/methods.h - xo.methods/1: the JSON-RPC methods that a plugin offers. Plugin table only. Since 1.0. */
#ifndef XO_METHODS_H
#define XO_METHODS_H

#include "core.h"

#define XO_METHODS_1 "xo.methods/1"

/* One call. Borrowed for the duration of invoke. The host has checked `params` against the method's schema (defaults
 * filled in), the caller's permission, and that the objects named by parameters exist. */
typedef struct xo_call {
    uint32_t struct_size;
    uint32_t flags;       /* XO_CALL_* */
    xo_bytes params;      /* JSON object */
    xo_bytes caller;      /* JSON object: {"id", "name", "permission", "address"?}; "id" is null for the host itself */
    xo_bytes objects;     /* JSON object: for each object parameter given, its record as in the inventory */
    uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0 is none */
    uint64_t trace_high;  /* trace id, for logs */
    uint64_t trace_low;
} xo_call;
enum {
    XO_CALL_INTERNAL = 1u << 0 /* from the host or a plugin, not from a client */
};

typedef struct xo_methods {
    uint32_t struct_size;
    uint32_t reserved;

    /* Mandatory. [lane], READY. The catalogue, a JSON array, valid and unchanged for the instance's life:
     *   [{"name": "vm.start",                 namespace, dot, name; unique among all plugins
     *     "description": "...",
     *     "permission": "user",               mandatory: "public", "user" (signed in), "read", "write" or "admin"
     *     "params": {"id": {"type": "string"}},  schema by parameter; absent: anything goes. docs/plugin-authors.md
     *     "objects": {"id": {"types": ["VM"], "permission": "operate"}},   parameters that name objects, and the right
     *                                          the caller needs on them: "view", "operate", "administrate" or null
     *     "timeout": 30000,                   milliseconds; absent: none
     *     "idempotent": true}]                a second call does no harm and has the same result; absent: false. If the
     *                                          plugin's process ends under it, it is called once more
     * A broken entry is refused by name; the others are served. */
    XO_SLOT(xo_status, catalog)(void *XO_NULLABLE self, xo_bytes *XO_NONNULL out);

    /* Mandatory. [lane*], RUNNING. `method` is the index in the catalogue. Completed by xo_host.complete. */
    XO_SLOT(xo_status, invoke)(void *XO_NULLABLE self, xo_op op, uint32_t method,
        const xo_call *XO_NONNULL call);
} xo_methods;

#endif
