#include "conformance.h"

static void spoil(instance *self) { self->table.start = NULL; }

static const struct flaw flaw = {.create = spoil};
