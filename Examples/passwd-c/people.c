#include "people.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_FILE = 16 << 20, LONGEST_NAME = 255 };

/* ---- Reading the file ---------------------------------------------------------------------------------------- */

/* The file's content with a NUL at its end; NULL if it cannot be read. */
static char *read_file(const char *path, size_t *length, struct problem *problem) {
    char *text = NULL;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        snprintf(problem->text, sizeof problem->text, "%s cannot be read: %s; give a file that this process may read", path,
            strerror(errno));
    } else if (!S_ISREG(status.st_mode) || status.st_size > LONGEST_FILE) {
        snprintf(problem->text, sizeof problem->text, "%s is no ordinary file of at most 16 MiB", path);
    } else if ((text = malloc((size_t)status.st_size + 1)) == NULL) {
        snprintf(problem->text, sizeof problem->text, "there is no memory to read %s", path);
    } else {
        size_t done = 0;
        ssize_t count;
        while (done < (size_t)status.st_size && (count = read(file, text + done, (size_t)status.st_size - done)) > 0)
            done += (size_t)count;
        text[done] = 0;
        *length = done;
    }
    if (file >= 0) close(file);
    return text;
}

/* Whether a line is UTF-8, as all texts are that go to the host. */
static int is_utf8(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        const int more = *at < 0x80 ? 0 : *at >= 0xC2 && *at < 0xE0 ? 1 : (*at & 0xF0) == 0xE0 ? 2 : *at >= 0xF0 && *at < 0xF5 ? 3 : -1;
        if (more < 0) return 0;
        const unsigned char first = *at++, second = *at;
        for (int i = 0; i < more; i++)
            if ((*at++ & 0xC0) != 0x80) return 0;
        /* Overlong forms, halves of surrogates, and what is beyond the last character. */
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
            (first == 0xF4 && second > 0x8F))
            return 0;
    }
    return 1;
}

/* Cuts a line at its next colon and returns what is behind it; NULL if there is none. */
static char *next_field(char *line) {
    char *const colon = strchr(line, ':');
    if (colon == NULL) return NULL;
    *colon = 0;
    return colon + 1;
}

/* What is wrong with a line; NULL if it is a person. */
static const char *read_line(char *line, struct person *person) {
    const int has_good_text = is_utf8(line);
    person->name = line;
    person->hash = line = next_field(line);
    person->display_name = line = line ? next_field(line) : NULL;
    person->groups = line = line ? next_field(line) : NULL;
    if (!has_good_text) return "it is not UTF-8";
    if (line == NULL) return "expected name:hash:Display Name:group,group";
    if (strchr(line, ':') != NULL) return "there is a colon too many";
    if (person->name[0] == 0 || strlen(person->name) > LONGEST_NAME) return "the name has to be of 1 to 255 bytes";
    /* Locked, as in /etc/shadow; or one that crypt(3) understands. */
    const int is_locked = person->hash[0] == '!' || person->hash[0] == '*';
    if (!is_locked && crypt_checksalt(person->hash) != CRYPT_SALT_OK)
        return "the hash is none that is strong enough; make one with: mkpasswd --method=yescrypt";
    return NULL;
}

static int by_name(const void *one, const void *other) {
    return strcmp(((const struct person *)one)->name, ((const struct person *)other)->name);
}

struct people *people_read(const char *path, struct problem *problem) {
    struct people *const people = calloc(1, sizeof *people);
    size_t length = 0, room = 1;
    if (people == NULL) return NULL;
    atomic_init(&people->holders, 1);
    if ((people->text = read_file(path, &length, problem)) == NULL) goto failed;
    if (strlen(people->text) != length) {
        snprintf(problem->text, sizeof problem->text, "%s holds a NUL, so it is no text", path);
        goto failed;
    }
    for (const char *at = people->text; *at; at++) room += *at == '\n';
    people->persons = calloc(room, sizeof *people->persons);
    if (people->persons == NULL) goto failed;
    char *next = people->text;
    for (int number = 1; next != NULL; number++) {
        char *const line = next;
        next = strchr(line, '\n');
        if (next != NULL) *next++ = 0;
        line[strcspn(line, "\r")] = 0;
        if (line[0] == 0 || line[0] == '#') continue;
        const char *const wrong = read_line(line, &people->persons[people->count++]);
        if (wrong == NULL) continue;
        snprintf(problem->text, sizeof problem->text, "%s, line %d: %s", path, number, wrong);
        goto failed;
    }
    qsort(people->persons, people->count, sizeof *people->persons, by_name);
    for (size_t i = 1; i < people->count; i++) {
        if (by_name(&people->persons[i - 1], &people->persons[i]) != 0) continue;
        snprintf(problem->text, sizeof problem->text, "%s: %s stands there twice", path, people->persons[i].name);
        goto failed;
    }
    return people;
failed:
    people_release(people);
    return NULL;
}

const struct person *people_find(const struct people *people, const char *name) {
    const struct person wanted = {.name = name};
    return people->count ? bsearch(&wanted, people->persons, people->count, sizeof wanted, by_name) : NULL;
}

struct people *people_retain(struct people *people) {
    atomic_fetch_add(&people->holders, 1);
    return people;
}

void people_release(struct people *people) {
    if (people == NULL || atomic_fetch_sub(&people->holders, 1) > 1) return;
    /* Hashes are worth something to others. */
    for (size_t i = 0; people->persons != NULL && i < people->count; i++)
        if (people->persons[i].hash != NULL)
            explicit_bzero((char *)people->persons[i].hash, strlen(people->persons[i].hash));
    free(people->persons);
    free(people->text);
    free(people);
}

/* ---- Comparing ----------------------------------------------------------------------------------------------- */

/* Takes the same time whatever is different. */
static int is_same(const char *one, const char *other) {
    const size_t length = strlen(one);
    if (strlen(other) != length) return 0;
    unsigned char difference = 0;
    for (size_t i = 0; i < length; i++) difference |= (unsigned char)(one[i] ^ other[i]);
    return difference == 0;
}

int person_has_secret(const struct people *people, const struct person *person, const char *secret) {
    /* Somebody who is unknown or locked out is compared with somebody else, so that it takes as long. */
    const struct person *model = person;
    const int is_open = person != NULL && person->hash[0] != '!' && person->hash[0] != '*';
    for (size_t i = 0; !is_open && i < people->count; i++) {
        model = &people->persons[i];
        if (model->hash[0] != '!' && model->hash[0] != '*') break;
        model = NULL;
    }
    if (model == NULL) return 0;
    struct crypt_data *const work = calloc(1, sizeof *work); /* 32 KiB: not for the stack of a thread */
    if (work == NULL) return 0;
    const char *const hash = crypt_r(secret, model->hash, work);
    const int has_secret = hash != NULL && is_same(hash, model->hash);
    explicit_bzero(work, sizeof *work);
    free(work);
    return has_secret && is_open;
}
