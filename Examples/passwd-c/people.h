/* people.h - the file: a line for each person, name:hash:Display Name:group,group. Empty lines and those that begin with
 * # are passed over. */
#ifndef PEOPLE_H
#define PEOPLE_H

#include <stdatomic.h>
#include <stddef.h>

/* Texts end with NUL and live as long as the people they belong to. */
struct person {
    const char *name, *hash, *display_name, *groups;
};

/* Shared, and constant until the last who holds them lets them go. */
struct people {
    atomic_int holders;
    struct person *persons;
    size_t count;
    char *text; /* what they point into */
};

/* What is wrong with a file, for the administrator. */
struct problem {
    char text[512];
};

/* Reads a file. NULL, with the reason, if it cannot be read or a line is no person. */
struct people *people_read(const char *path, struct problem *problem);

/* Somebody by name; NULL if there is nobody of that name. */
const struct person *people_find(const struct people *people, const char *name);

/* Holds on to them, on whatever thread, until people_release. */
struct people *people_retain(struct people *people);

/* Lets them go; the last one wipes and frees them. NULL is nobody. */
void people_release(struct people *people);

/* Whether the secret is the person's. Takes as long for nobody (NULL) as for somebody. */
int person_has_secret(const struct people *people, const struct person *person, const char *secret);

#endif
