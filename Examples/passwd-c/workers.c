#include "workers.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 2, MOST_WAITING = 64 };

struct workers {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t threads[THREADS];
    int thread_count, running;
    struct job *first, **last; /* the queue, and where the next one goes */
    int waiting, is_stopping;
    void (*ended)(void *argument);
    void *argument;
};

static struct job *take(struct workers *workers) {
    struct job *const job = workers->first;
    if (job == NULL) return NULL;
    workers->first = job->next;
    if (workers->first == NULL) workers->last = &workers->first;
    workers->waiting--;
    return job;
}

static void *run(void *argument) {
    struct workers *const workers = argument;
    pthread_mutex_lock(&workers->mutex);
    while (!workers->is_stopping) {
        struct job *const job = take(workers);
        if (job == NULL) {
            pthread_cond_wait(&workers->changed, &workers->mutex);
            continue;
        }
        pthread_mutex_unlock(&workers->mutex);
        job->work(job, 0);
        pthread_mutex_lock(&workers->mutex);
    }
    void (*const ended)(void *) = --workers->running == 0 ? workers->ended : NULL;
    void *const ended_argument = workers->argument;
    pthread_mutex_unlock(&workers->mutex);
    if (ended != NULL) ended(ended_argument);
    return NULL;
}

struct workers *workers_start(void) {
    struct workers *const workers = calloc(1, sizeof *workers);
    if (workers == NULL) return NULL;
    pthread_mutex_init(&workers->mutex, NULL);
    pthread_cond_init(&workers->changed, NULL);
    workers->last = &workers->first;
    pthread_mutex_lock(&workers->mutex);
    while (workers->thread_count < THREADS &&
           pthread_create(&workers->threads[workers->thread_count], NULL, run, workers) == 0)
        workers->thread_count++;
    workers->running = workers->thread_count;
    pthread_mutex_unlock(&workers->mutex);
    if (workers->thread_count > 0) return workers;
    workers_free(workers);
    return NULL;
}

int workers_add(struct workers *workers, struct job *job) {
    pthread_mutex_lock(&workers->mutex);
    const int has_room = !workers->is_stopping && workers->waiting < MOST_WAITING;
    if (has_room) {
        job->next = NULL;
        *workers->last = job;
        workers->last = &job->next;
        workers->waiting++;
        pthread_cond_signal(&workers->changed);
    }
    pthread_mutex_unlock(&workers->mutex);
    return has_room;
}

void workers_stop(struct workers *workers, void (*ended)(void *argument), void *argument) {
    pthread_mutex_lock(&workers->mutex);
    workers->is_stopping = 1;
    workers->ended = ended;
    workers->argument = argument;
    struct job *left = workers->first;
    workers->first = NULL;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->mutex);
    while (left != NULL) {
        struct job *const job = left;
        left = job->next;
        job->work(job, 1);
    }
}

void workers_free(struct workers *workers) {
    if (workers == NULL) return;
    for (int i = 0; i < workers->thread_count; i++) pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->mutex);
    free(workers);
}
