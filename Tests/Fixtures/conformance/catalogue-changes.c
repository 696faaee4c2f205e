#include "conformance.h"

static const char *describe(instance *self) {
    return self->is_running ? "[{\"name\": \"flawed.echo\", \"permission\": \"user\", \"description\": \"Runs.\"}]"
                            : CATALOG;
}

static const struct flaw flaw = {.catalog = describe};
