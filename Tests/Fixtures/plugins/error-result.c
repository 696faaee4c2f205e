#define USER "\"permission\": \"user\", \"params\": {}"
#define CATALOG "[" METHOD("payload", USER) ", " METHOD("status", USER) "]"
#include "broken.h"

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)call;
    if (method == 1) return XO_NOT_FOUND;
    complete_with(
        self, op, XO_NOT_FOUND,
        "{\"code\": 1, \"message\": \"no such object\", \"data\": {\"id\": \"nobody\", \"type\": \"VM\"}}");
    return XO_ACCEPTED;
}

static const struct behaviour behaviour = {.invoke = answer};
