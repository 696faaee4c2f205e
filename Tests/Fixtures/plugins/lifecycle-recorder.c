#define SCHEMA \
    "{\"type\": \"object\", \"required\": [\"file\"], \"properties\": {\"file\": {\"type\": \"string\"}}}"
#include "broken.h"

struct recorder {
    char before[64]; /* steps from the time when the file was not known yet */
    char path[512];
};

static void record(instance *self, const char *step, xo_bytes detail) {
    struct recorder *recorder = self->state;
    if (recorder->path[0] == '\0') {
        strcat(strcat(recorder->before, step), "\n");
        return;
    }
    FILE *file = fopen(recorder->path, "a");
    if (file == NULL) return;
    fputs(recorder->before, file);
    recorder->before[0] = '\0';
    fprintf(file, "%s%.*s\n", step, (int)detail.len, detail.ptr ? (const char *)detail.ptr : "");
    fclose(file);
}

static const xo_bytes nothing = {NULL, 0};

static void amend(instance *self) {
    self->state = calloc(1, sizeof(struct recorder));
    record(self, "create", nothing);
}

static xo_status set_up(instance *self, const xo_err *err) {
    (void)err;
    record(self, "setup", nothing);
    return XO_OK;
}

static xo_status take(instance *self, xo_op op, xo_bytes configuration) {
    (void)op;
    struct recorder *recorder = self->state;
    char text[1024];
    snprintf(text, sizeof text, "%.*s", (int)configuration.len, (const char *)configuration.ptr);
    const char *member = strstr(text, "\"file\"");
    /* The tests' paths need no escapes. */
    if (member == NULL || sscanf(member, "\"file\" : \"%511[^\"]", recorder->path) != 1) return XO_INVALID_ARGUMENT;
    record(self, "configure ", configuration);
    return XO_OK;
}

static xo_status begin(instance *self, xo_op op) {
    (void)op;
    record(self, "start", nothing);
    return XO_OK;
}

static xo_status end(instance *self, xo_op op) {
    (void)op;
    record(self, "stop", nothing);
    return XO_OK;
}

static void leave(instance *self) {
    record(self, "destroy", nothing);
    free(self->state);
}

static const struct behaviour behaviour = {
    .amend = amend, .setup = set_up, .configure = take, .start = begin, .stop = end, .destroy = leave};
