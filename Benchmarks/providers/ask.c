/* Asks a provider of passwords as fast as it answers: a host of xo.auth/1 and of nothing else.
 *
 *   ask LIBRARY schema                                         prints the schema of its configuration
 *   ask LIBRARY CONFIGURATION IN-FLIGHT SECONDS NAME PEOPLE PASSWORD   prints answers a second
 *
 * The names are NAME with a number behind it; all have the same password. Anything but a voucher ends it with status 1.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xo/auth.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long vouched, asked, in_flight;
static bool life_cycle_done;

static xo_str text(const char *string) { return (xo_str){string, strlen(string)}; }

/* ---- What the host offers ---- */

enum { LIFE_CYCLE = 1, QUESTION = 2 };

static xo_status complete(void *ctx, xo_op op, xo_status status, xo_buf payload) {
    (void)ctx;
    if (status < 0) {
        fprintf(stderr, "ask: status %d: %.*s\n", (int)status, (int)payload.len, (const char *)payload.ptr);
        exit(1);
    }
    if (payload.release != NULL) payload.release(payload.owner);
    pthread_mutex_lock(&lock);
    if (op.id == LIFE_CYCLE) {
        life_cycle_done = true;
    } else {
        vouched++;
        in_flight--;
    }
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return XO_OK;
}

static uint32_t is_cancelled(void *ctx, xo_op op) { return (void)ctx, (void)op, 0; }
static uint32_t log_enabled(void *ctx, int32_t level) { return (void)ctx, level >= XO_LOG_WARNING; }
static void log_record(void *ctx, const xo_log_record *record) {
    (void)ctx;
    if (record->level >= XO_LOG_WARNING) fprintf(stderr, "%.*s\n", (int)record->message.len, record->message.ptr);
}
static xo_status take(void *ctx, xo_bytes bytes) { return (void)ctx, (void)bytes, XO_OK; }

static const xo_auth_host auth_host = {.struct_size = sizeof auth_host, .offer = take, .revoke = take};

static const void *get_extension(void *ctx, xo_str id) {
    (void)ctx;
    return id.len == strlen(XO_AUTH_1) && memcmp(id.ptr, XO_AUTH_1, id.len) == 0 ? &auth_host : NULL;
}

static void set_error(void *ctx, xo_status status, xo_str message) {
    (void)ctx, (void)status;
    fprintf(stderr, "ask: %.*s\n", (int)message.len, message.ptr);
}

/* ---- What it does ---- */

static void finish(xo_status status) {
    if (status < 0) exit(1);
    pthread_mutex_lock(&lock);
    while (status == XO_ACCEPTED && !life_cycle_done) pthread_cond_wait(&changed, &lock);
    life_cycle_done = false;
    pthread_mutex_unlock(&lock);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ask(const xo_auth *auth, void *self, char **words) {
    long people = atol(words[6]);
    char name[256];
    snprintf(name, sizeof name, "%s%ld", words[5], asked++ % people);
    const xo_credentials credentials = {
        .struct_size = sizeof credentials, .kind = XO_CREDENTIALS_PASSWORD, .name = text(name),
        .secret = {(const uint8_t *)words[7], strlen(words[7])}, .address = text("127.0.0.1")};
    if (auth->authenticate(self, (xo_op){QUESTION}, &credentials) != XO_ACCEPTED) exit(1);
}

int main(int count, char **words) {
    void *library = count > 2 ? dlopen(words[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL) {
        fprintf(stderr, "ask: %s\n", count > 2 ? dlerror() : "see the head of ask.c");
        return 2;
    }
    const xo_library *(*entry)(const xo_query *) = NULL;
    *(void **)&entry = dlsym(library, "xo_plugin_entry");
    const xo_query query = {.struct_size = sizeof query, .major_min = XO_ABI_MAJOR, .major_max = XO_ABI_MAJOR};
    const xo_library *plugin = entry == NULL ? NULL : entry(&query);
    if (plugin == NULL) return 1;
    if (strcmp(words[2], "schema") == 0) {
        const xo_str schema = plugin->descriptor->configuration_schema;
        printf("%.*s\n", (int)schema.len, schema.ptr);
        return 0;
    }
    if (count != 8) return 2;
    static xo_host host;
    host = (xo_host){
        .struct_size = sizeof host, .major = XO_ABI_MAJOR, .name = text("ask"), .version = text("1"),
        .instance_id = text("provider"), .data_dir = text("/nonexistent"), .get_extension = get_extension,
        .log_enabled = log_enabled, .log = log_record, .complete = complete, .is_cancelled = is_cancelled};
    const xo_err error = {.struct_size = sizeof error, .set = set_error};
    const xo_instance *instance = NULL;
    if (plugin->create(&host, &instance, &error) < 0 || instance->setup(instance->data, &error) < 0) return 1;
    finish(instance->configure(
        instance->data, (xo_op){LIFE_CYCLE}, (xo_bytes){(const uint8_t *)words[2], strlen(words[2])}));
    finish(instance->start(instance->data, (xo_op){LIFE_CYCLE}));
    const xo_auth *auth = instance->get_extension(instance->data, text(XO_AUTH_1));

    long most = atol(words[3]);
    double started = now(), end = started + atof(words[4]);
    pthread_mutex_lock(&lock);
    while (now() < end) {
        while (in_flight < most) {
            in_flight++;
            pthread_mutex_unlock(&lock); /* the answer may come at once */
            ask(auth, instance->data, words);
            pthread_mutex_lock(&lock);
        }
        pthread_cond_wait(&changed, &lock);
    }
    double rate = (double)vouched / (now() - started);
    while (in_flight > 0) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    finish(instance->stop(instance->data, (xo_op){LIFE_CYCLE}));
    printf("%f\n", rate);
    return 0;
}
