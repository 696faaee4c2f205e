/* loop.c - a transport without a network: measures what the host itself takes for a call.
 *
 * The method bench.dispatch opens a session, signs in with a token, hands the host calls of a method, on an object if one
 * is named, with a number of them under way, and tells how long one took. Beside it: the bare call of a function through a pointer.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <xo_plugin.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}
#define WARM_UP_CALLS 20000
#define MAXIMUM_WINDOW 200

/* The token of the message that signs in; calls have others. */
#define SIGN_IN 1
#define PING 2
static const char pong[] = "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":\"pong\"}";

struct loop {
    xo_instance table;
    const xo_host *host;
    const xo_transport_host *transport;
    pthread_t thread; /* valid while has_thread */
    int has_thread;
    atomic_int is_busy;

    /* One measurement; set before its thread starts. */
    xo_op op;
    unsigned calls;
    unsigned window;
    char sign_in[256];
    char ping[256];

    atomic_uint answered;
    atomic_uint wake_at; /* the thread sleeps until so many are answered; 0: it is awake */
    sem_t wake;
    atomic_uint wrong_answers;
};

static xo_bytes bytes(const char *text) { return (xo_bytes){(const uint8_t *)text, strlen(text)}; }

static double nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* ---- Measuring ----------------------------------------------------------------------------------------------- */

/* Answers come on the host's threads. */
static void on_answers(void *self, xo_session session, const xo_message *answers, uint32_t count) {
    (void)session;
    struct loop *const loop = self;
    for (uint32_t i = 0; i < count; i++) {
        const xo_bytes text = answers[i].payload;
        const int is_right = answers[i].token == SIGN_IN
                                 ? memmem(text.ptr, text.len, "\"result\"", 8) != NULL
                                 : text.len == sizeof pong - 1 && memcmp(text.ptr, pong, sizeof pong - 1) == 0;
        if (!is_right) atomic_fetch_add(&loop->wrong_answers, 1);
    }
    const unsigned answered = atomic_fetch_add(&loop->answered, count) + count;
    unsigned wake_at = atomic_load(&loop->wake_at);
    if (wake_at != 0 && answered >= wake_at && atomic_compare_exchange_strong(&loop->wake_at, &wake_at, 0))
        sem_post(&loop->wake);
}

static void wait_until_answered(struct loop *loop, unsigned count) {
    if (count == 0 || atomic_load(&loop->answered) >= count) return;
    atomic_store(&loop->wake_at, count);
    /* If the answer has come meanwhile, either it has seen wake_at and posts, or it never will. */
    unsigned expected = count;
    if (atomic_load(&loop->answered) >= count && atomic_compare_exchange_strong(&loop->wake_at, &expected, 0)) return;
    while (sem_wait(&loop->wake) != 0) {}
}

/* Hands over `count` messages and waits for their answers. Half a window at a time, as a transport hands over what one
 * read has brought, so that what is measured is not how fast this thread goes to sleep and wakes up. */
static xo_status run(struct loop *loop, xo_session session, uint64_t token, const char *text, unsigned count) {
    const xo_transport_host *const transport = loop->transport;
    const unsigned step = loop->window > 1 ? loop->window / 2 : 1;
    xo_message messages[MAXIMUM_WINDOW / 2];
    for (unsigned i = 0; i < step; i++) messages[i] = (xo_message){token, bytes(text)};
    atomic_store(&loop->answered, 0);
    for (unsigned sent = 0; sent < count;) {
        const unsigned size = sent + step < count ? step : count - sent;
        uint32_t taken = 0;
        const xo_status status = transport->dispatch(transport->ctx, session, messages, size, &taken);
        if (status < 0) return status;
        sent += size;
        const unsigned rest = loop->window - step;
        wait_until_answered(loop, sent > rest ? sent - rest : 0);
    }
    wait_until_answered(loop, count);
    return XO_OK;
}

static xo_status nothing(void *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)self;
    (void)op;
    (void)call;
    return (xo_status)method;
}

/* Nanoseconds for a call of a function like `invoke` through a pointer that the compiler cannot see through. */
static double bare_call(unsigned calls) {
    xo_status (*volatile pointer)(void *, xo_op, uint32_t, const xo_call *) = nothing;
    const double started = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < calls; i++) pointer(NULL, (xo_op){i}, i, NULL);
    return (nanoseconds(CLOCK_MONOTONIC) - started) / calls;
}

/* ---- Yardstick of a process of one's own: a message to another thread and back, through a pair of sockets --------- */

#define PING_PONG_BYTES 100

static void *ping_pong_answer(void *argument) {
    const int socket = *(int *)argument;
    char message[PING_PONG_BYTES];
    ssize_t count;
    while ((count = read(socket, message, sizeof message)) > 0)
        if (write(socket, message, (size_t)count) != count) break;
    return NULL;
}

/* Nanoseconds there and back; 0 if that cannot be measured. */
static double ping_pong(unsigned calls) {
    int sockets[2];
    pthread_t thread;
    char message[PING_PONG_BYTES] = "";
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return 0;
    double used = 0;
    if (pthread_create(&thread, NULL, ping_pong_answer, &sockets[1]) == 0) {
        const double started = nanoseconds(CLOCK_MONOTONIC);
        for (unsigned i = 0; i < calls; i++) {
            if (write(sockets[0], message, sizeof message) != sizeof message) break;
            if (read(sockets[0], message, sizeof message) != sizeof message) break;
        }
        used = nanoseconds(CLOCK_MONOTONIC) - started;
        shutdown(sockets[0], SHUT_RDWR);
        pthread_join(thread, NULL);
    }
    close(sockets[0]);
    close(sockets[1]);
    return used / calls;
}

static xo_status measure(struct loop *loop, char *text, size_t size) {
    const xo_transport_host *const transport = loop->transport;
    const xo_peer peer = {.struct_size = sizeof peer, .flags = XO_PEER_SECURE | XO_PEER_LOOPBACK,
                          .address = TEXT("127.0.0.1"), .transport = TEXT("loop")};
    xo_session session;
    xo_status status = transport->session_open(transport->ctx, &peer, &session);
    if (status < 0) return status;
    sem_init(&loop->wake, 0, 0);
    atomic_store(&loop->wrong_answers, 0);

    status = run(loop, session, SIGN_IN, loop->sign_in, 1);
    if (status >= 0) status = run(loop, session, PING, loop->ping, WARM_UP_CALLS);
    const double cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    const double wall = nanoseconds(CLOCK_MONOTONIC);
    if (status >= 0) status = run(loop, session, PING, loop->ping, loop->calls);
    const double wall_used = nanoseconds(CLOCK_MONOTONIC) - wall;
    const double cpu_used = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    transport->session_close(transport->ctx, session);
    sem_destroy(&loop->wake);
    if (status < 0) return status;
    if (atomic_load(&loop->wrong_answers) != 0) return XO_DATA_CORRUPT;
    snprintf(text, size,
             "{\"calls\":%u,\"window\":%u,\"wallNanoseconds\":%.1f,\"cpuNanoseconds\":%.1f,\"bareNanoseconds\":%.2f,"
             "\"pingPongNanoseconds\":%.1f}",
             loop->calls, loop->window, wall_used / loop->calls, cpu_used / loop->calls, bare_call(100000000),
             ping_pong(20000));
    return XO_OK;
}

static void *thread_main(void *argument) {
    struct loop *const loop = argument;
    char text[512] = "";
    const xo_status status = measure(loop, text, sizeof text);
    const xo_op op = loop->op;
    atomic_store(&loop->is_busy, 0);
    char *const result = status < 0 ? NULL : strdup(text);
    const xo_buf payload = {.ptr = (const uint8_t *)result, .len = result == NULL ? 0 : strlen(result),
                            .owner = result, .release = free};
    loop->host->complete(loop->host->ctx, op, result == NULL && status >= 0 ? XO_RESOURCE_EXHAUSTED : status, payload);
    return NULL;
}

/* ---- The method ---------------------------------------------------------------------------------------------- */

static xo_status catalog(void *self, xo_bytes *out) {
    (void)self;
    static const char text[] =
        "[{\"name\": \"bench.dispatch\","
        "  \"description\": \"Measures the host's dispatch.\","
        "  \"permission\": \"admin\","
        "  \"params\": {\"token\": {\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9_-]{1,100}$\"},"
        "              \"calls\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 100000000},"
        "              \"method\": {\"type\": \"string\", \"pattern\": \"^[a-z.-]{1,50}$\"},"
        "              \"object\": {\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9-]{1,100}$\", \"optional\": true},"
        "              \"window\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 200}}}]";
    *out = (xo_bytes){(const uint8_t *)text, sizeof text - 1};
    return XO_OK;
}

/* What follows `key` and its colon. The host has checked the parameters, and none of them holds a quoted key. */
static const char *member(const char *text, const char *key) {
    const char *const found = strstr(text, key);
    return found == NULL ? "" : found + strlen(key) + strspn(found + strlen(key), ": \"");
}

static xo_status invoke(void *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method;
    struct loop *const loop = self;
    char text[512];
    if (call->params.len >= sizeof text) return XO_INVALID_ARGUMENT;
    memcpy(text, call->params.ptr, call->params.len);
    text[call->params.len] = '\0';
    if (atomic_exchange(&loop->is_busy, 1)) return XO_BUSY;
    if (loop->has_thread) pthread_join(loop->thread, NULL); /* it has only to return */

    const char *const token = member(text, "\"token\"");
    loop->op = op;
    loop->calls = (unsigned)strtoul(member(text, "\"calls\""), NULL, 10);
    loop->window = (unsigned)strtoul(member(text, "\"window\""), NULL, 10);
    snprintf(loop->sign_in, sizeof loop->sign_in,
             "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"session.signIn\",\"params\":{\"token\":\"%.*s\"}}",
             (int)strcspn(token, "\""), token);
    const char *const called = member(text, "\"method\"");
    const char *const object = member(text, "\"object\"");
    const int object_length = (int)strcspn(object, "\"");
    snprintf(loop->ping, sizeof loop->ping,
             object_length > 0 ? "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"%.*s\",\"params\":{\"id\":\"%.*s\"}}"
                               : "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"%.*s\",\"params\":{}}",
             (int)strcspn(called, "\""), called, object_length, object);
    loop->has_thread = pthread_create(&loop->thread, NULL, thread_main, loop) == 0;
    if (!loop->has_thread) atomic_store(&loop->is_busy, 0);
    return loop->has_thread ? XO_ACCEPTED : XO_RESOURCE_EXHAUSTED;
}

/* ---- What else a transport must have ------------------------------------------------------------------------- */

static void deliver(void *self, const xo_session *sessions, uint32_t count, xo_bytes payload) {
    (void)self;
    (void)sessions;
    (void)count;
    (void)payload;
}

static void kick(void *self, xo_session session, xo_str reason) {
    (void)self;
    (void)session;
    (void)reason;
}

static void on_http_response(void *self, uint64_t token, const xo_http_response *response) {
    (void)self;
    (void)token;
    (void)response;
}

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};
    static const xo_transport transport = {.struct_size = sizeof transport, .on_answers = on_answers, .deliver = deliver,
                                           .kick = kick, .on_http_response = on_http_response};
    static const struct {
        xo_str id;
        const void *table;
    } offered[] = {{TEXT(XO_METHODS_1), &methods}, {TEXT(XO_TRANSPORT_1), &transport}};
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        if (id.len == offered[i].id.len && memcmp(id.ptr, offered[i].id.ptr, id.len) == 0) return offered[i].table;
    }
    return NULL;
}

/* ---- The life cycle ------------------------------------------------------------------------------------------ */

static xo_status setup(void *self, const xo_err *err) {
    struct loop *const loop = self;
    loop->transport = loop->host->get_extension(loop->host->ctx, (xo_str)TEXT(XO_TRANSPORT_1));
    if (loop->transport != NULL) return XO_OK;
    err->set(err->ctx, XO_UNSUPPORTED, (xo_str)TEXT("this host does not offer " XO_TRANSPORT_1));
    return XO_UNSUPPORTED;
}

static xo_status start(void *self, xo_op op) {
    (void)self;
    (void)op;
    return XO_OK;
}

static xo_status stop(void *self, xo_op op) {
    (void)op;
    struct loop *const loop = self;
    if (loop->has_thread) pthread_join(loop->thread, NULL);
    loop->has_thread = 0;
    return XO_OK;
}

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    struct loop *const loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        err->set(err->ctx, XO_RESOURCE_EXHAUSTED, (xo_str)TEXT("out of memory"));
        return XO_RESOURCE_EXHAUSTED;
    }
    loop->host = host;
    loop->table = (xo_instance){.struct_size = sizeof loop->table, .data = loop, .setup = setup, .start = start,
                                .stop = stop, .destroy = free, .get_extension = get_extension};
    *out = &loop->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .flags = XO_PLUGIN_CONCURRENT,
    .id = TEXT("bench-loop"),
    .version = TEXT("1.0.0"),
};

static const xo_library library = {
    .struct_size = sizeof library,
    .magic = XO_LIBRARY_MAGIC,
    .major = XO_ABI_MAJOR,
    .minor_built = XO_ABI_MINOR,
    .descriptor = &descriptor,
    .create = create,
};

const xo_library *xo_plugin_entry(const xo_query *query) {
    return query->major_min <= XO_ABI_MAJOR && XO_ABI_MAJOR <= query->major_max ? &library : NULL;
}
