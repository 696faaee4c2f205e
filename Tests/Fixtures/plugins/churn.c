#define COUNT "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 100000}"
#define CATALOG \
    "[" METHOD( \
        "put", "\"permission\": \"user\", \"params\": {\"objects\": " COUNT ", \"bytes\": " COUNT ", \"round\": " COUNT "}" \
        ) "]"
#include "broken.h"

struct churn {
    const xo_objects_host *objects;
    xo_source source;
};

static int number(xo_bytes params, const char *name) {
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)params.len, (const char *)params.ptr);
    char format[32];
    snprintf(format, sizeof format, "\"%s\"", name);
    const char *member = strstr(text, format);
    int value = 1;
    if (member != NULL) sscanf(member + strlen(format), " : %d", &value);
    return value;
}

static xo_status begin(instance *self, xo_op op) {
    (void)op;
    struct churn *churn = self->state;
    churn->objects = self->host->get_extension(self->host->ctx, TEXT(XO_OBJECTS_1));
    return churn->objects == NULL ? XO_UNSUPPORTED
                                  : churn->objects->source_open(churn->objects->ctx, TEXT("churn"), &churn->source);
}

/* Each object is a batch of its own, so that there is a change to tell of each. */
static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method;
    struct churn *churn = self->state;
    const int objects = number(call->params, "objects");
    const int bytes = number(call->params, "bytes");
    const int round = number(call->params, "round");
    char *record = malloc((size_t)bytes + 256);
    for (int i = 0; i < objects; i++) {
        char id[32];
        const int id_length = snprintf(id, sizeof id, "churn-%d", i);
        int length = sprintf(record, "{\"id\":\"%s\",\"type\":\"churn\",\"round\":%d,\"filling\":\"", id, round);
        memset(record + length, 'x', (size_t)bytes);
        length += bytes;
        length += sprintf(record + length, "\"}");
        const xo_object object = {
            .id = {id, (uint64_t)id_length},
            .type = TEXT("churn"),
            .record = {(const uint8_t *)record, (uint64_t)length},
        };
        churn->objects->put(churn->objects->ctx, churn->source, &object, 1, sizeof object);
    }
    free(record);
    complete_with(self, op, XO_OK, "%d", round);
    return XO_ACCEPTED;
}

static void amend(instance *self) { self->state = calloc(1, sizeof(struct churn)); }

static void leave(instance *self) { free(self->state); }

static const struct behaviour behaviour = {.amend = amend, .start = begin, .invoke = answer, .destroy = leave};
