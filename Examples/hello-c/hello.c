/* hello.c - a plugin for xo-host in one C file.
 *
 * It offers the method hello.greet, publishes one object of type "greeting", and can be reconfigured while it runs.
 * Read it from the bottom up to follow the host: entry, create, setup, configure, start, calls, stop, destroy.
 */
#include <stdlib.h>
#include <string.h>

#include <xo_plugin.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}

/* One instance. No locks: without XO_PLUGIN_CONCURRENT the host calls an instance's functions one at a time. */
struct hello {
    xo_instance table; /* what the host sees */
    const xo_host *host;
    const xo_objects_host *objects;
    xo_source source; /* valid while is_running */
    int is_running;
    char *greeting; /* the inside of a JSON string, escapes and all */
    uint64_t greeting_length;
};

/* ---- JSON, as little as needed ------------------------------------------------------------------------------- */

/* The closing quote of the string whose first character is at `at`. */
static const char *end_of_string(const char *at, const char *end) {
    for (int is_escaped = 0; at < end; at++) {
        if (is_escaped) is_escaped = 0;
        else if (*at == '\\') is_escaped = 1;
        else if (*at == '"') return at;
    }
    return NULL;
}

/* The string at `key` of a JSON object, as it is written between its quotes; {NULL, 0} if there is none. Texts are only
 * ever passed on, from JSON into JSON, so they need no unescaping. The host hands out valid JSON that fits the schemas
 * below; bounds are checked all the same. */
static xo_str string_member(xo_bytes object, const char *key) {
    const xo_str none = {NULL, 0};
    const size_t key_length = strlen(key);
    const char *at = (const char *)object.ptr;
    if (at == NULL || object.len > INT64_MAX) return none;
    const char *const end = at + object.len;
    int depth = 0;
    for (; at < end; at++) {
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        if (*at != '"') continue;
        const char *const name = at + 1;
        at = end_of_string(name, end);
        if (at == NULL) return none;
        if (depth != 1 || (size_t)(at - name) != key_length || memcmp(name, key, key_length) != 0) continue;
        /* A key is followed by a colon; a value that happens to read like the key is not. */
        const char *value = at + 1;
        while (value < end && strchr(" \t\r\n", *value) != NULL) value++;
        if (value == end || *value++ != ':') continue;
        while (value < end && strchr(" \t\r\n", *value) != NULL) value++;
        if (value == end || *value++ != '"') return none;
        const char *const value_end = end_of_string(value, end);
        if (value_end == NULL) return none;
        return (xo_str){value, (uint64_t)(value_end - value)};
    }
    return none;
}

/* Puts texts together in memory of its own, to be released by free. NULL if there is none left. */
static char *join(const xo_str *parts, size_t count, uint64_t *length) {
    *length = 0;
    for (size_t i = 0; i < count; i++) *length += parts[i].len;
    char *const joined = malloc(*length + 1);
    if (joined == NULL) return NULL;
    char *at = joined;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len != 0) memcpy(at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    return joined;
}

/* ---- The object ---------------------------------------------------------------------------------------------- */

/* Publishes the greeting as it is now. Putting an object again replaces it; clients are told of the change. */
static xo_status publish(const struct hello *hello) {
    const xo_str id = hello->host->instance_id;
    const xo_str parts[] = {TEXT("{\"id\":\""), id, TEXT("\",\"type\":\"greeting\",\"name_label\":\""),
                            {hello->greeting, hello->greeting_length}, TEXT("\"}")};
    uint64_t length;
    char *const record = join(parts, sizeof parts / sizeof *parts, &length);
    if (record == NULL) return XO_RESOURCE_EXHAUSTED;
    const xo_object object = {
        .id = id,
        .type = TEXT("greeting"),
        .record = {(const uint8_t *)record, length},
    };
    const xo_status status = hello->objects->put(hello->objects->ctx, hello->source, &object, 1, sizeof object);
    free(record); /* put has copied it */
    return status;
}

/* ---- The method ---------------------------------------------------------------------------------------------- */

/* The order is that of the numbers that invoke gets. */
enum { GREET };
static const char catalogue[] =
    "[{\"name\": \"hello.greet\","
    "  \"description\": \"Greets somebody by name.\","
    "  \"permission\": \"user\","
    "  \"params\": {\"name\": {\"type\": \"string\"}}}]";

static xo_status catalog(void *self, xo_bytes *out) {
    (void)self;
    *out = (xo_bytes){(const uint8_t *)catalogue, sizeof catalogue - 1};
    return XO_OK;
}

static xo_status greet(const struct hello *hello, xo_op op, xo_bytes params) {
    const xo_str name = string_member(params, "name");
    if (name.ptr == NULL) return XO_INVALID_ARGUMENT;
    const xo_str parts[] = {TEXT("\""), {hello->greeting, hello->greeting_length}, TEXT(", "), name, TEXT("!\"")};
    uint64_t length;
    char *const result = join(parts, sizeof parts / sizeof *parts, &length);
    if (result == NULL) return XO_RESOURCE_EXHAUSTED;
    /* The host owns the result from here on, and frees it. This could as well come later, and from another thread. */
    const xo_buf payload = {.ptr = (const uint8_t *)result, .len = length, .owner = result, .release = free};
    hello->host->complete(hello->host->ctx, op, XO_OK, payload);
    return XO_ACCEPTED;
}

static xo_status invoke(void *self, xo_op op, uint32_t method, const xo_call *call) {
    switch (method) {
    case GREET: return greet(self, op, call->params);
    default: return XO_NOT_FOUND;
    }
}

static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};

/* ---- The life cycle ------------------------------------------------------------------------------------------ */

static xo_status setup(void *self, const xo_err *err) {
    struct hello *const hello = self;
    const xo_host *const host = hello->host;
    hello->objects = host->get_extension(host->ctx, (xo_str)TEXT(XO_OBJECTS_1));
    if (hello->objects == NULL) {
        err->set(err->ctx, XO_UNSUPPORTED, (xo_str)TEXT("this host does not offer " XO_OBJECTS_1 "; use a newer one"));
        return XO_UNSUPPORTED;
    }
    return XO_OK;
}

static xo_status configure(void *self, xo_op op, xo_bytes configuration) {
    (void)op; /* done at once: nothing to complete */
    struct hello *const hello = self;
    const xo_str greeting = string_member(configuration, "greeting"); /* the schema gives it a default */
    if (greeting.ptr == NULL) return XO_INVALID_ARGUMENT;
    uint64_t length;
    char *const copy = join(&greeting, 1, &length);
    if (copy == NULL) return XO_RESOURCE_EXHAUSTED;
    const struct hello before = *hello;
    hello->greeting = copy;
    hello->greeting_length = length;
    const xo_status status = hello->is_running ? publish(hello) : XO_OK;
    if (status < 0) {
        /* A rejected configuration changes nothing. */
        hello->greeting = before.greeting;
        hello->greeting_length = before.greeting_length;
    }
    free(status < 0 ? copy : before.greeting);
    return status;
}

static xo_status start(void *self, xo_op op) {
    (void)op;
    struct hello *const hello = self;
    const xo_objects_host *const objects = hello->objects;
    xo_status status = objects->source_open(objects->ctx, (xo_str)TEXT("greetings"), &hello->source);
    if (status < 0) return status;
    /* A snapshot says: this is all there is. */
    status = objects->snapshot_begin(objects->ctx, hello->source);
    if (status >= 0) status = publish(hello);
    if (status >= 0) status = objects->snapshot_end(objects->ctx, hello->source);
    if (status >= 0) status = objects->source_status(objects->ctx, hello->source, XO_SOURCE_LIVE, (xo_str)TEXT(""));
    if (status < 0) {
        objects->source_close(objects->ctx, hello->source);
        return status;
    }
    hello->is_running = 1;
    return XO_OK;
}

static xo_status stop(void *self, xo_op op) {
    (void)op;
    struct hello *const hello = self;
    hello->is_running = 0;
    hello->objects->source_close(hello->objects->ctx, hello->source);
    return XO_OK;
}

static void destroy(void *self) {
    struct hello *const hello = self;
    free(hello->greeting);
    free(hello);
}

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    const xo_str offered = TEXT(XO_METHODS_1);
    return id.len == offered.len && memcmp(id.ptr, offered.ptr, id.len) == 0 ? &methods : NULL;
}

/* ---- What the host finds in this library --------------------------------------------------------------------- */

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    struct hello *const hello = calloc(1, sizeof *hello);
    if (hello == NULL) {
        err->set(err->ctx, XO_RESOURCE_EXHAUSTED, (xo_str)TEXT("out of memory"));
        return XO_RESOURCE_EXHAUSTED;
    }
    hello->host = host;
    hello->table = (xo_instance){
        .struct_size = sizeof hello->table,
        .data = hello,
        .setup = setup,
        .configure = configure,
        .start = start,
        .stop = stop,
        .destroy = destroy,
        .get_extension = get_extension,
    };
    *out = &hello->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .id = TEXT("hello-c"),
    .version = TEXT("1.0.0"),
    .name = TEXT("Hello"),
    .description = TEXT("Greets; an example for authors who write C."),
    .configuration_schema = TEXT(
        "{\"type\": \"object\","
        " \"properties\": {\"greeting\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\": 200,"
        "                               \"default\": \"Hello\"}},"
        " \"additionalProperties\": false}"),
};

static const xo_library library = {
    .struct_size = sizeof library,
    .magic = XO_LIBRARY_MAGIC,
    .major = XO_ABI_MAJOR,
    .minor_built = XO_ABI_MINOR,
    .host_minor_required = 0,
    .sdk = TEXT("plain C"),
    .descriptor = &descriptor,
    .create = create,
};

const xo_library *xo_plugin_entry(const xo_query *query) {
    return query->major_min <= XO_ABI_MAJOR && XO_ABI_MAJOR <= query->major_max ? &library : NULL;
}
