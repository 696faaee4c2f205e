#define USER "\"permission\": \"user\", \"params\": "
#define CATALOG \
    "[" PING ", " METHOD("now", USER "{\"how\": {\"type\": \"string\"}}") ", " METHOD("never", USER "{}") ", " \
    METHOD("again", "\"idempotent\": true, " USER "{\"deaths\": {\"type\": \"integer\"}}") ", " \
    METHOD("hang", "\"timeout\": 100, " USER "{}") ", " METHOD("silent", "\"timeout\": 100, " USER "{}") ", " \
    METHOD("eat", USER "{}") ", " METHOD("log", USER "{}") "]"
#include "broken.h"

#include <unistd.h>

enum { PING_METHOD, NOW, NEVER, AGAIN, HANG, SILENT, EAT, LOG };

static int is_called(instance *self, const char *name) {
    const xo_str id = self->host->instance_id;
    return id.len == strlen(name) && memcmp(id.ptr, name, id.len) == 0;
}

static void die(void) {
    fprintf(stderr, "about to crash\n");
    fflush(stderr);
    int *volatile nowhere = NULL;
    *nowhere = 1;
}

/* How often it has been called, this time included, also by processes before this one. */
static int count_calls(instance *self) {
    char path[512];
    const xo_str folder = self->host->data_dir;
    snprintf(path, sizeof path, "%.*s/calls", (int)folder.len, folder.ptr);
    FILE *file = fopen(path, "a+");
    if (file == NULL) return -1;
    fputc('.', file);
    const int count = (int)ftell(file);
    fclose(file);
    return count;
}

static xo_status prepare(instance *self, const xo_err *err) {
    (void)err;
    if (is_called(self, "dies-in-setup")) die();
    return XO_OK;
}

/* One object, and the process that published it. */
static xo_status begin(instance *self, xo_op op) {
    (void)op;
    if (is_called(self, "dies-in-start")) die();
    const xo_objects_host *objects = self->host->get_extension(self->host->ctx, TEXT(XO_OBJECTS_1));
    xo_source source;
    const xo_status status = objects->source_open(objects->ctx, TEXT("things"), &source);
    if (status < 0) return status;
    static const char same[] = "{\"id\":\"same\",\"type\":\"thing\"}";
    char record[128];
    const int length = snprintf(record, sizeof record, "{\"id\":\"maker\",\"type\":\"thing\",\"pid\":%d}", getpid());
    const xo_object things[] = {
        {.id = TEXT("same"), .type = TEXT("thing"), .record = {(const uint8_t *)same, sizeof same - 1}},
        {.id = TEXT("maker"), .type = TEXT("thing"), .record = {(const uint8_t *)record, (uint64_t)length}},
    };
    objects->snapshot_begin(objects->ctx, source);
    objects->put(objects->ctx, source, things, 2, sizeof *things);
    return objects->snapshot_end(objects->ctx, source);
}

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    if (method == PING_METHOD) complete(self, op, XO_OK, "\"pong\"", 6);
    if (method == NOW) {
        if (contains(call->params, "abort")) abort();
        if (contains(call->params, "exit")) exit(7);
        if (contains(call->params, "close"))
            for (int fd = 3; fd < 64; fd++) close(fd);
        else die();
    }
    while (method == HANG) pause();
    if (method == EAT) {
        const size_t size = 128 << 20;
        memset(malloc(size), 1, size);
    }
    if (method == LOG) {
        const xo_log_record record = {.struct_size = sizeof record, .level = XO_LOG_DEBUG, .message = TEXT("a detail")};
        if (self->host->log_enabled(self->host->ctx, XO_LOG_DEBUG)) self->host->log(self->host->ctx, &record);
        complete(self, op, XO_OK, "true", 4);
    }
    if (method == AGAIN) {
        const int count = count_calls(self);
        if (contains(call->params, "1") ? count <= 1 : count <= 2) die();
        char text[16];
        complete(self, op, XO_OK, text, snprintf(text, sizeof text, "%d", count));
    }
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.setup = prepare, .start = begin, .invoke = answer};
