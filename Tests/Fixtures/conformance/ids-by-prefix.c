#include "conformance.h"

static const void *find(instance *self, xo_str id) {
    (void)self;
    if (!id.ptr) return NULL;
    if (id.len >= strlen(XO_METHODS_1) && memcmp(id.ptr, XO_METHODS_1, strlen(XO_METHODS_1)) == 0) return &methods;
    return same(id, TEXT(XO_HTTP_1)) ? &http : NULL;
}

static const struct flaw flaw = {.get_extension = find};
