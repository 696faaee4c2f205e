/* crash_mark.h - which library ended this process.
 *
 * On a fatal signal, or when a library calls exit, a line is written into a file: the signal's number (0: exit), a space,
 * and the mark of the library whose code was running on that thread. In C, because a signal handler may do very little.
 */
#ifndef CRASH_MARK_H
#define CRASH_MARK_H

/* Notes the code of a loaded library under `mark`, at most 128 bytes. It stays noted for ever, as the library stays
 * loaded. `path` is what it was opened with. Returns 0, or -1 if it is not loaded or there are too many. Any thread. */
int crash_mark_add(const char *path, const char *mark);

/* The calling thread is about to open a library, whose code is not known yet, under this mark, which must stay; NULL: it
 * has done so. What happens meanwhile on this thread is that library's doing. */
void crash_mark_opening(const char *mark);

/* Begins to write into `descriptor`, which stays open. Once, before threads are started that matter. Handlers that were
 * there before still run. */
void crash_mark_arm(int descriptor);

/* Gives the calling thread a stack for the handler, so that a stack that has overflowed is told, too. */
void crash_mark_prepare_thread(void);

/* Takes that stack back. */
void crash_mark_release_thread(void);

/* From here on an end is no crash. */
void crash_mark_disarm(void);

#endif
