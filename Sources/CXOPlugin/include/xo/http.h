/* xo/http.h - xo.http/1: answering HTTP requests, which transports (xo/transport.h) bring in. Since 1.0. */
#ifndef XO_HTTP_H
#define XO_HTTP_H

#include "core.h"

#define XO_HTTP_1 "xo.http/1"

typedef struct xo_http_header {
    xo_str name; /* lower case in requests */
    xo_str value;
} xo_http_header; /* frozen for revision 1 */

/* Who is at the other end of a connection. Borrowed. */
typedef struct xo_peer {
    uint32_t struct_size;
    uint32_t flags;   /* XO_PEER_* */
    xo_str address;   /* numeric IP address, without port */
    xo_str transport; /* "websocket", "http", ... for people */
} xo_peer;
enum {
    XO_PEER_SECURE = 1u << 0,  /* the connection is encrypted, or never left this machine */
    XO_PEER_LOOPBACK = 1u << 1 /* the peer is on this machine and no proxy spoke for somebody else */
};

/* A request, complete with its body. Borrowed. */
typedef struct xo_http_request {
    uint32_t struct_size;
    uint32_t reserved;
    const xo_peer *XO_NULLABLE peer;
    xo_str method; /* "GET" */
    xo_str path;   /* percent-encoded as it came, from the first '/', without query */
    xo_str query;  /* without '?'; may be empty */
    const xo_http_header *XO_NULLABLE headers;
    uint32_t header_count;
    uint32_t header_stride;
    xo_bytes body;
} xo_http_request;

/* A response. Borrowed for the duration of the call that hands it over. The transport adds the framing headers. */
typedef struct xo_http_response {
    uint32_t struct_size;
    uint32_t status; /* 200 to 599 */
    const xo_http_header *XO_NULLABLE headers;
    uint32_t header_count;
    uint32_t header_stride;
    xo_bytes body;
} xo_http_response;

typedef struct xo_http_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* Local. [any], RUNNING and during start. Routes requests of `method` for `path` here; a path ending in "/" stands
     * for everything below it, the longest match wins. If the route is taken or malformed, the log says so, and no
     * request comes; XO_ALREADY_EXISTS or XO_INVALID_ARGUMENT say it here, too, if the host knows at once. */
    XO_SLOT(xo_status, route_add)(void *XO_NULLABLE ctx, xo_str method, xo_str path, uint64_t token,
        xo_route *XO_NONNULL out);
    XO_SLOT(void, route_remove)(void *XO_NULLABLE ctx, xo_route route);

    /* One-way. Finishes an on_request operation, in place of xo_host.complete. Copied. */
    XO_SLOT(xo_status, respond)(void *XO_NULLABLE ctx, xo_op op, const xo_http_response *XO_NONNULL response);
} xo_http_host;

typedef struct xo_http {
    uint32_t struct_size;
    uint32_t reserved;

    /* Mandatory. [lane*], RUNNING and during start. Answer with respond, within 60 s. xo_host.complete with a negative
     * status, or returning one, is answered for the plugin: 503 for XO_UNAVAILABLE and XO_BUSY, 404 for XO_NOT_FOUND,
     * 403, 401, 400, else 500. */
    XO_SLOT(xo_status, on_request)(void *XO_NULLABLE self, xo_op op, uint64_t token,
        const xo_http_request *XO_NONNULL request);
} xo_http;

#endif
