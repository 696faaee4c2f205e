/* Nobody links the mathematical library, which this process happens to have. */
#include <math.h>

#include "conformance.h"

static void spoil(instance *self) { self->state = (long)cbrt((double)(long)self->host); }

static const struct flaw flaw = {.create = spoil};
