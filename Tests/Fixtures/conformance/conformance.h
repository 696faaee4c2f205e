/* conformance.h - a plugin that passes every test of `xo-plugin check`, of which each file beside this one spoils one
 * thing, so that one test fails and no other.
 *
 * `scripts/build-fixtures` makes conformance/NAME.so of NAME.c. A first line that says link: OPTIONS replaces the
 * linker's options; @OUT@ in it is the folder of the result. Which test has to fail is in Tests/ConformanceTests.
 *
 * The plugin has the method flawed.echo with the parameter "text", an HTTP route, and a configuration with one member.
 * A case sets macros before it includes this header, and functions in `flaw` behind it.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xo_plugin.h>

#define TEXT(literal) ((xo_str){(literal), sizeof(literal) - 1})
#define STATIC_TEXT(literal) {(literal), sizeof(literal) - 1}

#ifndef ID
#define ID "flawed"
#endif
#ifndef SCHEMA
#define SCHEMA \
    "{\"type\": \"object\", \"additionalProperties\": false," \
    " \"properties\": {\"mode\": {\"enum\": [\"a\", \"b\"], \"type\": \"string\", \"default\": \"a\"}}}"
#endif
#ifndef CATALOG
#define CATALOG \
    "[{\"name\": \"flawed.echo\", \"permission\": \"user\"," \
    "  \"params\": {\"text\": {\"type\": \"string\", \"maxLength\": 100}}}]"
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef LIBRARY_SIZE
#define LIBRARY_SIZE sizeof(xo_library)
#endif
#ifndef LIBRARY_MAGIC
#define LIBRARY_MAGIC XO_LIBRARY_MAGIC
#endif
#ifndef LIBRARY_MAJOR
#define LIBRARY_MAJOR XO_ABI_MAJOR
#endif

typedef struct instance {
    xo_instance table;
    const xo_host *host;
    const xo_objects_host *objects; /* NULL if the host has none */
    const xo_http_host *http;       /* the same */
    xo_source source;
    int is_running;
    long state; /* the case's own, as are these */
    const void *kept;
    xo_op kept_op;
} instance;

/* What a case may define behind the include; where it is NULL, the plugin behaves well. */
struct flaw {
    void (*create)(instance *self); /* at the end of create, before the instance is handed out */
    xo_status (*create_instead)(const xo_host *host, const xo_instance **out, const xo_err *err);
    xo_status (*setup)(instance *self, const xo_err *err);
    xo_status (*configure)(instance *self, xo_op op, xo_bytes configuration);
    xo_status (*start)(instance *self, xo_op op); /* after the plugin's own has gone well */
    xo_status (*stop)(instance *self, xo_op op);  /* the same */
    void (*destroy)(instance *self);              /* before memory is freed */
    const char *(*catalog)(instance *self);
    xo_status (*invoke)(instance *self, xo_op op, const xo_call *call);
    void (*cancel)(instance *self, xo_op op);
    const void *(*get_extension)(instance *self, xo_str id);
    xo_status (*on_request)(instance *self, xo_op op);
    void (*no_objects)(instance *self); /* if the host has no table of objects */
    void (*refused)(instance *self);    /* if the host refuses the source */
};
static const struct flaw flaw;

static inline xo_status complete(instance *self, xo_op op, xo_status status, const char *text) {
    const xo_buf payload = {.ptr = (const uint8_t *)text, .len = strlen(text)};
    return self->host->complete(self->host->ctx, op, status, payload);
}

static inline int is(xo_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && bytes.ptr && memcmp(bytes.ptr, text, bytes.len) == 0;
}

static inline int contains(xo_bytes bytes, const char *word) {
    if (!bytes.ptr || bytes.len > INT64_MAX) return 0;
    return memmem(bytes.ptr, bytes.len, word, strlen(word)) != NULL;
}

static inline void wait_milliseconds(long milliseconds) {
    const struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Runs `body` with its argument on a thread of its own. */
static inline void detach(void *(*body)(void *), void *argument) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, argument);
    pthread_detach(thread);
}

/* An operation that is completed later. */
struct later {
    instance *self;
    xo_op op;
    long milliseconds;
};

static inline void *complete_later_body(void *argument) {
    struct later later = *(struct later *)argument;
    free(argument);
    wait_milliseconds(later.milliseconds);
    complete(later.self, later.op, XO_OK, "\"later\"");
    return NULL;
}

static inline xo_status complete_later(instance *self, xo_op op, long milliseconds) {
    struct later *later = malloc(sizeof *later);
    *later = (struct later){self, op, milliseconds};
    detach(complete_later_body, later);
    return XO_ACCEPTED;
}

/* ---- The plugin that passes ---------------------------------------------------------------------------------- */

static xo_status catalog(void *self, xo_bytes *out) {
    const char *text = flaw.catalog ? flaw.catalog(self) : CATALOG;
    *out = (xo_bytes){(const uint8_t *)text, strlen(text)};
    return XO_OK;
}

static xo_status invoke(void *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method;
    if (flaw.invoke) return flaw.invoke(self, op, call);
    complete(self, op, XO_OK, "\"echo\"");
    return XO_ACCEPTED;
}

static xo_status on_request(void *self, xo_op op, uint64_t token, const xo_http_request *request) {
    (void)token, (void)request;
    if (flaw.on_request) return flaw.on_request(self, op);
    const xo_http_host *http = ((instance *)self)->http;
    const xo_http_response response = {.struct_size = sizeof response, .status = 204};
    http->respond(http->ctx, op, &response);
    return XO_ACCEPTED;
}

static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};
static const xo_http http = {.struct_size = sizeof http, .on_request = on_request};

static int same(xo_str one, xo_str other) {
    return one.len == other.len && one.ptr && memcmp(one.ptr, other.ptr, one.len) == 0;
}

static const void *get_extension(void *self, xo_str id) {
    if (flaw.get_extension) return flaw.get_extension(self, id);
    return same(id, TEXT(XO_METHODS_1)) ? (const void *)&methods : same(id, TEXT(XO_HTTP_1)) ? &http : NULL;
}

static xo_status setup(void *untyped, const xo_err *err) {
    instance *self = untyped;
    self->objects = self->host->get_extension(self->host->ctx, TEXT(XO_OBJECTS_1));
    self->http = self->host->get_extension(self->host->ctx, TEXT(XO_HTTP_1));
    return flaw.setup ? flaw.setup(self, err) : XO_OK;
}

static xo_status well_configured(xo_bytes configuration) {
    return is(configuration, "{\"mode\":\"a\"}") || is(configuration, "{\"mode\":\"b\"}") ? XO_OK : XO_INVALID_ARGUMENT;
}

static xo_status configure(void *self, xo_op op, xo_bytes configuration) {
    return flaw.configure ? flaw.configure(self, op, configuration) : well_configured(configuration);
}

static xo_status start(void *untyped, xo_op op) {
    instance *self = untyped;
    if (self->objects) {
        const xo_status status = self->objects->source_open(self->objects->ctx, TEXT("all"), &self->source);
        if (status < 0 && flaw.refused) flaw.refused(self);
        if (status < 0) return status;
    } else if (flaw.no_objects) {
        flaw.no_objects(self);
    }
    xo_route route;
    if (self->http) self->http->route_add(self->http->ctx, TEXT("GET"), TEXT("/flawed"), 1, &route);
    const xo_log_record record = {
        .struct_size = sizeof record, .level = XO_LOG_INFO, .message = TEXT("started"), .fields = TEXT("{\"a\": 1}")};
    self->host->log(self->host->ctx, &record);
    self->is_running = 1;
    return flaw.start ? flaw.start(self, op) : XO_OK;
}

static xo_status stop(void *untyped, xo_op op) {
    instance *self = untyped;
    self->is_running = 0;
    if (self->objects) self->objects->source_close(self->objects->ctx, self->source);
    return flaw.stop ? flaw.stop(self, op) : XO_OK;
}

static void destroy(void *self) {
    if (flaw.destroy) flaw.destroy(self);
    free(self);
}

static void cancel(void *self, xo_op op) {
    if (flaw.cancel) flaw.cancel(self, op);
}

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    if (flaw.create_instead) return flaw.create_instead(host, out, err);
    instance *self = calloc(1, sizeof *self);
    self->host = host;
    self->table = (xo_instance){
        .struct_size = sizeof self->table,
        .data = self,
        .setup = setup,
        .configure = configure,
        .start = start,
        .stop = stop,
        .destroy = destroy,
        .get_extension = get_extension,
        .cancel = cancel,
    };
    if (flaw.create) flaw.create(self);
    *out = &self->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .flags = FLAGS,
    .id = STATIC_TEXT(ID),
    .version = STATIC_TEXT("1.0.0"),
    .configuration_schema = STATIC_TEXT(SCHEMA),
};

/* Not constant, so that cases can spoil it. */
static xo_library library = {
    .struct_size = LIBRARY_SIZE,
    .magic = LIBRARY_MAGIC,
    .major = LIBRARY_MAJOR,
    .minor_built = XO_ABI_MINOR,
    .sdk = STATIC_TEXT("plain C"),
    .descriptor = &descriptor,
    .create = create,
};

static inline const xo_library *well_answered(const xo_query *query) {
    return query->major_min <= XO_ABI_MAJOR && XO_ABI_MAJOR <= query->major_max ? &library : NULL;
}

#ifndef OWN_ENTRY
const xo_library *xo_plugin_entry(const xo_query *query) { return well_answered(query); }
#endif

#endif
