#include "conformance.h"

static void despair(instance *self) {
    (void)self;
    abort();
}

static const struct flaw flaw = {.refused = despair};
