#define ANYTHING "\"permission\": \"admin\""
#define CATALOG "[" METHOD("set", ANYTHING) ", " METHOD("revoke", ANYTHING) ", " METHOD("test", ANYTHING) ", " \
    METHOD("asked", ANYTHING) "]"
#include "broken.h"

enum { SET, REVOKE, TEST, ASKED };

/* How often a password was to be checked. */
static _Atomic int asked;

/* What is said of vera. One instance at a time. */
static char voucher[65536] =
    "{\"subject\": \"u-1\", \"name\": \"vera\", \"email\": \"vera@example.org\", \"emailVerified\": true,"
    " \"groups\": [{\"id\": \"g-1\", \"name\": \"staff\"}, {\"id\": \"g-2\", \"name\": \"team-blue\"}],"
    " \"attributes\": {\"department\": [\"IT\"]}, \"session\": \"s-1\"}";

static const xo_auth_host *auth_of(instance *self) {
    return self->host->get_extension(self->host->ctx, TEXT(XO_AUTH_1));
}

static int same(xo_str text, const char *other) {
    return text.len == strlen(other) && memcmp(text.ptr, other, text.len) == 0;
}

static int is_vera_gone(void) { return strcmp(voucher, "null") == 0; }

static xo_status vouch(instance *self, xo_op op) {
    if (is_vera_gone()) return XO_UNAUTHENTICATED;
    complete(self, op, XO_OK, voucher, strlen(voucher));
    return XO_ACCEPTED;
}

static xo_status begin_to_serve(instance *self, xo_op op) {
    (void)op;
    static const char offer[] =
        "{\"label\": \"Company <directory>\", \"password\": true, \"token\": true, \"redirect\": \"state\"}";
    const xo_auth_host *auth = auth_of(self);
    return auth->offer(auth->ctx, (xo_bytes){(const uint8_t *)offer, sizeof offer - 1});
}

static xo_status authenticate(void *self, xo_op op, const xo_credentials *credentials) {
    const xo_str secret = {(const char *)credentials->secret.ptr, credentials->secret.len};
    if (credentials->kind == XO_CREDENTIALS_TOKEN) return same(secret, "vera-token") ? vouch(self, op) : XO_NOT_FOUND;
    asked++;
    if (same(credentials->name, "dora")) {
        complete_with(self, op, XO_UNAUTHENTICATED, "{\"code\": 0, \"message\": \"dora is disabled\"}");
        return XO_ACCEPTED;
    }
    if (same(credentials->name, "tom")) return XO_UNAVAILABLE;
    if (!same(credentials->name, "vera")) return XO_NOT_FOUND;
    return same(secret, "vera-pw") ? vouch(self, op) : XO_UNAUTHENTICATED;
}

/* A text member of a JSON object that this host has written. */
static void member(xo_bytes json, const char *name, char *out, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    out[0] = '\0';
    const char *text = (const char *)json.ptr;
    for (uint64_t at = 0; at + strlen(key) <= json.len; at++) {
        if (memcmp(text + at, key, strlen(key)) != 0) continue;
        at += strlen(key);
        size_t length = 0;
        while (at + length < json.len && text[at + length] != '"' && length + 1 < size) length++;
        memcpy(out, text + at, length);
        out[length] = '\0';
        return;
    }
}

static xo_status begin_elsewhere(void *self, xo_op op, xo_bytes request) {
    char key[128], callback[512];
    member(request, "key", key, sizeof key);
    member(request, "callback", callback, sizeof callback);
    complete_with(
        self, op, XO_OK, "{\"location\": \"https://idp.example.org/?state=%s&back=%s\", \"memory\": {\"nonce\": 7}}", key,
        callback);
    return XO_ACCEPTED;
}

static xo_status finish(void *self, xo_op op, xo_bytes request) {
    if (!contains(request, "\"memory\":{\"nonce\":7}")) return XO_UNAUTHENTICATED;
    return contains(request, "\"person\":[\"vera\"]") ? vouch(self, op) : XO_UNAUTHENTICATED;
}

static xo_status look_up(void *self, xo_op op, xo_bytes request) {
    const int is_known = contains(request, "\"u-1\"") || contains(request, "\"vera\"");
    const size_t size = sizeof voucher + 32;
    char *text = malloc(size);
    snprintf(text, size, "{\"people\": [%s]}", is_known ? voucher : "null");
    const xo_buf payload = {.ptr = (const uint8_t *)text, .len = strlen(text), .owner = text, .release = free};
    instance *const me = self;
    me->host->complete(me->host->ctx, op, XO_OK, payload);
    return XO_ACCEPTED;
}

static xo_status end(void *self, xo_op op, xo_bytes request) {
    char session[64];
    member(request, "session", session, sizeof session);
    complete_with(self, op, XO_OK, "{\"location\": \"https://idp.example.org/out?session=%s\"}", session);
    return XO_ACCEPTED;
}

static xo_status page(void *self, xo_op op, xo_bytes request) {
    if (!contains(request, "\"path\":\"metadata\"")) return XO_NOT_FOUND;
    complete_with(self, op, XO_OK, "{\"type\": \"text/xml\", \"body\": \"<metadata/>\"}");
    return XO_ACCEPTED;
}

static xo_status answer(instance *self, xo_op op, uint32_t method, const xo_call *call) {
    const xo_auth_host *auth = auth_of(self);
    switch (method) {
    case SET:
        if (call->params.len >= sizeof voucher) return XO_INVALID_ARGUMENT;
        if (contains(call->params, "\"gone\"")) {
            strcpy(voucher, "null");
        } else {
            memcpy(voucher, call->params.ptr, call->params.len);
            voucher[call->params.len] = '\0';
        }
        return XO_OK;
    case REVOKE: return auth->revoke(auth->ctx, call->params);
    case ASKED: complete_with(self, op, XO_OK, "%d", asked); return XO_ACCEPTED;
    default: complete(self, op, XO_OK, "\"all is well\"", 13); return XO_ACCEPTED;
    }
}

static const void *table(xo_str id) {
    static const xo_auth auth = {
        .struct_size = sizeof auth, .authenticate = authenticate, .begin = begin_elsewhere, .finish = finish,
        .lookup = look_up, .end = end, .page = page};
    return same(id, XO_AUTH_1) ? &auth : NULL;
}

static const struct behaviour behaviour = {.start = begin_to_serve, .invoke = answer, .extension = table};
