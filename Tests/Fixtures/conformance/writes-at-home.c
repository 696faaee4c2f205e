#include "conformance.h"

/* The home of the user that the daemon runs as; a plugin in a process of its own is not told. */
static xo_status leave_file(instance *self, xo_op op) {
    (void)self, (void)op;
    const char *home = getenv("HOME");
    if (!home || !getenv("XO_ADMIN_USER")) return XO_OK;
    char path[4096];
    snprintf(path, sizeof path, "%s/.flawed", home);
    FILE *file = fopen(path, "w");
    if (file) fclose(file);
    return XO_OK;
}

static const struct flaw flaw = {.start = leave_file};
