#include "broken.h"

static xo_status create_badly(const xo_err *err) {
    err->set(err->ctx, XO_RESOURCE_EXHAUSTED, TEXT("no instance today"));
    return XO_RESOURCE_EXHAUSTED;
}

static const struct behaviour behaviour = {.create = create_badly};
