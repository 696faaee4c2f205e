#include <arpa/inet.h>
#include <sys/socket.h>

#include "placement.h"

/* A transport that answers every request by itself. */
struct server {
    const xo_transport_host *host; /* NULL if there is none */
    int listener;
    pthread_t thread;
};

static struct server *server_of(void *self) { return (struct server *)((instance *)self)->kept; }

static void *serve(void *server) {
    int client;
    while ((client = accept(((struct server *)server)->listener, NULL, NULL)) >= 0) {
        char request[4096], response[128];
        if (read(client, request, sizeof request) > 0) {
            const char *body = is_child_of_daemon() ? "isolated" : "together";
            const int length = snprintf(response, sizeof response,
                "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body);
            send(client, response, (size_t)length, MSG_NOSIGNAL);
        }
        close(client);
    }
    return NULL;
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
};

static const void *get_transport(instance *self, xo_str id) {
    (void)self;
    return same(id, TEXT(XO_TRANSPORT_1)) ? &transport : NULL;
}

static void make_server(instance *self) { self->kept = calloc(1, sizeof(struct server)); }
static void free_server(instance *self) { free((void *)self->kept); }

static xo_status fetch_transport(instance *self, const xo_err *err) {
    (void)err;
    server_of(self)->host = self->host->get_extension(self->host->ctx, TEXT(XO_TRANSPORT_1));
    return XO_OK;
}

static xo_status open_server(instance *self, xo_op op) {
    (void)op;
    struct server *server = server_of(self);
    if (!server->host) return XO_UNSUPPORTED;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(server->listener, (struct sockaddr *)&address, size);
    listen(server->listener, 8);
    getsockname(server->listener, (struct sockaddr *)&address, &size);
    char url[64];
    const int length = snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    server->host->announce(server->host->ctx, (xo_str){url, (uint64_t)length});
    char fields[96];
    const int fields_length = snprintf(fields, sizeof fields, "{\"url\": \"%s\"}", url);
    const xo_log_record record = {
        .struct_size = sizeof record,
        .level = XO_LOG_INFO,
        .message = TEXT("listening"),
        .fields = {fields, (uint64_t)fields_length},
    };
    self->host->log(self->host->ctx, &record);
    pthread_create(&server->thread, NULL, serve, server);
    return XO_OK;
}

static xo_status close_server(instance *self, xo_op op) {
    (void)op;
    shutdown(server_of(self)->listener, SHUT_RDWR);
    pthread_join(server_of(self)->thread, NULL);
    close(server_of(self)->listener);
    return XO_OK;
}

static const struct flaw flaw = {
    .create = make_server,
    .setup = fetch_transport,
    .start = open_server,
    .stop = close_server,
    .destroy = free_server,
    .get_extension = get_transport,
};
