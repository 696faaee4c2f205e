/* xo/calls.h - xo.calls/1: calling methods, whoever offers them. Since 1.0. */
#ifndef XO_CALLS_H
#define XO_CALLS_H

#include "core.h"

#define XO_CALLS_1 "xo.calls/1"

/* Borrowed for the duration of call. */
typedef struct xo_call_options {
    uint32_t struct_size;
    uint32_t reserved;
    xo_op on_behalf_of;   /* the method call being served, whose caller's rights apply; none: the plugin's own, which it
                           * has only with the grant "calls.as-service" */
    uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0 is none */
} xo_call_options;

typedef struct xo_calls_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* Asynchronous. [any], RUNNING, and while start is under way. `params` is a JSON object or empty; copied. On
     * XO_ACCEPTED, exactly one on_reply with `token` follows. XO_BUSY: too many under way. What the host does not know
     * at once, that reply says. */
    XO_SLOT(xo_status, call)(void *XO_NULLABLE ctx, xo_str method, xo_bytes params,
        const xo_call_options *XO_NULLABLE options, uint64_t token,
        xo_op *XO_NONNULL out);

    /* One-way. [any]. A request; on_reply still comes. */
    XO_SLOT(void, cancel)(void *XO_NULLABLE ctx, xo_op op);
} xo_calls_host;

typedef struct xo_calls {
    uint32_t struct_size;
    uint32_t reserved;

    /* Mandatory. [lane*]. status >= 0: payload is the JSON result; else the JSON error {"code", "message", "data"?}. */
    XO_SLOT(void, on_reply)(void *XO_NULLABLE self, uint64_t token, xo_status status, xo_bytes payload);
} xo_calls;

#endif
