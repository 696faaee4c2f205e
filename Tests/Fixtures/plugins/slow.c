#include <pthread.h>
#include <time.h>

#define CATALOG "[" METHOD("wait", "\"permission\": \"user\", \"params\": {\"ms\": {\"type\": \"integer\"}}") "]"
#include "broken.h"

/* Threads under way; stop completes when the last of them is done with the host. */
struct crew {
    pthread_mutex_t mutex;
    int working;
    int is_stopping;
    xo_op stop;
};

struct job {
    instance *self;
    xo_op op;
    int ms;
};

static void *work(void *argument) {
    struct job job = *(struct job *)argument;
    free(argument);
    const xo_host *host = job.self->host;
    struct crew *crew = job.self->state;
    int is_cancelled = 0;
    for (int left = job.ms; left > 0 && !is_cancelled; left -= 5) {
        nanosleep(&(struct timespec){.tv_nsec = (left < 5 ? left : 5) * 1000000L}, NULL);
        pthread_mutex_lock(&crew->mutex);
        is_cancelled = crew->is_stopping || host->is_cancelled(host->ctx, job.op);
        pthread_mutex_unlock(&crew->mutex);
    }
    if (is_cancelled) complete(job.self, job.op, XO_CANCELLED, NULL, 0);
    else complete_with(job.self, job.op, XO_OK, "{\"ms\":%d}", job.ms);

    pthread_mutex_lock(&crew->mutex);
    const int is_last = --crew->working == 0 && crew->is_stopping;
    const xo_op stop = crew->stop;
    pthread_mutex_unlock(&crew->mutex);
    if (is_last) complete(job.self, stop, XO_OK, NULL, 0);
    return NULL;
}

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    (void)method;
    struct crew *crew = self->state;
    struct job *job = malloc(sizeof *job);
    *job = (struct job){self, op, 0};
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)call->params.len, (const char *)call->params.ptr);
    const char *member = strstr(text, "\"ms\"");
    if (member != NULL) sscanf(member, "\"ms\" : %d", &job->ms);
    pthread_mutex_lock(&crew->mutex);
    crew->working++;
    pthread_mutex_unlock(&crew->mutex);
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, job) == 0) {
        pthread_detach(thread);
        return XO_ACCEPTED;
    }
    pthread_mutex_lock(&crew->mutex);
    crew->working--;
    pthread_mutex_unlock(&crew->mutex);
    free(job);
    return XO_RESOURCE_EXHAUSTED;
}

static void amend(instance *self) {
    struct crew *crew = calloc(1, sizeof *crew);
    pthread_mutex_init(&crew->mutex, NULL);
    self->state = crew;
}

static xo_status begin(instance *self, xo_op op) {
    (void)op;
    ((struct crew *)self->state)->is_stopping = 0;
    return XO_OK;
}

static xo_status end(instance *self, xo_op op) {
    struct crew *crew = self->state;
    pthread_mutex_lock(&crew->mutex);
    crew->is_stopping = 1;
    crew->stop = op;
    const int working = crew->working;
    pthread_mutex_unlock(&crew->mutex);
    return working == 0 ? XO_OK : XO_ACCEPTED;
}

static void leave(instance *self) { free(self->state); }

static const struct behaviour behaviour = {
    .amend = amend, .start = begin, .stop = end, .destroy = leave, .invoke = answer};
