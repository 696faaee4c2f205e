#include "conformance.h"

int nobody_has_this(void);

static void spoil(instance *self) { self->state = nobody_has_this(); }

static const struct flaw flaw = {.create = spoil};
