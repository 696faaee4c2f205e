/* publish.c - a source of objects: how many it can bring into the inventory.
 *
 * The method publishes a number of objects again and again, each time with another content. Compiled twice, the second
 * time with -DISOLATED and another name, for a process of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xo_plugin.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}

#ifdef ISOLATED
#define NAMESPACE "bench-publish-isolated"
#else
#define NAMESPACE "bench-publish"
#endif

#define OBJECTS 10000
#define BATCH 100
/* About what a VM has. */
#define RECORD_SIZE 2048

struct publisher {
    xo_instance table;
    const xo_host *host;
    const xo_objects_host *objects;
    xo_source source;
    unsigned round;
    char ids[OBJECTS][16];
    char records[BATCH][RECORD_SIZE];
};

static xo_status publish_once(struct publisher *self) {
    static const char filling[] = "0123456789abcdef";
    self->round++;
    for (unsigned first = 0; first < OBJECTS; first += BATCH) {
        xo_object batch[BATCH];
        for (unsigned index = 0; index < BATCH; index++) {
            char *const id = self->ids[first + index];
            char *const record = self->records[index];
            const int id_length = snprintf(id, sizeof self->ids[0], "bench-%u", first + index);
            int length = snprintf(record, RECORD_SIZE, "{\"id\":\"%s\",\"type\":\"bench\",\"round\":%u,\"filling\":\"", id,
                                  self->round);
            while (length < RECORD_SIZE - 32) {
                memcpy(record + length, filling, sizeof filling - 1);
                length += sizeof filling - 1;
            }
            length += snprintf(record + length, 8, "\"}");
            batch[index] = (xo_object){
                .id = {id, (size_t)id_length}, .type = TEXT("bench"),
                .record = {(const uint8_t *)record, (size_t)length},
            };
        }
        const xo_status status =
            self->objects->put(self->objects->ctx, self->source, batch, BATCH, sizeof *batch);
        if (status < 0) return status;
    }
    return XO_OK;
}

/* ---- The method ---------------------------------------------------------------------------------------------- */

static xo_status catalog(void *self, xo_bytes *out) {
    (void)self;
    static const char text[] =
        "[{\"name\": \"" NAMESPACE ".run\","
        "  \"description\": \"Publishes 10,000 changed objects, so many times.\","
        "  \"permission\": \"admin\","
        "  \"params\": {\"rounds\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1000}}}]";
    *out = (xo_bytes){(const uint8_t *)text, sizeof text - 1};
    return XO_OK;
}

/* Answers when it has handed in the last object, which the host has taken when it sees the answer: it takes things in
 * order. */
static xo_status invoke(void *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method;
    struct publisher *const publisher = self;
    char params[64];
    if (call->params.len >= sizeof params) return XO_INVALID_ARGUMENT;
    memcpy(params, call->params.ptr, call->params.len);
    params[call->params.len] = '\0';
    unsigned rounds = (unsigned)strtoul(params + strcspn(params, "0123456789"), NULL, 10);
    while (rounds-- > 0) {
        const xo_status status = publish_once(publisher);
        if (status < 0) return status;
    }
    static const char done[] = "true";
    publisher->host->complete(
        publisher->host->ctx, op, XO_OK, (xo_buf){.ptr = (const uint8_t *)done, .len = sizeof done - 1});
    return XO_ACCEPTED;
}

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};
    const xo_str offered = TEXT(XO_METHODS_1);
    return id.len == offered.len && memcmp(id.ptr, offered.ptr, id.len) == 0 ? &methods : NULL;
}

/* ---- The life cycle ------------------------------------------------------------------------------------------ */

static xo_status setup(void *self, const xo_err *err) {
    struct publisher *const publisher = self;
    publisher->objects = publisher->host->get_extension(publisher->host->ctx, (xo_str)TEXT(XO_OBJECTS_1));
    if (publisher->objects != NULL) return XO_OK;
    err->set(err->ctx, XO_UNSUPPORTED, (xo_str)TEXT("this host does not offer " XO_OBJECTS_1));
    return XO_UNSUPPORTED;
}

static xo_status start(void *self, xo_op op) {
    (void)op;
    struct publisher *const publisher = self;
    return publisher->objects->source_open(publisher->objects->ctx, (xo_str)TEXT("bench"), &publisher->source);
}

static xo_status stop(void *self, xo_op op) {
    (void)op;
    struct publisher *const publisher = self;
    publisher->objects->source_close(publisher->objects->ctx, publisher->source);
    return XO_OK;
}

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    struct publisher *const publisher = calloc(1, sizeof *publisher);
    if (publisher == NULL) {
        err->set(err->ctx, XO_RESOURCE_EXHAUSTED, (xo_str)TEXT("out of memory"));
        return XO_RESOURCE_EXHAUSTED;
    }
    publisher->host = host;
    publisher->table = (xo_instance){
        .struct_size = sizeof publisher->table, .data = publisher, .setup = setup, .start = start, .stop = stop,
        .destroy = free, .get_extension = get_extension,
    };
    *out = &publisher->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .id = TEXT(NAMESPACE),
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
