/* passwd.c - a plugin for xo-host that vouches for the people of a file, in C.
 *
 * The file has a line for each person, name:hash:Display Name:group,group, with hashes of crypt(3). It is read again when
 * it has changed. A hash takes tens of milliseconds by design, and a lane has ten: so that is done by threads of the
 * plugin's own (workers.h), and the question completed from there.
 *
 * Read it from the bottom up to follow the host: entry, create, setup, configure, start, questions, stop, destroy.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <xo_plugin.h>

#include "json.h"
#include "people.h"
#include "workers.h"

#define TEXT(literal) ((xo_str)STATIC_TEXT(literal))
#define STATIC_TEXT(literal) {(literal), sizeof(literal) - 1}

/* One instance. The host's calls come one at a time; the mutex is for what the workers look at. */
struct passwd {
    xo_instance table; /* what the host sees */
    const xo_host *host;
    const xo_auth_host *auth;
    struct workers *workers; /* NULL before start; ended, but not freed, after stop */
    char *label;
    xo_op stopping;

    pthread_mutex_t mutex;
    char *path;
    struct stat stamp; /* of the file when it was read */
    struct people *people;
};

/* ---- Answers ------------------------------------------------------------------------------------------------- */

/* Finishes an operation, with an error that the administrator reads if there is a message. */
static void refuse(const struct passwd *self, xo_op op, xo_status status, const char *message) {
    struct growing error = {0};
    if (message != NULL) {
        append(&error, "{\"code\": -32000, \"message\": ");
        append_quoted(&error, message, strlen(message));
        append(&error, "}");
    }
    const xo_buf payload = {
        .ptr = (const uint8_t *)error.start, .len = error.start ? error.length : 0, .owner = error.start, .release = free};
    self->host->complete(self->host->ctx, op, status, payload);
}

static void vouch(const struct passwd *self, xo_op op, const struct person *person) {
    struct growing voucher = {0};
    /* The file is one administrator's, who gives a name to one person: here, and only here, names will do as subjects. */
    append(&voucher, "{\"subject\": ");
    append_quoted(&voucher, person->name, strlen(person->name));
    append(&voucher, ", \"name\": ");
    append_quoted(&voucher, person->name, strlen(person->name));
    if (person->display_name[0] != 0) {
        append(&voucher, ", \"displayName\": ");
        append_quoted(&voucher, person->display_name, strlen(person->display_name));
    }
    append(&voucher, ", \"groups\": [");
    const char *separator = "";
    for (const char *group = person->groups; *group != 0;) {
        const size_t length = strcspn(group, ",");
        if (length > 0) {
            append(&voucher, separator);
            append(&voucher, "{\"id\": ");
            append_quoted(&voucher, group, length);
            append(&voucher, ", \"name\": ");
            append_quoted(&voucher, group, length);
            append(&voucher, "}");
            separator = ", ";
        }
        group += length + (group[length] == ',');
    }
    append(&voucher, "]}");
    if (voucher.start == NULL) return refuse(self, op, XO_RESOURCE_EXHAUSTED, NULL);
    /* The host owns the text from here on, and frees it. */
    const xo_buf payload = {
        .ptr = (const uint8_t *)voucher.start, .len = voucher.length, .owner = voucher.start, .release = free};
    self->host->complete(self->host->ctx, op, XO_OK, payload);
}

/* ---- The file ------------------------------------------------------------------------------------------------ */

static int is_unchanged(const struct stat *one, const struct stat *other) {
    return one->st_ino == other->st_ino && one->st_dev == other->st_dev && one->st_size == other->st_size &&
           one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* Says what is wrong with the file; whoever signs in learns nothing of it. */
static void complain(const struct passwd *self, const struct problem *problem) {
    struct growing fields = {0};
    append(&fields, "{\"reason\": ");
    append_quoted(&fields, problem->text, strlen(problem->text));
    append(&fields, "}");
    const xo_log_record record = {
        .struct_size = sizeof record,
        .level = XO_LOG_ERROR,
        .message = TEXT("The file has changed and cannot be used; its last state stays."),
        .fields = {fields.start, fields.start ? fields.length : 0},
    };
    self->host->log(self->host->ctx, &record);
    free(fields.start);
}

/* Reads the file again if it has changed. With the mutex held. What cannot be read leaves what was known. */
static void refresh(struct passwd *self) {
    struct stat stamp = {0};
    stat(self->path, &stamp);
    if (is_unchanged(&stamp, &self->stamp)) return;
    self->stamp = stamp;
    struct problem problem = {"there is no memory for it"};
    struct people *const people = people_read(self->path, &problem);
    if (people == NULL) return complain(self, &problem);
    people_release(self->people);
    self->people = people;
}

/* ---- The question -------------------------------------------------------------------------------------------- */

/* Somebody who waits to be looked at. */
struct visitor {
    struct job job; /* first, so that one is the other */
    struct passwd *self;
    xo_op op;
    size_t size; /* of all this */
    char *secret;
    char name[]; /* then the secret; both end with NUL */
};

static void dismiss(struct visitor *visitor) {
    explicit_bzero(visitor, visitor->size);
    free(visitor);
}

/* On a thread of the workers. */
static void look_at(struct job *job, int is_stopping) {
    struct visitor *const visitor = (struct visitor *)job;
    struct passwd *const self = visitor->self;
    const xo_op op = visitor->op;
    if (is_stopping || self->host->is_cancelled(self->host->ctx, op)) {
        dismiss(visitor);
        return refuse(self, op, XO_CANCELLED, NULL);
    }
    pthread_mutex_lock(&self->mutex);
    refresh(self);
    /* Held on to, so that others need not wait while this one is looked at. */
    struct people *const people = people_retain(self->people);
    pthread_mutex_unlock(&self->mutex);

    const struct person *const person = people_find(people, visitor->name);
    const int is_right = person_has_secret(people, person, visitor->secret);
    dismiss(visitor);
    if (person == NULL) refuse(self, op, XO_NOT_FOUND, NULL);
    else if (!is_right) refuse(self, op, XO_UNAUTHENTICATED, "the password is wrong, or the person is locked out");
    else vouch(self, op, person);
    people_release(people);
}

/* Whether a view can be copied as a text of C. */
static int is_text(const void *pointer, uint64_t length, uint64_t longest) {
    return pointer != NULL && length > 0 && length <= longest && memchr(pointer, 0, length) == NULL;
}

static xo_status authenticate(void *untyped, xo_op op, const xo_credentials *credentials) {
    struct passwd *const self = untyped;
    const xo_str name = credentials->name;
    const xo_bytes secret = credentials->secret;
    if (credentials->kind != XO_CREDENTIALS_PASSWORD || self->workers == NULL) return XO_UNSUPPORTED;
    if (!is_text(name.ptr, name.len, 255)) return XO_NOT_FOUND; /* nobody has such a name */
    if (!is_text(secret.ptr, secret.len, 4096)) return XO_INVALID_ARGUMENT;
    const size_t size = sizeof(struct visitor) + name.len + secret.len + 2;
    struct visitor *const visitor = calloc(1, size);
    if (visitor == NULL) return XO_RESOURCE_EXHAUSTED;
    *visitor = (struct visitor){.job = {.work = look_at}, .self = self, .op = op, .size = size};
    visitor->secret = visitor->name + name.len + 1;
    memcpy(visitor->name, name.ptr, name.len);
    memcpy(visitor->secret, secret.ptr, secret.len);
    if (workers_add(self->workers, &visitor->job)) return XO_ACCEPTED;
    dismiss(visitor);
    return XO_BUSY;
}

static const xo_auth questions = {.struct_size = sizeof questions, .authenticate = authenticate};

/* ---- The life cycle ------------------------------------------------------------------------------------------ */

static xo_status setup(void *untyped, const xo_err *err) {
    struct passwd *const self = untyped;
    self->auth = self->host->get_extension(self->host->ctx, TEXT(XO_AUTH_1));
    if (self->auth != NULL) return XO_OK;
    err->set(err->ctx, XO_UNSUPPORTED, TEXT("this host does not offer " XO_AUTH_1 "; use a newer one"));
    return XO_UNSUPPORTED;
}

/* Tells the host that this instance is a provider. */
static xo_status offer(const struct passwd *self, const char *label) {
    struct growing text = {0};
    append(&text, "{\"password\": true, \"label\": ");
    append_quoted(&text, label, strlen(label));
    append(&text, "}");
    if (text.start == NULL) return XO_RESOURCE_EXHAUSTED;
    const xo_bytes view = {(const uint8_t *)text.start, text.length};
    const xo_status status = self->auth->offer(self->auth->ctx, view);
    free(text.start);
    return status;
}

static xo_status configure(void *untyped, xo_op op, xo_bytes configuration) {
    struct passwd *const self = untyped;
    char *const path = json_text(configuration, "file");
    char *const label = json_text(configuration, "label");
    struct problem problem = {"`file` and `label` have to be texts without NUL"};
    struct stat stamp = {0};
    struct people *people = NULL;
    if (path != NULL && label != NULL) {
        /* Before it is read: what changes in between is read once more. A local file is no I/O that one waits for. */
        stat(path, &stamp);
        people = people_read(path, &problem);
    }
    if (people == NULL) {
        free(path);
        free(label);
        refuse(self, op, XO_INVALID_ARGUMENT, problem.text);
        return XO_ACCEPTED;
    }
    const int is_running = self->workers != NULL && self->stopping.id == 0;
    const xo_status status = is_running ? offer(self, label) : XO_OK;
    if (status < 0) {
        /* A rejected configuration changes nothing. */
        people_release(people);
        free(path);
        free(label);
        return status;
    }
    pthread_mutex_lock(&self->mutex);
    char *const old_path = self->path;
    struct people *const old_people = self->people;
    self->path = path;
    self->stamp = stamp;
    self->people = people;
    pthread_mutex_unlock(&self->mutex);
    people_release(old_people);
    free(old_path);
    free(self->label);
    self->label = label;
    return XO_OK;
}

static xo_status start(void *untyped, xo_op op) {
    (void)op;
    struct passwd *const self = untyped;
    workers_free(self->workers); /* of an earlier life; they have ended */
    self->stopping = (xo_op){0};
    self->workers = workers_start();
    return self->workers == NULL ? XO_RESOURCE_EXHAUSTED : offer(self, self->label);
}

static void stopped(void *untyped) {
    const struct passwd *const self = untyped;
    refuse(self, self->stopping, XO_OK, NULL);
}

static xo_status stop(void *untyped, xo_op op) {
    struct passwd *const self = untyped;
    self->stopping = op;
    workers_stop(self->workers, stopped, self);
    return XO_ACCEPTED;
}

static void destroy(void *untyped) {
    struct passwd *const self = untyped;
    /* After a start that failed or was given up they still run; nothing can wait for them then. */
    if (self->workers != NULL && self->stopping.id == 0) workers_stop(self->workers, NULL, NULL);
    workers_free(self->workers);
    people_release(self->people);
    free(self->path);
    free(self->label);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

static const void *get_extension(void *self, xo_str id) {
    (void)self;
    const xo_str offered = TEXT(XO_AUTH_1);
    return id.len == offered.len && id.ptr != NULL && memcmp(id.ptr, offered.ptr, id.len) == 0 ? &questions : NULL;
}

/* ---- What the host finds in this library --------------------------------------------------------------------- */

static xo_status create(const xo_host *host, const xo_instance **out, const xo_err *err) {
    struct passwd *const self = calloc(1, sizeof *self);
    if (self == NULL) {
        err->set(err->ctx, XO_RESOURCE_EXHAUSTED, TEXT("out of memory"));
        return XO_RESOURCE_EXHAUSTED;
    }
    self->host = host;
    pthread_mutex_init(&self->mutex, NULL);
    self->table = (xo_instance){
        .struct_size = sizeof self->table,
        .data = self,
        .setup = setup,
        .configure = configure,
        .start = start,
        .stop = stop,
        .destroy = destroy,
        .get_extension = get_extension,
    };
    *out = &self->table;
    return XO_OK;
}

static const xo_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .id = STATIC_TEXT("passwd-c"),
    .version = STATIC_TEXT("1.0.0"),
    .name = STATIC_TEXT("Password file"),
    .description = STATIC_TEXT("Vouches for the people of a file; an example for authors who write C."),
    .configuration_schema = STATIC_TEXT(
        "{\"type\": \"object\", \"required\": [\"file\"], \"additionalProperties\": false,"
        " \"properties\": {"
        "  \"file\": {\"type\": \"string\", \"minLength\": 1,"
        "    \"description\": \"Lines of name:hash:Display Name:group,group, with hashes of crypt(3).\"},"
        "  \"label\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\": 100, \"default\": \"Password file\","
        "    \"description\": \"What the provider is called on the sign-in page.\"}}}"),
};

static const xo_library library = {
    .struct_size = sizeof library,
    .magic = XO_LIBRARY_MAGIC,
    .major = XO_ABI_MAJOR,
    .minor_built = XO_ABI_MINOR,
    .sdk = STATIC_TEXT("plain C"),
    .descriptor = &descriptor,
    .create = create,
};

const xo_library *xo_plugin_entry(const xo_query *query) {
    return query->major_min <= XO_ABI_MAJOR && XO_ABI_MAJOR <= query->major_max ? &library : NULL;
}
