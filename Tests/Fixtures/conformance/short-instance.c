#include "conformance.h"

static void spoil(instance *self) { self->table.struct_size = offsetof(xo_instance, destroy); }

static const struct flaw flaw = {.create = spoil};
