#include "broken.h"

static void amend(instance *self) { self->table.start = NULL; }

static const struct behaviour behaviour = {.amend = amend};
