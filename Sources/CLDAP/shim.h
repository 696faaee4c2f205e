/* libldap for Swift: what the importer cannot see (macros with casts, options by void pointer) as functions and
 * constants. */
#ifndef XO_CLDAP_SHIM_H
#define XO_CLDAP_SHIM_H

#include <ldap.h>
#include <openldap.h>
#include <stdlib.h>
#include <string.h>

enum {
    XO_LDAP_RES_BIND = 0x61,
    XO_LDAP_RES_SEARCH_ENTRY = 0x64,
    XO_LDAP_RES_SEARCH_RESULT = 0x65,
    XO_LDAP_RES_SEARCH_REFERENCE = 0x73,
    XO_LDAP_RES_EXTENDED = 0x78
};

extern char **environ;

/* Makes libldap initialise itself without its configuration files, which could switch the verification of certificates
 * off for the whole process: ldap.conf, ~/.ldaprc, and ./ldaprc of whatever folder the process stands in. Only the
 * variable LDAPNOINIT prevents that, and libldap looks for it when it is first used.
 *
 * setenv may free the list of variables while another thread reads it. This puts a longer copy in its place for the
 * moment and never frees it. Once per process, before all else. */
static inline void xo_ldap_initialize(void) {
    static char flag[] = "LDAPNOINIT=1";
    char **before = __atomic_load_n(&environ, __ATOMIC_ACQUIRE);
    size_t count = 0;
    while (before && before[count]) count++;
    char **with_flag = (char **)calloc(count + 2, sizeof *with_flag);
    if (!with_flag) abort();
    if (count) memcpy(with_flag, before, count * sizeof *with_flag);
    with_flag[count] = flag;
    __atomic_store_n(&environ, with_flag, __ATOMIC_RELEASE);
    int version = 0;
    ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
    char **expected = with_flag;
    __atomic_compare_exchange_n(&environ, &expected, before, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline int xo_ldap_set_flag(LDAP *ld, int option, int on) {
    return ldap_set_option(ld, option, on ? LDAP_OPT_ON : LDAP_OPT_OFF);
}

static inline int xo_ldap_set_int(LDAP *ld, int option, int value) { return ldap_set_option(ld, option, &value); }

static inline int xo_ldap_set_text(LDAP *ld, int option, const char *value) {
    return ldap_set_option(ld, option, value);
}

static inline int xo_ldap_set_milliseconds(LDAP *ld, int option, long milliseconds) {
    struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    return ldap_set_option(ld, option, &time);
}

/* The code of the last local failure; 0 if there is none. */
static inline int xo_ldap_result_code(LDAP *ld) {
    int code = 0;
    return ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code) == LDAP_OPT_SUCCESS ? code : -1;
}

/* NULL or a text to free with ldap_memfree. */
static inline char *xo_ldap_text(LDAP *ld, int option) {
    char *text = NULL;
    return ldap_get_option(ld, option, &text) == LDAP_OPT_SUCCESS ? text : NULL;
}

/* Whether the TLS library is GnuTLS; otherwise it is OpenSSL. */
static inline int xo_ldap_has_gnutls(void) {
    char *package = xo_ldap_text(NULL, LDAP_OPT_X_TLS_PACKAGE);
    int has = package && strcmp(package, "GnuTLS") == 0;
    ldap_memfree(package);
    return has;
}

/* The server's certificate in DER, to free with ldap_memfree; its length is 0 if there is none. */
static inline struct berval xo_ldap_peer_certificate(LDAP *ld) {
    struct berval certificate = {0, NULL};
    if (ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &certificate) != LDAP_OPT_SUCCESS) certificate.bv_len = 0;
    return certificate;
}

/* No message from the server may be larger; a connection with a larger one is broken. */
static inline int xo_ldap_limit_messages(LDAP *ld, size_t bytes) {
    Sockbuf *buffer = NULL;
    ber_len_t limit = bytes;
    if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &buffer) != LDAP_OPT_SUCCESS || !buffer) return -1;
    return ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit) == 1 ? 0 : -1;
}

/* What has arrived for a request, without waiting: the type of a message, 0 if nothing is there, -1 if the connection is
 * of no use any more. */
static inline int xo_ldap_take(LDAP *ld, int request, LDAPMessage **message) {
    struct timeval none = {0, 0};
    return ldap_result(ld, request, LDAP_MSG_ONE, &none, message);
}

#endif
