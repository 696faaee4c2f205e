/* xo/store.h - xo.store/1: small durable data of an instance. Since 1.0.
 *
 * Keys are UTF-8 texts of 1 to 512 bytes, values JSON texts of at most 1 MiB. A put is acknowledged when it is on disk.
 * An instance sees only its own keys.
 */
#ifndef XO_STORE_H
#define XO_STORE_H

#include "core.h"

#define XO_STORE_1 "xo.store/1"

enum {
    XO_STORE_SECRET = 1u << 0 /* encrypted at rest */
};

typedef struct xo_store_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* All asynchronous; [any], RUNNING and while configure or start are under way. On XO_ACCEPTED, exactly one on_store
     * with `token` follows. Operations of one instance are carried out in the order of the calls. XO_BUSY: too many are
     * under way. */

    /* Payload: the value. XO_NOT_FOUND if there is none. */
    XO_SLOT(xo_status, get)(void *XO_NULLABLE ctx, xo_str key, uint64_t token);

    /* `expected` is the revision that must stand there, 0 for "no such key", UINT64_MAX for "whatever it is"; if it
     * does not: XO_FAILED_PRECONDITION. The new revision is reported. */
    XO_SLOT(xo_status, put)(void *XO_NULLABLE ctx, xo_str key, xo_bytes value, uint32_t flags,
        uint64_t expected, uint64_t token);

    /* XO_OK also if there was none. */
    XO_SLOT(xo_status, remove)(void *XO_NULLABLE ctx, xo_str key, uint64_t token);

    /* Payload: a JSON object, key to value, of all keys that begin with `prefix`. */
    XO_SLOT(xo_status, list)(void *XO_NULLABLE ctx, xo_str prefix, uint64_t token);
} xo_store_host;

typedef struct xo_store {
    uint32_t struct_size;
    uint32_t reserved;

    /* Mandatory. [lane*]. The payload is wiped afterwards. */
    XO_SLOT(void, on_store)(void *XO_NULLABLE self, uint64_t token, xo_status status, uint64_t revision,
        xo_bytes payload);
} xo_store;

#endif
