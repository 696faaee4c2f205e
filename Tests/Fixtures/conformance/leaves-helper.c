#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "conformance.h"

extern char **environ;

/* A program in a session of its own, which nothing ends but stop. */
static xo_status begin(instance *self, xo_op op) {
    (void)op;
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    char *const words[] = {"sleep", "15", NULL};
    pid_t helper;
    if (posix_spawnp(&helper, "sleep", NULL, &attributes, words, environ) == 0) self->state = helper;
    posix_spawnattr_destroy(&attributes);
    return XO_OK;
}

static xo_status end(instance *self, xo_op op) {
    (void)op;
    kill((pid_t)self->state, SIGKILL);
    waitpid((pid_t)self->state, NULL, 0);
    return XO_OK;
}

static const struct flaw flaw = {.start = begin, .stop = end};
