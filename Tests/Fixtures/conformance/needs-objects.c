#include "conformance.h"

static const void *insist(instance *self) { return (const void *)(uintptr_t)self->objects->struct_size; }

static const struct flaw flaw = {.no_objects = insist};
