/* listening.h - the plugin of conformance.h as a transport that has the host open two sockets, and answers every request
 * there by itself: it brings in no session, and says nowhere that it listens.
 *
 * A case defines LISTENING_FLAW as one of these before it includes this header.
 */
#ifndef LISTENING_H
#define LISTENING_H

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "files.h"
#include "placement.h"

enum listening_flaw {
    NO_LISTENING_FLAW,
    SERVES_BY_PARENT,
    BELIEVES_REASON,
    LEAKS_AT_REFUSAL,
    LEAKS_LATE,
    LEAKS_AT_STOP,
    CLOSES_TWICE,
    DEAF_AFTER_CRASH,
    ANSWERS_TWICE
};

enum { SOCKETS = 2 };

struct server {
    instance *self;
    const xo_transport_host *host; /* NULL if there is none */
    xo_listener listeners[SOCKETS];
    int descriptors[SOCKETS]; /* -1: none */
    int answers;              /* how many have come for this start */
    int refused;              /* how many of them without a socket */
    xo_op starting;           /* 0: not under way */
    pthread_t threads[SOCKETS];
    int wake; /* readable when the threads are to end */
    int is_serving;
    int is_deaf;
};

static struct server *server_of(void *self) { return (struct server *)((instance *)self)->kept; }

static void answer_client(struct server *server, int client) {
    char request[4096], response[160];
    if (read(client, request, sizeof request) <= 0 || server->is_deaf) return;
    const char *body = LISTENING_FLAW == SERVES_BY_PARENT && is_child_of_daemon() ? "isolated" : "together";
    const int length = snprintf(response, sizeof response,
        "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body);
    for (int time = 0; time < (LISTENING_FLAW == ANSWERS_TWICE ? 2 : 1); time++)
        send(client, response, (size_t)length, MSG_NOSIGNAL);
}

struct seat {
    struct server *server;
    int descriptor;
};

static void *serve(void *untyped) {
    const struct seat seat = *(struct seat *)untyped;
    free(untyped);
    struct pollfd sets[] = {{.fd = seat.descriptor, .events = POLLIN}, {.fd = seat.server->wake, .events = POLLIN}};
    while (poll(sets, 2, -1) >= 0 && !sets[1].revents) {
        const int client = accept(seat.descriptor, NULL, NULL);
        if (client < 0) continue;
        answer_client(seat.server, client);
        close(client);
    }
    return NULL;
}

static void begin_serving(struct server *server) {
    server->wake = eventfd(0, EFD_CLOEXEC);
    for (int index = 0; index < SOCKETS; index++) {
        struct seat *seat = malloc(sizeof *seat);
        *seat = (struct seat){server, server->descriptors[index]};
        pthread_create(&server->threads[index], NULL, serve, seat);
    }
    server->is_serving = 1;
}

/* What nobody closes then. */
static void forget_sockets(struct server *server) {
    for (int index = 0; index < SOCKETS; index++) server->descriptors[index] = -1;
}

static void close_sockets(struct server *server) {
    if (server->is_serving) {
        eventfd_write(server->wake, 1);
        for (int index = 0; index < SOCKETS; index++) pthread_join(server->threads[index], NULL);
        close(server->wake);
    }
    server->is_serving = 0;
    for (int index = 0; index < SOCKETS; index++) {
        if (server->descriptors[index] < 0) continue;
        server->host->unlisten(server->host->ctx, server->listeners[index]);
        close(server->descriptors[index]);
        if (LISTENING_FLAW != CLOSES_TWICE) server->descriptors[index] = -1;
    }
}

static void on_listening(
    void *self, xo_listener listener, uint64_t token, xo_status status, int32_t descriptor, xo_str detail) {
    struct server *server = server_of(self);
    if (LISTENING_FLAW == BELIEVES_REASON && status < 0) server->self->state = (long)strlen(detail.ptr);
    if (token >= SOCKETS) return;
    server->listeners[token] = listener;
    server->descriptors[token] = descriptor;
    server->refused += status < 0;
    if (++server->answers < SOCKETS) return;
    if (LISTENING_FLAW == LEAKS_LATE && server->self->host->is_cancelled(server->self->host->ctx, server->starting)) {
        forget_sockets(server);
    } else if (server->refused) {
        if (LISTENING_FLAW == LEAKS_AT_REFUSAL) forget_sockets(server);
        close_sockets(server);
        complete(self, server->starting, XO_UNAVAILABLE, "{\"code\": -32000, \"message\": \"there is no socket\"}");
    } else {
        begin_serving(server);
        complete(self, server->starting, XO_OK, "");
    }
    server->starting.id = 0;
}

static void ignore_answers(void *self, xo_session session, const xo_message *answers, uint32_t count) {
    (void)self, (void)session, (void)answers, (void)count;
}
static void ignore_notification(void *self, const xo_session *sessions, uint32_t count, xo_bytes payload) {
    (void)self, (void)sessions, (void)count, (void)payload;
}
static void ignore_kick(void *self, xo_session session, xo_str reason) { (void)self, (void)session, (void)reason; }
static void ignore_response(void *self, uint64_t token, const xo_http_response *response) {
    (void)self, (void)token, (void)response;
}

static const xo_transport transport = {
    .struct_size = sizeof transport,
    .on_answers = ignore_answers,
    .deliver = ignore_notification,
    .kick = ignore_kick,
    .on_http_response = ignore_response,
    .on_listening = on_listening,
};

static const void *get_transport(instance *self, xo_str id) {
    (void)self;
    return same(id, TEXT(XO_TRANSPORT_1)) ? &transport : NULL;
}

static void make_server(instance *self) {
    struct server *server = calloc(1, sizeof *server);
    server->self = self;
    for (int index = 0; index < SOCKETS; index++) server->descriptors[index] = -1;
    self->kept = server;
}

static void free_server(instance *self) {
    close_sockets(server_of(self));
    free(server_of(self));
}

static xo_status fetch_transport(instance *self, const xo_err *err) {
    (void)err;
    server_of(self)->host = self->host->get_extension(self->host->ctx, TEXT(XO_TRANSPORT_1));
    return XO_OK;
}

static xo_status open_sockets(instance *self, xo_op op) {
    struct server *server = server_of(self);
    if (!server->host) return XO_UNSUPPORTED;
    if (LISTENING_FLAW == DEAF_AFTER_CRASH) server->is_deaf = !make_file(self, "alive");
    server->answers = server->refused = 0;
    server->starting = op;
    for (uint64_t token = 0; token < SOCKETS; token++) {
        const xo_endpoint endpoint = {.struct_size = sizeof endpoint, .address = TEXT("127.0.0.1")};
        const xo_status status =
            server->host->listen(server->host->ctx, &endpoint, token, &server->listeners[token]);
        if (status < 0) return status;
    }
    return XO_ACCEPTED;
}

static xo_status end_server(instance *self, xo_op op) {
    (void)op;
    if (LISTENING_FLAW == LEAKS_AT_STOP) server_of(self)->descriptors[0] = -1;
    close_sockets(server_of(self));
    if (LISTENING_FLAW == DEAF_AFTER_CRASH) remove_file(self, "alive");
    return XO_OK;
}

static const struct flaw flaw = {
    .create = make_server,
    .setup = fetch_transport,
    .start = open_sockets,
    .stop = end_server,
    .destroy = free_server,
    .get_extension = get_transport,
};

#endif
