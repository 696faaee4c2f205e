/* workers.h - a few threads with a queue, for what takes longer than a lane has time. */
#ifndef WORKERS_H
#define WORKERS_H

struct workers;

/* Something to be done. `work` is called on a thread of the workers, or with `is_stopping` when they end before; either
 * way once, and the job is its own to free. */
struct job {
    void (*work)(struct job *job, int is_stopping);
    struct job *next; /* the workers' own */
};

/* Starts them; NULL if the system gives no threads. */
struct workers *workers_start(void);

/* Has a job done; 0 if too many wait already, and the job is still the caller's. */
int workers_add(struct workers *workers, struct job *job);

/* Ends them: jobs that wait are called with `is_stopping`, others come to their end. Returns at once. `ended`, unless it
 * is NULL, is called with `argument` when the last thread is done, maybe by that. */
void workers_stop(struct workers *workers, void (*ended)(void *argument), void *argument);

/* Waits for the threads of workers that were stopped, and frees them. NULL is none. */
void workers_free(struct workers *workers);

#endif
