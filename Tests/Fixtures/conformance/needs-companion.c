/* link: -Wl,-z,nodelete -L@OUT@ -lcompanion -Wl,-rpath,@OUT@ */
#include "conformance.h"

int companion(void);

static void spoil(instance *self) { self->state = companion(); }

static const struct flaw flaw = {.create = spoil};
