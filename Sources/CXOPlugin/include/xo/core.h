/* xo/core.h - entry, library, descriptor, host, instance. Since 1.0.
 *
 * LIFE CYCLE OF AN INSTANCE
 *
 *   create -> CREATED -- setup -> READY -- configure -> CONFIGURED -- start -> RUNNING -- stop -> STOPPED -> destroy
 *
 *  - configure may come again in RUNNING: the plugin applies the new configuration or rejects it and keeps the old one.
 *  - STOPPED goes back to CONFIGURED by another configure.
 *  - A setup, configure (the first) or start that fails or times out is followed only by destroy, which must cope with
 *    whatever was half built. A rejected reconfiguration in RUNNING changes nothing.
 *  - A library is never unloaded. Several instances of one plugin may live at once; there is no state outside them.
 */
#ifndef XO_CORE_H
#define XO_CORE_H

#include "base.h"

/* ---- What the library is ------------------------------------------------------------------------------------- */

/* What the host speaks; argument of the entry function. Borrowed. */
typedef struct xo_query {
    uint32_t struct_size;
    uint16_t major_min; /* majors that the host speaks */
    uint16_t major_max;
    uint16_t host_minor; /* highest minor of major_max */
    uint16_t reserved_0;
    uint32_t reserved_1;
} xo_query;

/* What a plugin is. Lives as long as the library. */
typedef struct xo_descriptor {
    uint32_t struct_size;
    uint32_t flags;      /* XO_PLUGIN_* */
    xo_str id;           /* mandatory; reverse domain or short name: [a-z0-9.-], at most 128 bytes */
    xo_str version;      /* mandatory; semantic version */
    xo_str name;         /* for people */
    xo_str description;  /* for people */
    xo_str vendor;       /* for people */
    const xo_str *XO_NULLABLE needs; /* capabilities that must be there before this plugin starts */
    uint32_t needs_count;
    uint32_t needs_stride;               /* sizeof(xo_str) */
    const xo_str *XO_NULLABLE provides;  /* capabilities that this plugin offers once it runs */
    uint32_t provides_count;
    uint32_t provides_stride;
    xo_str configuration_schema; /* JSON Schema (2020-12 subset) of the configuration; empty: any object */
} xo_descriptor;
enum {
    XO_PLUGIN_CONCURRENT = 1u << 0 /* [lane*] functions may be called several at once */
};

struct xo_host;
struct xo_instance;

/* What the entry function returns: static, constant, for ever. */
typedef struct xo_library {
    uint32_t struct_size;
    uint32_t flags; /* none yet */
    uint64_t magic; /* XO_LIBRARY_MAGIC */
    uint16_t major; /* the major this library was built for */
    uint16_t minor_built;
    uint16_t host_minor_required; /* the host refuses to load with a lower minor */
    uint16_t reserved;
    xo_str sdk;          /* name and version of the SDK, for people */
    const xo_descriptor *XO_NULLABLE descriptor; /* mandatory */
    /* Makes an instance. Mandatory. [lane]. Must not call the host: keep the pointer and wait for setup. `host` and
     * its tables stay valid for ever. On success stores an instance that is valid until its destroy returns; on failure
     * reports through `err` and stores nothing. */
    XO_SLOT(xo_status, create)(const struct xo_host *XO_NONNULL host,
        const struct xo_instance *XO_NULLABLE *XO_NONNULL out,
        const xo_err *XO_NONNULL err);
} xo_library;
#define XO_LIBRARY_MAGIC 0x316e69676c504f58 /* "XOPlgin1" in memory */

/* The only symbol that a plugin exports, and the only one that the host looks up. [entry]. Returns NULL if the library
 * supports no major in the host's range. May be called many times. */
XO_EXPORT const xo_library *XO_NULLABLE xo_plugin_entry(const xo_query *XO_NONNULL query);

/* ---- What the host offers ------------------------------------------------------------------------------------ */

/* Log levels. The last two put the blame on a side. A closed set. */
enum {
    XO_LOG_TRACE = 0,
    XO_LOG_DEBUG = 1,
    XO_LOG_INFO = 2,
    XO_LOG_WARNING = 3,
    XO_LOG_ERROR = 4,
    XO_LOG_HOST_MISBEHAVING = 5,
    XO_LOG_PLUGIN_MISBEHAVING = 6
};

/* One log record. Borrowed; copied before log returns. Put no secret into it. */
typedef struct xo_log_record {
    uint32_t struct_size;
    int32_t level;
    xo_str message; /* a plain sentence; what varies belongs into the fields */
    xo_str fields;  /* JSON object of texts and numbers, or empty */
} xo_log_record;

/* The host as one instance sees it. All functions [any], from setup on; after destroy has returned they do nothing, so
 * that a thread which comes late does no harm. All slots of minor 0 are mandatory. Functions of the extensions that are
 * called in another state than theirs do nothing and return XO_WRONG_STATE. */
typedef struct xo_host {
    uint32_t struct_size;
    uint16_t major; /* effective: what both sides speak */
    uint16_t minor;
    void *XO_NULLABLE ctx; /* first argument of every function */
    xo_str name;           /* "xo-host" */
    xo_str version;
    xo_str instance_id; /* the id from plugins.json; stable across restarts */
    xo_str data_dir;    /* a folder of this instance's own, mode 0700, made on first use of the store or by the host */

    /* Local. A host table by id, such as "xo.calls/1"; NULL if this host has none of that id, or if it is not granted.
     * The table stays valid for ever. */
    XO_SLOT(const void *XO_NULLABLE, get_extension)(void *XO_NULLABLE ctx, xo_str id);

    /* Local. Non-zero if a record of this level would be kept; cheap, for skipping costly preparation. */
    XO_SLOT(uint32_t, log_enabled)(void *XO_NULLABLE ctx, int32_t level);

    /* One-way. */
    XO_SLOT(void, log)(void *XO_NULLABLE ctx, const xo_log_record *XO_NONNULL record);

    /* One-way. Finishes an operation that the host started: a method call, configure, start, stop, an HTTP request.
     * Exactly once per operation that was accepted; later ones get XO_STALE_HANDLE and are counted against the plugin.
     * May be called before the function that received the operation returns. Always takes `payload`, whatever it
     * returns.
     *   status >= 0: payload is the JSON result; empty means "no result" (clients of methods see `true`).
     *   status < 0:  payload is empty, or the JSON error that clients shall see: {"code", "message", "data"?}; codes in
     *                docs/plugin-authors.md. For life-cycle operations "message" is what the administrator reads. */
    XO_SLOT(xo_status, complete)(void *XO_NULLABLE ctx, xo_op op, xo_status status, xo_buf payload);

    /* Local. Non-zero if the operation was cancelled, is past its deadline, or is unknown. */
    XO_SLOT(uint32_t, is_cancelled)(void *XO_NULLABLE ctx, xo_op op);
} xo_host;

/* ---- What an instance offers --------------------------------------------------------------------------------- */

/* `self` is the member `data`. A function that receives an operation returns XO_ACCEPTED if the operation was or will
 * be completed, XO_OK if it is done without result, or a negative status that completes it. */
typedef struct xo_instance {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE data;

    /* Mandatory. [lane], CREATED, at most 1 s. Fetch tables, allocate; no I/O. */
    XO_SLOT(xo_status, setup)(void *XO_NULLABLE self, const xo_err *XO_NONNULL err);

    /* [lane], READY, RUNNING, STOPPED. `configuration` is a JSON object that fits the descriptor's schema, defaults
     * filled in, secrets resolved. NULL: the plugin takes no configuration. */
    XO_SLOT(xo_status, configure)(void *XO_NULLABLE self, xo_op op, xo_bytes configuration);

    /* Mandatory. [lane], CONFIGURED. Complete when ready to serve; declare metrics and register routes before. */
    XO_SLOT(xo_status, start)(void *XO_NULLABLE self, xo_op op);

    /* Mandatory. [lane], RUNNING. Finish or abandon what is under way, release sockets and threads. Once completed, all
     * handles of the instance are stale and no further callback begins but configure, start and destroy: outcomes that
     * were promised are not reported any more. */
    XO_SLOT(xo_status, stop)(void *XO_NULLABLE self, xo_op op);

    /* Mandatory. [lane], every state but RUNNING, and not before every callback has returned. After it returns, nothing
     * of either side calls the other; only what a step that was given up has begun may still come to its end. */
    XO_SLOT(void, destroy)(void *XO_NULLABLE self);

    /* [lane], from READY on. A plugin table by id, NULL if there is none; the same answer for the instance's life. */
    XO_SLOT(const void *XO_NULLABLE, get_extension)(void *XO_NULLABLE self, xo_str id);

    /* [lane*], RUNNING. The operation's result is no longer wanted; still complete it, once. */
    XO_SLOT(void, cancel)(void *XO_NULLABLE self, xo_op op);
} xo_instance;

#endif
