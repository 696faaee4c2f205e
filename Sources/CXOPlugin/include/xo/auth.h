/* xo/auth.h - xo.auth/1: vouching for people. Since 1.0.
 *
 * Users, groups, rights, sessions and cookies are the host's. A provider answers one question only: who is this? It
 * checks a password or a token, or it sends a browser elsewhere and reads what that brings back. What it says is a
 * voucher, a JSON object:
 *
 *   {"subject": "5f3c7a…",       mandatory, 1 to 256 bytes: the person, for ever, within this provider. Never something
 *                                that can pass to somebody else, as names and e-mail addresses can
 *    "name": "alice",            mandatory: what the person is called, as the provider spells it
 *    "email": "a@example.org", "emailVerified": true, "displayName": "Alice",
 *    "groups": [{"id": "…", "name": "staff"}],   all that the person is in; "id" never changes. Absent:
 *                                they could not be found out this time, and what was known before holds
 *    "attributes": {"department": ["IT"]},       texts by name, for the administrator's mapping rules
 *    "session": "…",             names the sign-in at the provider, for `end` and `revoke`
 *    "expires": 1790000000000}   milliseconds since 1970: no session here may last longer
 *
 * HOW A QUESTION ENDS, by xo_host.complete:
 *   status >= 0           the answer described at the function.
 *   XO_UNAUTHENTICATED    denied: the person is known here and the proof is wrong, or may not come in. Nobody else is
 *                         asked.
 *   XO_NOT_FOUND          not mine: the next provider is asked.
 *   any other             trouble: neither the one nor the other. The next provider is asked, and the log has it.
 * The error's "message" is for the log and the administrator; people who sign in never see it. Put no secret into it.
 *
 * All requests are JSON objects; "base" in them is the address under which people see the host, without a slash at its
 * end, and "callback" the one under it that `finish` answers: base + "/signin/" + instance + "/callback".
 */
#ifndef XO_AUTH_H
#define XO_AUTH_H

#include "core.h"

#define XO_AUTH_1 "xo.auth/1"

/* What somebody proves who they are with. Borrowed for the duration of authenticate; wiped by the host afterwards: copy
 * what you need and wipe your copy. */
typedef struct xo_credentials {
    uint32_t struct_size;
    uint32_t kind;   /* XO_CREDENTIALS_* */
    xo_str name;     /* as it was typed, at most 255 bytes; empty with a token */
    xo_bytes secret; /* UTF-8 without NUL, 1 to 4096 bytes */
    xo_str address;  /* of the client: numeric IP address, for the log */
} xo_credentials;
enum {
    XO_CREDENTIALS_PASSWORD = 0,
    XO_CREDENTIALS_TOKEN = 1 /* issued by the provider, such as a signed web token */
};

typedef struct xo_auth_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* One-way. [any], RUNNING and during start. From now on this instance is a provider:
     *   {"label": "Company directory",   for people, on the sign-in page
     *    "password": true, "token": true,   which credentials `authenticate` takes; absent: false
     *    "redirect": "state",         it sends browsers elsewhere; the parameter of the callback that brings "key" back
     *    "unsolicited": true}         the callback may come without a key, begun at the other side; absent: false
     * Again to change it. Ends when the plugin stops. */
    XO_SLOT(xo_status, offer)(void *XO_NULLABLE ctx, xo_bytes offer);

    /* One-way. [any], RUNNING. The person has signed out elsewhere, or is gone: ends the sessions and tokens that came of
     * vouchers with this subject and, if it is there, this session: {"subject": "…", "session": "…"}. */
    XO_SLOT(xo_status, revoke)(void *XO_NULLABLE ctx, xo_bytes which);
} xo_auth_host;

/* All functions [lane*], RUNNING; asked only for what was offered. Nobody waits longer than 30 s. */
typedef struct xo_auth {
    uint32_t struct_size;
    uint32_t reserved;

    /* Is it who they say? Answer: a voucher. */
    XO_SLOT(xo_status, authenticate)(void *XO_NULLABLE self, xo_op op, const xo_credentials *XO_NONNULL credentials);

    /* Somebody wants to sign in with a browser: {"base", "callback", "key"}. "key" is to come back with the browser.
     * Answer: {"location": "https://…",  where the browser is sent
     *          "memory": …}              any JSON of at most 16 KiB, kept at the host for `finish`: verifiers, ids */
    XO_SLOT(xo_status, begin)(void *XO_NULLABLE self, xo_op op, xo_bytes request);

    /* The browser has come back: {"base", "callback", "method": "POST", "parameters": {"state": ["…"]}, "memory": …};
     * "memory" is null if nobody began it here. The host has matched the key, once. Answer: a voucher. */
    XO_SLOT(xo_status, finish)(void *XO_NULLABLE self, xo_op op, xo_bytes request);

    /* Who are these now? {"people": [{"subject": "…"} or {"name": "…"}]}, at most 1000. Answer, in the same order:
     * {"people": [voucher, null for one who is gone, disabled or unknown, {} for one of whom nothing can be said now]}.
     * NULL: the provider never can. */
    XO_SLOT(xo_status, lookup)(void *XO_NULLABLE self, xo_op op, xo_bytes request);

    /* Somebody signs out here: {"base", "subject", "name", "session"}. Answer: {"location": "https://…"} to sign out there
     * too, or nothing. NULL: there is no such thing. */
    XO_SLOT(xo_status, end)(void *XO_NULLABLE self, xo_op op, xo_bytes request);

    /* A request below /signin/INSTANCE/ that is none of the above: {"base", "callback", "path": "metadata", "method",
     * "query": "as it came", "parameters"}. Answer: {"status": 200, "type": "text/xml", "body": "…"} or {"location"}.
     * NULL: there are no such pages. */
    XO_SLOT(xo_status, page)(void *XO_NULLABLE self, xo_op op, xo_bytes request);
} xo_auth;

#endif
