/* provider.h - the plugin of conformance.h as a provider of identities that knows one person: alice, with the password
 * "wonderland". It sends browsers elsewhere, too, but nobody ever comes back.
 *
 * A case defines AUTH_FLAW as one of these before it includes this header.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include "conformance.h"

enum auth_flaw {
    NO_FLAW,
    OFFERS_NOTHING,
    LACKS_BEGIN,
    ANSWERS_TWICE,
    FORGETS_PEOPLE,
    LACKS_SUBJECT,
    TAKES_BEGINNING,
    TAKES_EMPTY_PASSWORD,
    BELIEVES_NAMES,
    BELIEVES_REQUESTS,
    CANCEL_ANSWERS_TOO,
    STOP_ANSWERS_TOO,
    KEEPS_CREDENTIALS,
    TELLS_PASSWORD
};

static const char alice[] = "{\"subject\": \"1001\", \"name\": \"alice\", \"email\": \"alice@example.org\","
                            " \"emailVerified\": true, \"groups\": [{\"id\": \"5\", \"name\": \"staff\"}],"
                            " \"attributes\": {\"department\": [\"IT\"]}}";

static xo_status answer(instance *self, xo_op op, xo_status status, const char *text) {
    complete(self, op, status, text);
    if (AUTH_FLAW == ANSWERS_TWICE) complete(self, op, status, text);
    self->kept_op = op;
    self->state++;
    return XO_ACCEPTED;
}

static int is_text(const void *pointer, uint64_t length, const char *text) {
    return pointer && length == strlen(text) && memcmp(pointer, text, length) == 0;
}

static int is_right(xo_bytes secret) {
    static const char right[] = "wonderland";
    if (AUTH_FLAW == TAKES_BEGINNING) return secret.len > 1 && secret.len < sizeof right &&
                                             memcmp(secret.ptr, right, secret.len) == 0;
    return is_text(secret.ptr, secret.len, right);
}

static int lies(const void *pointer, uint64_t length) { return length > INT64_MAX || (length && !pointer); }

static xo_status authenticate(void *untyped, xo_op op, const xo_credentials *credentials) {
    instance *self = untyped;
    const xo_str name = credentials->name;
    const xo_bytes secret = credentials->secret;
    if (lies(name.ptr, name.len) || lies(secret.ptr, secret.len)) return XO_INVALID_ARGUMENT;
    if (AUTH_FLAW == BELIEVES_NAMES && name.len > 255) abort();
    if (AUTH_FLAW == KEEPS_CREDENTIALS) self->kept = credentials;
    if (AUTH_FLAW == TAKES_EMPTY_PASSWORD && secret.len == 0) return answer(self, op, XO_OK, alice);
    if (AUTH_FLAW == TELLS_PASSWORD) {
        char text[200];
        snprintf(text, sizeof text, "{\"code\": -32000, \"message\": \"%.*s is not the password\"}",
            secret.len < 100 ? (int)secret.len : 0, (const char *)secret.ptr);
        return answer(self, op, XO_UNAUTHENTICATED, secret.len && strpbrk(text, "\\\n") == NULL ? text : "");
    }
    if (!is_text(name.ptr, name.len, "alice")) return XO_NOT_FOUND;
    if (credentials->kind != XO_CREDENTIALS_PASSWORD || !is_right(secret)) return XO_UNAUTHENTICATED;
    return answer(self, op, XO_OK, AUTH_FLAW == LACKS_SUBJECT ? "{\"name\": \"alice\"}" : alice);
}

static xo_status begin(void *self, xo_op op, xo_bytes request) {
    if (AUTH_FLAW == BELIEVES_REQUESTS && request.ptr[0] == 0) return XO_INVALID_ARGUMENT;
    return answer(self, op, XO_OK, "{\"location\": \"https://id.example.org/?a=1\", \"memory\": [1]}");
}

static xo_status finish(void *self, xo_op op, xo_bytes request) {
    (void)request;
    return answer(self, op, XO_UNAUTHENTICATED, "{\"code\": -32000, \"message\": \"nobody comes back\"}");
}

static xo_status lookup(void *self, xo_op op, xo_bytes request) {
    (void)request;
    return answer(self, op, XO_OK, AUTH_FLAW == FORGETS_PEOPLE ? "{\"people\": []}" : "{\"people\": [null, null, null]}");
}

static xo_status page(void *self, xo_op op, xo_bytes request) {
    (void)request;
    return answer(self, op, XO_OK, "{\"status\": 404, \"type\": \"text/plain\", \"body\": \"\"}");
}

static const xo_auth auth = {
    .struct_size = sizeof auth,
    .authenticate = authenticate,
    .begin = AUTH_FLAW == LACKS_BEGIN ? NULL : begin,
    .finish = finish,
    .lookup = lookup,
    .page = page,
};

static const void *get_auth(instance *self, xo_str id) {
    (void)self;
    return same(id, TEXT(XO_AUTH_1)) ? &auth : NULL;
}

static xo_status start_provider(instance *self, xo_op op) {
    (void)op;
    const xo_auth_host *host = self->host->get_extension(self->host->ctx, TEXT(XO_AUTH_1));
    if (!host) return XO_UNSUPPORTED;
    static const char offer[] = "{\"label\": \"Wonderland\", \"password\": true, \"redirect\": \"state\"}";
    static const char nothing[] = "{\"label\": \"Wonderland\", \"password\": false}";
    const char *text = AUTH_FLAW == OFFERS_NOTHING ? nothing : offer;
    const xo_status status = host->offer(host->ctx, (xo_bytes){(const uint8_t *)text, strlen(text)});
    return AUTH_FLAW == OFFERS_NOTHING ? XO_OK : status;
}

static xo_status stop_provider(instance *self, xo_op op) {
    (void)op;
    if (AUTH_FLAW == KEEPS_CREDENTIALS && self->kept) self->state = ((const xo_credentials *)self->kept)->kind;
    /* Only where much was asked. */
    if (AUTH_FLAW == STOP_ANSWERS_TOO && self->state == 40) complete(self, self->kept_op, XO_CANCELLED, "");
    return XO_OK;
}

static void cancel_question(instance *self, xo_op op) {
    if (AUTH_FLAW == CANCEL_ANSWERS_TOO) complete(self, op, XO_CANCELLED, "");
}

static const struct flaw flaw = {
    .start = start_provider, .stop = stop_provider, .cancel = cancel_question, .get_extension = get_auth};

#endif
