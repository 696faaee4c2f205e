/* xo/base.h - words that all tables use. Since 1.0. */
#ifndef XO_BASE_H
#define XO_BASE_H

#include <stddef.h>
#include <stdint.h>

#define XO_ABI_MAJOR 1
#define XO_ABI_MINOR 0

/* Annotations that only clang and Swift understand; empty elsewhere. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wnullability-extension"
#define XO_NULLABLE _Nullable
#define XO_NONNULL _Nonnull
#else
#define XO_NULLABLE
#define XO_NONNULL
#endif
#if defined(__clang__) && defined(__has_attribute)
#if __has_attribute(swift_attr)
/* Callbacks come on threads of the host's choice, never on a Swift actor. */
#define XO_SENDABLE __attribute__((swift_attr("@Sendable")))
#endif
#endif
#ifndef XO_SENDABLE
#define XO_SENDABLE
#endif

/* A function slot of a table: its result type and its name; the parameters follow. */
#define XO_SLOT(result, name) XO_SENDABLE result(*XO_NULLABLE name)

#if defined(__cplusplus)
#define XO_EXTERN_C extern "C"
#else
#define XO_EXTERN_C
#endif
#define XO_EXPORT XO_EXTERN_C __attribute__((visibility("default")))

/* True if `field` of the sized struct that `pointer` points to lies inside the size that its maker announced. */
#define XO_HAS_FIELD(type, pointer, field) \
    ((pointer)->struct_size >= offsetof(type, field) + sizeof((pointer)->field))

/* THREAD CLASSES, named in brackets at each function.
 *
 *  [entry]   Any thread, several at once, before any instance exists. Must be pure: no threads, no I/O, nothing
 *            allocated that would have to be freed. Below 1 ms.
 *  [lane]    The host calls these one at a time per instance, on any of its threads. Budget 10 ms: never wait for I/O
 *            or for another thread. A plugin whose descriptor has XO_PLUGIN_CONCURRENT gets those marked [lane*]
 *            several at once, also beside the others.
 *  [any]     May be called from every thread, also the plugin's own, at any time in the stated life-cycle states.
 *            Never blocks. All host functions are [any].
 *
 * The host never calls a plugin from inside a host function; so a plugin may hold its own locks while it calls the
 * host. But the outcome of an asynchronous call may arrive on another thread before the call has returned on this one:
 * what the token stands for must be in place before the call. Nothing may unwind across the boundary: no C++ exception,
 * Rust panic, Swift error or longjmp.
 */

/* STATUS. Zero and positive are success, negative are errors. An open set. */
typedef int32_t xo_status;
enum {
    XO_OK = 0,
    XO_ACCEPTED = 1, /* the outcome follows later, exactly once */

    XO_INVALID_ARGUMENT = -1,
    XO_NOT_FOUND = -2,
    XO_ALREADY_EXISTS = -3,
    XO_PERMISSION_DENIED = -4,
    XO_UNAUTHENTICATED = -5,
    XO_UNAVAILABLE = -6, /* try again later */
    XO_BUSY = -7,        /* too much is under way; try again when some of it is done */
    XO_CANCELLED = -8,
    XO_DEADLINE = -9,
    XO_UNSUPPORTED = -10,
    XO_FAILED_PRECONDITION = -11,
    XO_RESOURCE_EXHAUSTED = -12,
    XO_DATA_CORRUPT = -13,
    XO_INTERNAL = -14,
    XO_STALE_HANDLE = -15, /* the handle's object is gone; harmless, counted */
    XO_WRONG_STATE = -16
};

/* BORROWED VIEWS. Valid until the function they were passed to returns. {NULL, 0} is empty; NULL with a length, or a
 * length above INT64_MAX, is an error that the receiver reports as XO_INVALID_ARGUMENT. */
typedef struct xo_str {
    const char *XO_NULLABLE ptr; /* UTF-8, not NUL-terminated */
    uint64_t len;
} xo_str;

typedef struct xo_bytes {
    const uint8_t *XO_NULLABLE ptr;
    uint64_t len;
} xo_bytes;

/* OWNED BUFFER. Moved to the receiver, who calls release(owner) exactly once, on any thread, when done; release may be
 * NULL for memory that lives for ever. It may be called inside of the function that takes the buffer, so
 * it must neither call the host nor take a lock that may be held there. */
typedef struct xo_buf {
    const uint8_t *XO_NULLABLE ptr;
    uint64_t len;
    void *XO_NULLABLE owner;
    XO_SLOT(void, release)(void *XO_NULLABLE owner);
    uint32_t flags; /* XO_BUF_* */
    uint32_t reserved;
} xo_buf;
enum {
    XO_BUF_SECRET = 1u << 0 /* must not be logged, and is wiped before it is released */
};

/* HANDLES name what is under way: low 40 bits an index, high 24 bits a generation; 0 is none. Made by the host. Using a
 * stale one is harmless: XO_STALE_HANDLE, and a counter that administrators see. */
typedef struct xo_op {
    uint64_t id;
} xo_op; /* one accepted, unfinished operation */
typedef struct xo_session {
    uint64_t id;
} xo_session; /* one connection of a client */
typedef struct xo_source {
    uint64_t id;
} xo_source; /* one source of objects */
typedef struct xo_sub {
    uint64_t id;
} xo_sub; /* one subscription */
typedef struct xo_route {
    uint64_t id;
} xo_route; /* one HTTP route */
typedef struct xo_listener {
    uint64_t id;
} xo_listener; /* one socket that takes connections */
typedef struct xo_metric {
    uint64_t id;
} xo_metric; /* one series of a metric */

/* ERROR SINK, made by the host for the duration of one call, never NULL, never to be stored. `set` copies at once; the
 * last one wins. `message` says what was wrong, what was expected and what to do, for an administrator. */
typedef struct xo_err {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;
    XO_SLOT(void, set)(void *XO_NULLABLE ctx, xo_status status, xo_str message);
} xo_err;

#endif
