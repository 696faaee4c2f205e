/* broken.h - a plugin that works, of which each file beside this one spoils one thing.
 *
 * `scripts/build-fixtures` makes NAME.so of NAME.c, with FIXTURE = "NAME" as the plugin's id and NAMESPACE its camelCase
 * form, in which the methods are: setup-hangs.so offers setupHangs.ping. In every case the host logs what is wrong, with
 * the instance and the file, and goes on serving the other plugins.
 *
 *   file                what it does                            what the host must do
 *   ------------------  --------------------------------------  -----------------------------------------------------
 *   no-entry            exports something else                  refuse: no xo_plugin_entry
 *   wrong-major         returns NULL from the entry             refuse: speaks no major in the host's range
 *   future-major        returns a library of major 2            refuse: the same
 *   needs-newer-host    requires a minor of 999                 refuse: names both minors
 *   other-magic         has a foreign magic number              refuse: not a library record
 *   short-library       announces a library without `create`    refuse: mandatory slot outside of struct_size
 *   short-tables        announces an instance without `stop`    refuse: mandatory slot outside of struct_size
 *   null-mandatory-slot has no `start`                          refuse: names the slot
 *   create-fails        reports an error from create            failed, with its message; no further step
 *   setup-fails         reports an error from setup             failed, with its message; destroy follows
 *   setup-hangs         never returns from setup                failed by time-out; its lane is given up
 *   configure-rejects   rejects {"mood": "bad"}                 failed at start; while running: old one stays, told
 *   start-fails         completes start with an error payload   failed, with the payload's message; destroy follows
 *   start-hangs         accepts start, never completes it       failed by time-out; destroy follows
 *   start-blocks        never returns from start                failed by time-out; its lane is given up
 *   stop-hangs          accepts stop, never completes it        given up after the time-out, and destroyed
 *   method-twice        lists ping twice                        refuse the second by name; serve the first
 *   broken-schema       lists one impossible schema             refuse `broken` by name; serve `ping`
 *   no-permission       lists one method without permission     refuse `open` by name; serve `ping`
 *   catalog-not-json    has a catalogue that is no JSON         failed, or without methods; says where
 *   completes-twice     completes a call with 1, then with 2    answer 1; the second gets XO_STALE_HANDLE, counted
 *   never-completes     never completes a call                  time-out error after the method's 200 ms
 *   invalid-json-result completes with text that is no JSON     internal error to the client
 *   invalid-utf8-result completes with bytes that are no UTF-8  internal error to the client
 *   lying-length        `null`: NULL with length 5;             internal error to the client; never a crash
 *                       `huge`: a length above INT64_MAX
 *   error-result        `payload`: an XO error with data;       the error as it is,
 *                       `status`: returns XO_NOT_FOUND          an error for the status
 *   bad-object          `put` publishes a record that is no     refuse the batch with XO_INVALID_ARGUMENT, which is the
 *                       JSON and gives back the status          method's result (-1)
 *
 * and some that are sound but show what the host does:
 *
 *   lifecycle-recorder  appends each step as a line to the configuration's "file": create, setup, configure {...},
 *                       start, stop, destroy; the first two are written with the first configure
 *   slow                `wait` {"ms"} answers {"ms"} after that time from a thread of its own, or as soon as it sees
 *                       that it was cancelled
 *   crowd               names its methods after the instance: ID.whoami gives {"instance": ID, "calls": how many so far}
 *   churn               `put` {"objects", "bytes", "round"} publishes that many objects of that size, one after the
 *                       other, marked with the round
 *   crash               `now` {"how"} ends its process by "segv", "abort", "exit" or by closing its socket ("close");
 *                       `never` is never answered; called dies-in-setup or dies-in-start it does that; publishes the
 *                       objects `same` and `maker`, which names the process
 *   dies-when-opened    crashes the host by its constructor; loaded by a runner it works
 *   vouches             is a provider of identities: for vera (password vera-pw, token vera-token, and whoever comes
 *                       back with person=vera); denies dora, is in trouble with tom; `set` {voucher} changes what it says
 *                       of vera, null that she is gone; `revoke` {"subject"} ends her sessions
 */
#ifndef BROKEN_H
#define BROKEN_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xo_plugin.h>

#define TEXT(literal) ((xo_str){(literal), sizeof(literal) - 1})
#define STATIC_TEXT(literal) {(literal), sizeof(literal) - 1}

/* An entry of a catalogue, and the one that all have. */
#define METHOD(name, rest) "{\"name\": \"" NAMESPACE "." name "\", \"description\": \"A test.\", " rest "}"
#define PING METHOD("ping", "\"permission\": \"user\", \"params\": {}")

/* What a case may set before it includes this header. */
#ifndef CATALOG
#define CATALOG "[" PING "]"
#endif
#ifndef SCHEMA
#define SCHEMA ""
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
#ifndef HOST_MINOR_REQUIRED
#define HOST_MINOR_REQUIRED 0
#endif
#ifndef INSTANCE_SIZE
#define INSTANCE_SIZE sizeof(xo_instance)
#endif

typedef struct instance {
    xo_instance table;
    const xo_host *host;
    void *state; /* the case's own */
    char catalog[1024];
} instance;

/* What a case may define behind the include; where it is NULL, the plugin behaves well. */
struct behaviour {
    xo_status (*create)(const xo_err *err);
    xo_status (*setup)(instance *self, const xo_err *err);
    xo_status (*configure)(instance *self, xo_op op, xo_bytes configuration);
    xo_status (*start)(instance *self, xo_op op);
    xo_status (*stop)(instance *self, xo_op op);
    void (*destroy)(instance *self);
    xo_status (*invoke)(instance *self, xo_op op, uint32_t method, const xo_call *call);
    void (*amend)(instance *self); /* at the end of create */
    const void *(*extension)(xo_str id); /* tables beside that of the methods */
};
static const struct behaviour behaviour;

/* Completes with bytes that live for ever. */
static inline xo_status complete(instance *self, xo_op op, xo_status status, const char *bytes, uint64_t length) {
    const xo_buf payload = {.ptr = (const uint8_t *)bytes, .len = length};
    return self->host->complete(self->host->ctx, op, status, payload);
}

/* Completes with a text made for the occasion. */
__attribute__((format(printf, 4, 5))) static inline xo_status complete_with(
    instance *self, xo_op op, xo_status status, const char *format, ...) {
    char *text = malloc(1024);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, 1024, format, arguments);
    va_end(arguments);
    const xo_buf payload = {.ptr = (const uint8_t *)text, .len = strlen(text), .owner = text, .release = free};
    return self->host->complete(self->host->ctx, op, status, payload);
}

static inline int contains(xo_bytes bytes, const char *word) {
    const size_t length = strlen(word);
    for (uint64_t at = 0; at + length <= bytes.len; at++)
        if (memcmp(bytes.ptr + at, word, length) == 0) return 1;
    return 0;
}

/* ---- The plugin that works ----------------------------------------------------------------------------------- */

static xo_status catalog(void *self, xo_bytes *out) {
    const char *text = ((instance *)self)->catalog;
    *out = (xo_bytes){(const uint8_t *)text, strlen(text)};
    return XO_OK;
}

static xo_status invoke(void *self, xo_op op, uint32_t method, const xo_call *call) {
    if (behaviour.invoke) return behaviour.invoke(self, op, method, call);
    complete(self, op, XO_OK, "\"pong\"", 6);
    return XO_ACCEPTED;
}

static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};

static xo_status setup(void *self, const xo_err *err) { return behaviour.setup ? behaviour.setup(self, err) : XO_OK; }

static xo_status configure(void *self, xo_op op, xo_bytes configuration) {
    return behaviour.configure ? behaviour.configure(self, op, configuration) : XO_OK;
}

static xo_status start(void *self, xo_op op) { return behaviour.start ? behaviour.start(self, op) : XO_OK; }

static xo_status stop(void *self, xo_op op) { return behaviour.stop ? behaviour.stop(self, op) : XO_OK; }

static void destroy(void *self) {
    if (behaviour.destroy) behaviour.destroy(self);
    free(self);
}

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    if (id.len == strlen(XO_METHODS_1) && memcmp(id.ptr, XO_METHODS_1, id.len) == 0) return &methods;
    return behaviour.extension ? behaviour.extension(id) : NULL;
}

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    if (behaviour.create) return behaviour.create(err);
    instance *self = calloc(1, sizeof *self);
    self->host = host;
    strcpy(self->catalog, CATALOG);
    self->table = (xo_instance){
        .struct_size = INSTANCE_SIZE,
        .data = self,
        .setup = setup,
        .configure = configure,
        .start = start,
        .stop = stop,
        .destroy = destroy,
        .get_extension = get_extension,
    };
    if (behaviour.amend) behaviour.amend(self);
    *out = &self->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .id = STATIC_TEXT(FIXTURE),
    .version = STATIC_TEXT("1.0.0"),
    .name = STATIC_TEXT("A test's plugin"),
    .configuration_schema = STATIC_TEXT(SCHEMA),
};

static const xo_library library = {
    .struct_size = LIBRARY_SIZE,
    .magic = LIBRARY_MAGIC,
    .major = LIBRARY_MAJOR,
    .minor_built = XO_ABI_MINOR,
    .host_minor_required = HOST_MINOR_REQUIRED,
    .sdk = STATIC_TEXT("plain C"),
    .descriptor = &descriptor,
    .create = create,
};

#ifndef NO_ENTRY
const xo_library *xo_plugin_entry(const xo_query *query) {
    (void)query;
    return &library;
}
#endif

#endif
