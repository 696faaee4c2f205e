#define _GNU_SOURCE
#include "crash_mark.h"

#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAXIMUM_RANGES = 512, MARK_SIZE = 129, STACK_BYTES = 256 << 10, HANDLER_STACK = 64 << 10 };

/* Executable memory of a library. Constant once `range_count` includes it. */
static struct range {
    uintptr_t start, end;
    char mark[MARK_SIZE];
} ranges[MAXIMUM_RANGES];
static atomic_int range_count;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

/* What this thread is opening; its code is not among the ranges yet. */
static _Thread_local const char *volatile opening;

static atomic_int file = -1;
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
enum { FATAL_COUNT = sizeof fatal / sizeof *fatal };
static struct sigaction previous[FATAL_COUNT];

/* ---- Libraries ------------------------------------------------------------------------------------------------ */

struct search {
    const char *path, *mark;
    int added;
};

static int add_ranges(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    struct search *search = context;
    if (strcmp(info->dlpi_name, search->path) != 0) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const int count = atomic_load(&range_count);
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || count == MAXIMUM_RANGES) continue;
        struct range *range = &ranges[count];
        range->start = info->dlpi_addr + part->p_vaddr;
        range->end = range->start + part->p_memsz;
        strncpy(range->mark, search->mark, MARK_SIZE - 1);
        atomic_store(&range_count, count + 1);
        search->added++;
    }
    return 1;
}

int crash_mark_add(const char *path, const char *mark) {
    struct search search = {path, mark, 0};
    pthread_mutex_lock(&adding);
    dl_iterate_phdr(add_ranges, &search);
    pthread_mutex_unlock(&adding);
    return search.added > 0 ? 0 : -1;
}

void crash_mark_opening(const char *mark) { opening = mark; }

/* ---- At the end ----------------------------------------------------------------------------------------------- */
/* Only what is async-signal-safe, and no memory is touched that may not be there. */

static const struct range *find(uintptr_t address) {
    const int count = atomic_load(&range_count);
    for (int i = 0; i < count; i++)
        if (address >= ranges[i].start && address < ranges[i].end) return &ranges[i];
    return NULL;
}

/* The innermost library on a stack: nearly all words there that point into code are return addresses. One that is left
 * over from earlier may put the blame on a library that was there before; that costs it a process of its own, no more.
 * The kernel reads, a page at a time, so that the end of the stack is no trap. */
static const struct range *find_on_stack(uintptr_t stack) {
    enum { PAGE = 4096 };
    uintptr_t words[PAGE / sizeof(uintptr_t)];
    for (uintptr_t at = stack & ~(sizeof *words - 1); at < stack + STACK_BYTES;) {
        const size_t size = PAGE - at % PAGE;
        const struct iovec here = {words, size};
        const struct iovec there = {(void *)at, size};
        if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) != (ssize_t)size) break;
        for (size_t i = 0; i < size / sizeof *words; i++) {
            const struct range *found = find(words[i]);
            if (found != NULL) return found;
        }
        at += size;
    }
    return NULL;
}

static void write_mark(int number, const struct range *range) {
    const int descriptor = atomic_exchange(&file, -1);
    const char *mark = opening != NULL ? opening : range != NULL ? range->mark : NULL;
    if (descriptor < 0 || mark == NULL) return;
    char line[MARK_SIZE + 8];
    size_t length = 0;
    if (number >= 10) line[length++] = (char)('0' + number / 10);
    line[length++] = (char)('0' + number % 10);
    line[length++] = ' ';
    while (*mark != 0 && length < MARK_SIZE + 4) line[length++] = *mark++;
    line[length++] = '\n';
    ssize_t written = write(descriptor, line, length);
    (void)written;
    fsync(descriptor);
}

static void place(const void *context, uintptr_t *code, uintptr_t *stack) {
    const ucontext_t *state = context;
#if defined(__x86_64__)
    *code = (uintptr_t)state->uc_mcontext.gregs[REG_RIP];
    *stack = (uintptr_t)state->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    *code = (uintptr_t)state->uc_mcontext.pc;
    *stack = (uintptr_t)state->uc_mcontext.sp;
#else
#error "The plugin protocol supports x86-64 and aarch64 only."
#endif
}

static void on_signal(int number, siginfo_t *info, void *context) {
    /* Sent by another process: nobody's fault here. `abort` sends one to itself. */
    const int is_sent = info->si_code <= 0 && !(number == SIGABRT && info->si_pid == getpid());
    if (!is_sent) {
        uintptr_t code, stack;
        place(context, &code, &stack);
        const struct range *range = find(code);
        write_mark(number, range != NULL ? range : find_on_stack(stack));
    }
    for (int i = 0; i < FATAL_COUNT; i++)
        if (fatal[i] == number) sigaction(number, &previous[i], NULL);
    /* A fault happens again when this returns; what was sent must be sent again. */
    if (info->si_code <= 0) raise(number);
}

/* No signal handler: the stack can be walked properly, frame by frame. */
static void on_exit_called(void) {
    if (atomic_load(&file) < 0) return;
    enum { MAXIMUM_FRAMES = 512 };
    void *frames[MAXIMUM_FRAMES];
    const int count = backtrace(frames, MAXIMUM_FRAMES);
    const struct range *found = NULL;
    for (int i = 0; i < count && found == NULL; i++) found = find((uintptr_t)frames[i]);
    write_mark(0, found);
}

/* ---- Arming --------------------------------------------------------------------------------------------------- */

void crash_mark_arm(int descriptor) {
    atomic_store(&file, descriptor);
    crash_mark_prepare_thread();
    for (int i = 0; i < FATAL_COUNT; i++) {
        struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigemptyset(&action.sa_mask);
        sigaction(fatal[i], &action, &previous[i]);
    }
    atexit(on_exit_called);
}

void crash_mark_prepare_thread(void) {
    stack_t present;
    if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
    void *memory =
        mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return;
    const stack_t stack = {.ss_sp = memory, .ss_size = HANDLER_STACK};
    sigaltstack(&stack, NULL);
}

void crash_mark_release_thread(void) {
    stack_t stack;
    if (sigaltstack(NULL, &stack) != 0 || stack.ss_size != HANDLER_STACK || (stack.ss_flags & SS_DISABLE)) return;
    const stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(stack.ss_sp, HANDLER_STACK);
}

void crash_mark_disarm(void) { atomic_store(&file, -1); }
