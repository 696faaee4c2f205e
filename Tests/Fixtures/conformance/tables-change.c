#include "conformance.h"

static const void *find(instance *self, xo_str id) {
    static xo_methods others;
    others = methods;
    if (same(id, TEXT(XO_METHODS_1))) return self->is_running ? &others : &methods;
    return same(id, TEXT(XO_HTTP_1)) ? &http : NULL;
}

static const struct flaw flaw = {.get_extension = find};
