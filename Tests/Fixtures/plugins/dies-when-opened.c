#include "broken.h"

#include <unistd.h>

/* The host is named after its executable; a runner is the same with an argument. */
__attribute__((constructor)) static void die(void) {
    char arguments[4096] = "";
    FILE *file = fopen("/proc/self/cmdline", "r");
    const size_t length = file == NULL ? 0 : fread(arguments, 1, sizeof arguments - 1, file);
    if (file != NULL) fclose(file);
    for (size_t at = 0; at < length; at++)
        if (arguments[at] == '\0') arguments[at] = ' ';
    if (strstr(arguments, "--plugin-runner") != NULL) return;
    int *volatile nowhere = NULL;
    *nowhere = 1;
}

static const struct behaviour behaviour;
