#include "conformance.h"

static void insist(instance *self) { self->state = *(const volatile uint32_t *)self->objects; }

static const struct flaw flaw = {.no_objects = insist};
