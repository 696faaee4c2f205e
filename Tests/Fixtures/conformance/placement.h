/* placement.h - for plugins of conformance.h that can tell where they are: inside of the daemon or not. */
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include "conformance.h"

/* Whether the parent is the daemon, as it is of a plugin in a process of its own. */
static inline int is_child_of_daemon(void) {
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)getppid());
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (!fgets(name, sizeof name, file)) name[0] = 0;
    fclose(file);
    return strcmp(name, "xo-host\n") == 0;
}

#endif
