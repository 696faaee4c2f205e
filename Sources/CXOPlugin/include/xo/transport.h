/* xo/transport.h - xo.transport/1: bringing sessions and requests in. Since 1.0.
 *
 * A transport owns connections and framing and knows nothing of methods or users: it opens a session per connection and
 * hands over each JSON-RPC message as it came; the host authenticates, checks, dispatches, and answers with bytes to be
 * sent as they are.
 *
 * The sockets that take connections are the host's: it opens them on demand and lends the transport a descriptor. So
 * they outlive a transport that runs in a process of its own and crashes: who connects meanwhile waits a moment instead
 * of being refused.
 */
#ifndef XO_TRANSPORT_H
#define XO_TRANSPORT_H

#include "core.h"
#include "http.h"

#define XO_TRANSPORT_1 "xo.transport/1"

/* A message on its way, and the transport's name for it. It travels in arrays, so it does not grow. */
typedef struct xo_message {
    uint64_t token;
    xo_bytes payload;
} xo_message;

/* Where to take connections. Borrowed. */
typedef struct xo_endpoint {
    uint32_t struct_size;
    uint32_t port;    /* TCP, 0 to 65535; 0: any that is free */
    xo_str address;   /* an IP address of this machine, or a name that stands for one */
    uint32_t backlog; /* how many connections may wait to be accepted; 0: as many as the system allows */
    uint32_t reserved;
} xo_endpoint;

typedef struct xo_transport_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* Local. [any], RUNNING and during start. A new connection, not signed in. XO_RESOURCE_EXHAUSTED: the host's limit
     * is reached; if the host does not know at once, a kick follows. */
    XO_SLOT(xo_status, session_open)(void *XO_NULLABLE ctx, const xo_peer *XO_NONNULL peer,
        xo_session *XO_NONNULL out);

    /* One-way. [any]. The connection is gone: what it had under way is cancelled, no reply and no kick for it follows.
     * A notification that is on its way may still name it. */
    XO_SLOT(void, session_close)(void *XO_NULLABLE ctx, xo_session session);

    /* One-way. [any]. While `paused` is not 0, the client reads too slowly: no deliver comes for it, and changed
     * objects are remembered by id only. With 0, it gets their present state, and goes on. */
    XO_SLOT(void, session_flow)(void *XO_NULLABLE ctx, xo_session session, uint32_t paused);

    /* Asynchronous. [any], RUNNING and during start. Messages of one client (each JSON text; anything else is answered
     * as the contract says), in their order, copied. For each one that is taken exactly one answer with its token
     * follows, unless the session closes before. XO_ACCEPTED: all were taken. XO_BUSY: the session has too many calls
     * under way; the first `*taken` messages were taken. Stop reading from it until one is answered, then hand the
     * others over again. Any error: none was taken. */
    XO_SLOT(xo_status, dispatch)(void *XO_NULLABLE ctx, xo_session session, const xo_message *XO_NONNULL messages,
        uint32_t count, uint32_t *XO_NONNULL taken);

    /* Asynchronous. [any], RUNNING and during start. An HTTP request that the transport does not answer itself; copied.
     * On XO_ACCEPTED, exactly one on_http_response with `token` follows. */
    XO_SLOT(xo_status, http)(void *XO_NULLABLE ctx, uint64_t token, const xo_http_request *XO_NONNULL request);

    /* One-way. [any]. Where clients can connect now, for people: URLs, separated by spaces; empty if nowhere. Replaces
     * what was announced before. */
    XO_SLOT(void, announce)(void *XO_NULLABLE ctx, xo_str urls);

    /* Asynchronous. [any], RUNNING and during start. Opens a socket that takes connections. On XO_ACCEPTED, exactly one
     * on_listening with `token` follows, unless the instance stops before. An instance that has crashed and asks again
     * gets the socket that it had, and for port 0 the same port. */
    XO_SLOT(xo_status, listen)(void *XO_NULLABLE ctx, const xo_endpoint *XO_NONNULL endpoint, uint64_t token,
        xo_listener *XO_NONNULL out);

    /* One-way. [any]. Takes no more connections there: closes the host's descriptor; the transport closes its own.
     * When the instance has stopped it is done for all that it had. */
    XO_SLOT(void, unlisten)(void *XO_NULLABLE ctx, xo_listener listener);
} xo_transport_host;

typedef struct xo_transport {
    uint32_t struct_size;
    uint32_t reserved;

    /* Mandatory. [lane*], but in order for each session. The answers that are ready, at least one; an empty payload:
     * there is nothing to send. */
    XO_SLOT(void, on_answers)(void *XO_NULLABLE self, xo_session session, const xo_message *XO_NONNULL answers,
        uint32_t count);

    /* Mandatory. [lane*], but in order for each session. A notification for all of these sessions. */
    XO_SLOT(void, deliver)(void *XO_NULLABLE self, const xo_session *XO_NONNULL sessions, uint32_t count,
        xo_bytes payload);

    /* Mandatory. [lane*]. Close the connection; `reason` is at most 120 bytes and meant for the client. */
    XO_SLOT(void, kick)(void *XO_NULLABLE self, xo_session session, xo_str reason);

    /* Mandatory. [lane*]. */
    XO_SLOT(void, on_http_response)(void *XO_NULLABLE self, uint64_t token,
        const xo_http_response *XO_NONNULL response);

    /* Mandatory if the transport uses listen. [lane*]. The outcome. XO_OK: `descriptor` is a socket that listens
     * already, non-blocking and close-on-exec; it is the transport's own from here on. Otherwise `descriptor` is -1 and
     * `detail` the reason in words: XO_ALREADY_EXISTS (the port is taken), XO_PERMISSION_DENIED, XO_NOT_FOUND (no such
     * address here), XO_INVALID_ARGUMENT (neither address nor known name), XO_RESOURCE_EXHAUSTED. */
    XO_SLOT(void, on_listening)(void *XO_NULLABLE self, xo_listener listener, uint64_t token, xo_status status,
        int32_t descriptor, xo_str detail);
} xo_transport;

#endif
