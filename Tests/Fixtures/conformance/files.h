/* files.h - for plugins of conformance.h that keep files in their folder, and are surprised by what they find there. */
#ifndef FILES_H
#define FILES_H

#include <fcntl.h>
#include <sys/stat.h>

#include "conformance.h"

/* Makes a file of this name in data_dir; 0 if there is one already. */
static inline int make_file(instance *self, const char *name) {
    char folder[4096], path[4200];
    snprintf(folder, sizeof folder, "%.*s", (int)self->host->data_dir.len, self->host->data_dir.ptr);
    mkdir(folder, 0700);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
    return file >= 0;
}

static inline void remove_file(instance *self, const char *name) {
    char path[4200];
    snprintf(path, sizeof path, "%.*s/%s", (int)self->host->data_dir.len, self->host->data_dir.ptr, name);
    unlink(path);
}

#endif
