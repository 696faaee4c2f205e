/* ping.c - the cheapest method there can be: what is left of a call when the plugin does nothing;
 * and one that does nothing with an object.
 *
 * Compiled three times. Plain, the host calls it on whichever thread has the call at hand; with -DONE_AT_A_TIME it wants
 * its calls one by one; with -DISOLATED it has another name, for a process of its own.
 */
#include <stdlib.h>
#include <string.h>

#include <xo_plugin.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}

#ifdef ISOLATED
#define NAMESPACE "bench-isolated"
#define FLAGS XO_PLUGIN_CONCURRENT
#elif defined ONE_AT_A_TIME
#define NAMESPACE "bench-serial"
#define FLAGS 0
#else
#define NAMESPACE "bench"
#define FLAGS XO_PLUGIN_CONCURRENT
#endif

struct ping {
    xo_instance table;
    const xo_host *host;
};

static xo_status catalog(void *self, xo_bytes *out) {
    (void)self;
    static const char text[] =
        "[{\"name\": \"" NAMESPACE ".ping\", \"description\": \"Answers at once.\", \"permission\": \"user\"},"
        " {\"name\": \"" NAMESPACE ".look\", \"description\": \"The same to those who may see an object.\","
        "  \"permission\": \"user\", \"params\": {\"id\": {\"type\": \"string\"}},"
        "  \"objects\": {\"id\": {\"permission\": \"view\"}}}]";
    *out = (xo_bytes){(const uint8_t *)text, sizeof text - 1};
    return XO_OK;
}

static xo_status invoke(void *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method;
    (void)call;
    const xo_host *const host = ((struct ping *)self)->host;
    static const char pong[] = "\"pong\"";
    host->complete(host->ctx, op, XO_OK, (xo_buf){.ptr = (const uint8_t *)pong, .len = sizeof pong - 1});
    return XO_ACCEPTED;
}

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    static const xo_methods methods = {.struct_size = sizeof methods, .catalog = catalog, .invoke = invoke};
    const xo_str offered = TEXT(XO_METHODS_1);
    return id.len == offered.len && memcmp(id.ptr, offered.ptr, id.len) == 0 ? &methods : NULL;
}

static xo_status setup(void *self, const xo_err *err) {
    (void)self;
    (void)err;
    return XO_OK;
}

static xo_status start_or_stop(void *self, xo_op op) {
    (void)self;
    (void)op;
    return XO_OK;
}

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    struct ping *const ping = malloc(sizeof *ping);
    if (ping == NULL) {
        err->set(err->ctx, XO_RESOURCE_EXHAUSTED, (xo_str)TEXT("out of memory"));
        return XO_RESOURCE_EXHAUSTED;
    }
    *ping = (struct ping){
        .table = {.struct_size = sizeof ping->table, .data = ping, .setup = setup, .start = start_or_stop,
                  .stop = start_or_stop, .destroy = free, .get_extension = get_extension},
        .host = host,
    };
    *out = &ping->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .flags = FLAGS,
    .id = TEXT(NAMESPACE "-ping"),
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
