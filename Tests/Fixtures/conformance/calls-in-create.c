#include "conformance.h"

static void ask(instance *self) { self->state = self->host->log_enabled(self->host->ctx, XO_LOG_INFO); }

static const struct flaw flaw = {.create = ask};
