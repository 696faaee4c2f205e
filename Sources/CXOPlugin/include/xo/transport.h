/* xo/transport.h - xo.transport/1: bringing sessions and requests in. Since 1.0.
 *
 * A transport owns sockets and framing and knows nothing of methods or users: it opens a session per connection and
 * hands over each JSON-RPC message as it came; the host authenticates, checks, dispatches, and answers with bytes to be
 * sent as they are.
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
} xo_transport;

#endif
