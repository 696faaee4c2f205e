/* transport.h - the plugin of conformance.h as a transport without sockets: when it starts it opens a session, hands
 * five messages over and sends a request.
 *
 * A case defines TRANSPORT_FLAW as one of these before it includes this header.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "conformance.h"

enum transport_flaw {
    NO_FLAW,
    BELIEVES_TOKENS,
    IGNORES_BUSY,
    USES_CLOSED_SESSION,
    IGNORES_KICK,
    IGNORES_REFUSAL,
    BELIEVES_BODY,
    WAITS_FOR_ANSWERS
};

enum { MESSAGES = 5 };

struct connection {
    const xo_transport_host *host; /* NULL if there is none */
    xo_session session;
    uint32_t sent, answered;
    int is_open;
    xo_op stopping;
};

static struct connection *connection_of(void *self) { return (struct connection *)((instance *)self)->kept; }

static void hand_over(struct connection *connection) {
    xo_message messages[MESSAGES];
    uint32_t count = 0, taken = 0;
    for (uint32_t index = connection->sent; index < MESSAGES; index++)
        messages[count++] = (xo_message){.token = index, .payload = {(const uint8_t *)"12345" + index, 1}};
    if (count == 0) return;
    connection->host->dispatch(connection->host->ctx, connection->session, messages, count, &taken);
    connection->sent += taken;
    if (TRANSPORT_FLAW == IGNORES_BUSY && taken < count)
        connection->host->dispatch(connection->host->ctx, connection->session, messages + taken, 1, &taken);
}

static void close_session(struct connection *connection) {
    if (!connection->is_open) return;
    connection->is_open = 0;
    connection->host->session_close(connection->host->ctx, connection->session);
}

static void on_answers(void *self, xo_session session, const xo_message *answers, uint32_t count) {
    struct connection *connection = connection_of(self);
    if (TRANSPORT_FLAW == BELIEVES_TOKENS && answers[0].token >= MESSAGES) abort();
    if (!connection->is_open || session.id != connection->session.id) return;
    connection->answered += count;
    if (connection->stopping.id && connection->answered >= MESSAGES) {
        complete(self, connection->stopping, XO_OK, "");
        return;
    }
    if (connection->sent < MESSAGES) hand_over(connection);
}

static void deliver(void *self, const xo_session *sessions, uint32_t count, xo_bytes payload) {
    (void)self, (void)sessions, (void)count, (void)payload;
}

static void kick(void *self, xo_session session, xo_str reason) {
    (void)reason;
    struct connection *connection = connection_of(self);
    if (session.id != connection->session.id || TRANSPORT_FLAW == IGNORES_KICK) return;
    close_session(connection);
    if (TRANSPORT_FLAW == USES_CLOSED_SESSION) {
        connection->sent = 0;
        hand_over(connection);
    }
}

static void on_http_response(void *self, uint64_t token, const xo_http_response *response) {
    (void)self, (void)token;
    if (TRANSPORT_FLAW == BELIEVES_BODY && *(volatile const uint8_t *)response->body.ptr) return;
}

static const xo_transport transport = {
    .struct_size = sizeof transport,
    .on_answers = on_answers,
    .deliver = deliver,
    .kick = kick,
    .on_http_response = on_http_response,
};

static const void *get_transport(instance *self, xo_str id) {
    (void)self;
    return same(id, TEXT(XO_TRANSPORT_1)) ? &transport : NULL;
}

static void make_connection(instance *self) { self->kept = calloc(1, sizeof(struct connection)); }

static void free_connection(instance *self) { free((void *)self->kept); }

static xo_status fetch_transport(instance *self, const xo_err *err) {
    (void)err;
    connection_of(self)->host = self->host->get_extension(self->host->ctx, TEXT(XO_TRANSPORT_1));
    return XO_OK;
}

static xo_status start_transport(instance *self, xo_op op) {
    (void)op;
    struct connection *connection = connection_of(self);
    const xo_transport_host *host = connection->host;
    if (!host) return XO_UNSUPPORTED;
    *connection = (struct connection){.host = host};
    const xo_peer peer = {.struct_size = sizeof peer, .address = TEXT("127.0.0.1"), .transport = TEXT("none")};
    const xo_status status = host->session_open(host->ctx, &peer, &connection->session);
    connection->is_open = status >= 0;
    if (status >= 0 || TRANSPORT_FLAW == IGNORES_REFUSAL) hand_over(connection);
    const xo_http_request request = {
        .struct_size = sizeof request, .peer = &peer, .method = TEXT("GET"), .path = TEXT("/flawed")};
    host->http(host->ctx, 1, &request);
    return XO_OK;
}

static xo_status stop_transport(instance *self, xo_op op) {
    struct connection *connection = connection_of(self);
    if (TRANSPORT_FLAW == WAITS_FOR_ANSWERS && connection->is_open && connection->answered < MESSAGES) {
        connection->stopping = op;
        return XO_ACCEPTED;
    }
    close_session(connection);
    return XO_OK;
}

static const struct flaw flaw = {
    .create = make_connection,
    .setup = fetch_transport,
    .start = start_transport,
    .stop = stop_transport,
    .destroy = free_connection,
    .get_extension = get_transport,
};

#endif
