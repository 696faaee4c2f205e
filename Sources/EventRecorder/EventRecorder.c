/* EventRecorder.c - a plugin that `xo-plugin check` has run beside another one under the real xo-host, to hear the events
 * which that publishes: they reach other plugins, and nobody else.
 *
 * It subscribes to all topics of the instance "subject". Its method recorder.take gives and forgets what has come:
 * {"events": [["subject.TOPIC", PAYLOAD], ...], "lost": COUNT}. Events and calls come in the same lane, so whatever was
 * published before a call is in its answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xo_plugin.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}
#define VIEW(literal) ((xo_str)TEXT(literal))

/* More is lost, and counted. */
enum { MAXIMUM_SIZE = 64 << 20, CREDITS = 1024 };

typedef struct recorder {
    xo_instance table;
    const xo_host *host;
    const xo_events_host *events;
    xo_sub subscription;
    char *text; /* what comes between the brackets of the array */
    size_t size, capacity;
    uint64_t lost;
} recorder;

static int reserve(recorder *self, size_t more) {
    if (self->size + more <= self->capacity) return 1;
    const size_t capacity = 2 * (self->size + more);
    char *text = capacity > MAXIMUM_SIZE ? NULL : realloc(self->text, capacity);
    if (text == NULL) return 0;
    self->text = text;
    self->capacity = capacity;
    return 1;
}

static void append(recorder *self, const char *bytes, size_t count) {
    memcpy(self->text + self->size, bytes, count);
    self->size += count;
}

/* The topic as JSON: six bytes for each of it are enough. */
static void append_topic(recorder *self, xo_str topic) {
    for (uint64_t index = 0; index < topic.len; index++) {
        const unsigned char byte = (unsigned char)topic.ptr[index];
        char escaped[8];
        if (byte >= 0x20 && byte != '"' && byte != '\\') append(self, topic.ptr + index, 1);
        else append(self, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", byte));
    }
}

static void on_event(void *untyped, xo_sub sub, uint64_t token, xo_str topic, xo_bytes payload) {
    (void)token;
    recorder *self = untyped;
    if (topic.len < MAXIMUM_SIZE && payload.len < MAXIMUM_SIZE && reserve(self, 6 * topic.len + payload.len + 8)) {
        if (self->size > 0) append(self, ",", 1);
        append(self, "[\"", 2);
        append_topic(self, topic);
        append(self, "\",", 2);
        append(self, (const char *)payload.ptr, payload.len);
        append(self, "]", 1);
    } else {
        self->lost++;
    }
    self->events->grant(self->events->ctx, sub, 1);
}

static void on_gap(void *untyped, xo_sub sub, uint64_t token, uint64_t lost) {
    (void)sub, (void)token;
    ((recorder *)untyped)->lost += lost;
}

static xo_status catalog(void *self, xo_bytes *out) {
    (void)self;
    static const char text[] = "[{\"name\": \"recorder.take\", \"description\": \"Gives and forgets what was published.\","
                               " \"permission\": \"admin\"}]";
    *out = (xo_bytes){(const uint8_t *)text, sizeof text - 1};
    return XO_OK;
}

static xo_status invoke(void *untyped, xo_op op, uint32_t method, const xo_call *call) {
    (void)method, (void)call;
    recorder *self = untyped;
    const size_t capacity = self->size + 64;
    char *answer = malloc(capacity);
    if (answer == NULL) return XO_RESOURCE_EXHAUSTED;
    const int length = snprintf(answer, capacity, "{\"events\":[%.*s],\"lost\":%llu}", (int)self->size,
        self->text ? self->text : "", (unsigned long long)self->lost);
    self->size = self->lost = 0;
    self->host->complete(self->host->ctx, op, XO_OK,
        (xo_buf){.ptr = (const uint8_t *)answer, .len = (uint64_t)length, .owner = answer, .release = free});
    return XO_ACCEPTED;
}

static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};
static const xo_events events = {.struct_size = sizeof events, .on_event = on_event, .on_gap = on_gap};

static int is(xo_str one, xo_str other) { return one.len == other.len && one.ptr && !memcmp(one.ptr, other.ptr, one.len); }

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    return is(id, VIEW(XO_METHODS_1)) ? (const void *)&methods : is(id, VIEW(XO_EVENTS_1)) ? &events : NULL;
}

static xo_status setup(void *untyped, const xo_err *err) {
    (void)err;
    recorder *self = untyped;
    self->events = self->host->get_extension(self->host->ctx, VIEW(XO_EVENTS_1));
    return self->events ? XO_OK : XO_UNSUPPORTED;
}

static xo_status start(void *untyped, xo_op op) {
    (void)op;
    recorder *self = untyped;
    return self->events->subscribe(self->events->ctx, VIEW("subject.*"), CREDITS, 0, &self->subscription);
}

static xo_status stop(void *self, xo_op op) {
    (void)self, (void)op;
    return XO_OK;
}

static void destroy(void *untyped) {
    recorder *self = untyped;
    free(self->text);
    free(self);
}

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    (void)err;
    recorder *self = calloc(1, sizeof *self);
    if (self == NULL) return XO_RESOURCE_EXHAUSTED;
    self->host = host;
    self->table = (xo_instance){
        .struct_size = sizeof self->table,
        .data = self,
        .setup = setup,
        .start = start,
        .stop = stop,
        .destroy = destroy,
        .get_extension = get_extension,
    };
    *out = &self->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .id = TEXT("event-recorder"),
    .version = TEXT("1.0.0"),
    .description = TEXT("Hears the events of a plugin for xo-plugin check."),
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
