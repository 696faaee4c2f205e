/* The floor of a sign-in with a directory: binds of people with the bare library.
 *
 *   binds URI CONNECTIONS SECONDS PEOPLE kept|fresh|found
 *
 * Each of CONNECTIONS threads binds one person after the other. `kept`: all over one connection. `fresh`: each over a
 * connection of its own, as a person's must be. `found`: the same, and the person is searched for before, over a kept
 * connection: all that a sign-in needs. Prints binds a second.
 */
#include <ldap.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *uri;
static long seconds, people;
static bool kept, found;
static struct timespec started;

static bool is_over(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - started.tv_sec + (now.tv_nsec - started.tv_nsec) / 1e9 >= seconds;
}

static LDAP *connect_to_server(void) {
    LDAP *ld = NULL;
    int version = LDAP_VERSION3;
    if (ldap_initialize(&ld, uri) != LDAP_SUCCESS) return NULL;
    ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
    return ld;
}

static void check(int status, const char *what) {
    if (status == LDAP_SUCCESS) return;
    fprintf(stderr, "binds: %s: %s\n", what, ldap_err2string(status));
    exit(1);
}

static int bind_as(LDAP *ld, const char *name) {
    char password[] = "bench-secret";
    struct berval credentials = {strlen(password), password};
    return ldap_sasl_bind_s(ld, name, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, NULL);
}

static void find(LDAP *ld, long number) {
    char filter[64];
    snprintf(filter, sizeof filter, "(uid=person-%ld)", number);
    char *attributes[] = {"entryUUID", "uid", "mail", "cn", NULL};
    LDAPMessage *answer = NULL;
    check(ldap_search_ext_s(
              ld, "ou=people,dc=example,dc=test", LDAP_SCOPE_SUBTREE, filter, attributes, 0, NULL, NULL, NULL, 2, &answer),
          filter);
    ldap_msgfree(answer);
}

static void *run(void *argument) {
    long number = (long)argument, count = 0;
    LDAP *ld = NULL, *service = NULL;
    if (found) {
        service = connect_to_server();
        check(service == NULL ? LDAP_CONNECT_ERROR : bind_as(service, "cn=reader,dc=example,dc=test"), "cn=reader");
    }
    for (; !is_over(); number++, count++) {
        char name[128];
        snprintf(name, sizeof name, "uid=person-%ld,ou=people,dc=example,dc=test", number % people);
        if (found) find(service, number % people);
        if (ld == NULL) ld = connect_to_server();
        check(ld == NULL ? LDAP_CONNECT_ERROR : bind_as(ld, name), name);
        if (!kept) {
            ldap_unbind_ext_s(ld, NULL, NULL);
            ld = NULL;
        }
    }
    if (ld != NULL) ldap_unbind_ext_s(ld, NULL, NULL);
    if (service != NULL) ldap_unbind_ext_s(service, NULL, NULL);
    return (void *)count;
}

int main(int count, char **words) {
    if (count != 6) {
        fprintf(stderr, "usage: binds URI CONNECTIONS SECONDS PEOPLE kept|fresh|found\n");
        return 2;
    }
    uri = words[1];
    long threads = atol(words[2]), binds = 0;
    seconds = atol(words[3]);
    people = atol(words[4]);
    kept = strcmp(words[5], "kept") == 0;
    found = strcmp(words[5], "found") == 0;
    pthread_t ids[64];
    if (threads < 1 || threads > 64 || people < 1) return 2;
    clock_gettime(CLOCK_MONOTONIC, &started);
    for (long i = 0; i < threads; i++) pthread_create(&ids[i], NULL, run, (void *)(i * 1000));
    for (long i = 0; i < threads; i++) {
        void *done;
        pthread_join(ids[i], &done);
        binds += (long)done;
    }
    printf("%f\n", (double)binds / (double)seconds);
    return 0;
}
