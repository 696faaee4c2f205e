#define ON_OBJECT(right) \
    "\"permission\": \"user\", \"params\": {\"id\": {\"type\": \"string\"}}, \"objects\": {\"id\": {\"permission\": " right "}}"
#define CATALOG \
    "[" METHOD("put", "\"permission\": \"user\", \"params\": {\"records\": {\"type\": \"array\", \"items\": {}}}") \
    "," METHOD("remove", "\"permission\": \"user\", \"params\": {\"ids\": {\"type\": \"array\", \"items\": {}}}") \
    "," METHOD("look", ON_OBJECT("\"view\"")) "," METHOD("use", ON_OBJECT("\"operate\"")) \
    "," METHOD("own", ON_OBJECT("\"administrate\"")) "," METHOD("name", ON_OBJECT("null")) "]"
#include "broken.h"

struct records {
    const xo_objects_host *objects;
    xo_source source;
};

static xo_status begin(instance *self, xo_op op) {
    (void)op;
    struct records *records = self->state;
    records->objects = self->host->get_extension(self->host->ctx, TEXT(XO_OBJECTS_1));
    return records->objects == NULL
               ? XO_UNSUPPORTED
               : records->objects->source_open(records->objects->ctx, TEXT("records"), &records->source);
}

/* The text of the first member of this name, which has no escapes in these tests. */
static xo_str member(const char *from, const char *end, const char *name) {
    const size_t length = strlen(name);
    for (const char *at = from; at + length < end; at++) {
        if (memcmp(at, name, length) != 0) continue;
        const char *value = at + length;
        const char *quote = memchr(value, '"', (size_t)(end - value));
        if (quote != NULL) return (xo_str){value, (uint64_t)(quote - value)};
    }
    return (xo_str){NULL, 0};
}

/* The end of the element that begins at `at`: the comma or bracket behind it. */
static const char *element_end(const char *at, const char *end) {
    int depth = 0, in_text = 0;
    for (; at < end; at++) {
        if (in_text) {
            if (*at == '\\') at++;
            else if (*at == '"') in_text = 0;
        } else if (*at == '"') {
            in_text = 1;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (depth-- == 0) return at;
        } else if (*at == ',' && depth == 0) {
            return at;
        }
    }
    return end;
}

enum { LIMIT = 20000 };

static xo_status put(struct records *self, const char *at, const char *end) {
    xo_object *batch = calloc(LIMIT, sizeof *batch);
    uint32_t count = 0;
    while (at < end && *at == '{' && count < LIMIT) {
        const char *next = element_end(at, end);
        batch[count++] = (xo_object){
            .id = member(at, next, "\"id\":\""),
            .type = member(at, next, "\"type\":\""),
            .pool = member(at, next, "\"$pool\":\""),
            .record = {(const uint8_t *)at, (uint64_t)(next - at)},
        };
        at = next + 1;
    }
    const xo_status status = self->objects->put(self->objects->ctx, self->source, batch, count, sizeof *batch);
    free(batch);
    return status;
}

static xo_status take_back(struct records *self, const char *at, const char *end) {
    xo_str *ids = calloc(LIMIT, sizeof *ids);
    uint32_t count = 0;
    while (at < end && *at == '"' && count < LIMIT) {
        const char *next = element_end(at, end);
        ids[count++] = (xo_str){at + 1, (uint64_t)(next - at - 2)};
        at = next + 1;
    }
    const xo_status status = self->objects->remove(self->objects->ctx, self->source, ids, count, sizeof *ids);
    free(ids);
    return status;
}

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    if (method >= 2) {
        /* {"id":RECORD} */
        char *text = malloc(call->objects.len);
        memcpy(text, call->objects.ptr, call->objects.len);
        const size_t prefix = strlen("{\"id\":");
        const xo_buf payload = {.ptr = (const uint8_t *)text + prefix, .len = call->objects.len - prefix - 1,
                                .owner = text, .release = free};
        self->host->complete(self->host->ctx, op, XO_OK, payload);
        return XO_ACCEPTED;
    }
    const char *params = (const char *)call->params.ptr, *end = params + call->params.len;
    const char *list = memchr(params, '[', call->params.len);
    if (list == NULL) return XO_INVALID_ARGUMENT;
    const xo_status status = method == 0 ? put(self->state, list + 1, end) : take_back(self->state, list + 1, end);
    if (status < 0) return status;
    complete(self, op, XO_OK, "true", 4);
    return XO_ACCEPTED;
}

static void amend(instance *self) { self->state = calloc(1, sizeof(struct records)); }

static void leave(instance *self) { free(self->state); }

static const struct behaviour behaviour = {.amend = amend, .start = begin, .invoke = answer, .destroy = leave};
