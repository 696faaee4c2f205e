#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading ------------------------------------------------------------------------------------------------- */

/* The closing quote of the string whose first character is at `at`; NULL if it has none. */
static const char *end_of_string(const char *at, const char *end) {
    for (; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at : NULL;
}

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

/* Reads four hexadecimal digits; -1 if they are none. */
static long hexadecimal(const char *at, const char *end) {
    if (end - at < 4) return -1;
    char digits[5] = {at[0], at[1], at[2], at[3], 0};
    char *rest;
    const long value = strtol(digits, &rest, 16);
    return rest == digits + 4 && digits[0] != '-' && digits[0] != '+' && digits[0] != ' ' ? value : -1;
}

static char *put_utf8(char *to, long code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) *to++ = (char)(0xC0 | code >> 6);
    else if (code < 0x10000) *to++ = (char)(0xE0 | code >> 12);
    else *to++ = (char)(0xF0 | code >> 18);
    for (int shift = code < 0x800 ? 0 : code < 0x10000 ? 6 : 12; shift >= 0; shift -= 6)
        *to++ = (char)(0x80 | (code >> shift & 0x3F));
    return to;
}

/* The text between two quotes, without its escapes. Never longer than it was written. */
static char *unescape(const char *at, const char *end) {
    char *const text = malloc((size_t)(end - at) + 1);
    char *to = text;
    if (text == NULL) return NULL;
    while (at < end) {
        if (*at != '\\') {
            if (*at == 0) goto bad;
            *to++ = *at++;
            continue;
        }
        if (++at == end) goto bad;
        static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
        const char kind = *at++;
        const char *const known = kind ? strchr(written, kind) : NULL;
        if (known != NULL) {
            *to++ = meant[known - written];
            continue;
        }
        long code = kind == 'u' ? hexadecimal(at, end) : -1;
        at += 4;
        if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
            const long low = hexadecimal(at + 2, end);
            if (low < 0xDC00 || low > 0xDFFF) goto bad;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        }
        /* A NUL would end the text early, half of a pair is no character. */
        if (code <= 0 || (code >= 0xD800 && code <= 0xDFFF)) goto bad;
        to = put_utf8(to, code);
    }
    *to = 0;
    return text;
bad:
    free(text);
    return NULL;
}

char *json_text(xo_bytes object, const char *key) {
    const size_t key_length = strlen(key);
    const char *at = (const char *)object.ptr;
    if (at == NULL || object.len > INT64_MAX) return NULL;
    const char *const end = at + object.len;
    int depth = 0;
    for (; at < end; at++) {
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        if (*at != '"') continue;
        const char *const name = at + 1;
        at = end_of_string(name, end);
        if (at == NULL) return NULL;
        if (depth != 1 || (size_t)(at - name) != key_length || memcmp(name, key, key_length) != 0) continue;
        /* A key is followed by a colon; a value that happens to read like the key is not. */
        const char *value = skip_space(at + 1, end);
        if (value == end || *value != ':') continue;
        value = skip_space(value + 1, end);
        if (value == end || *value != '"') return NULL;
        const char *const value_end = end_of_string(value + 1, end);
        return value_end == NULL ? NULL : unescape(value + 1, value_end);
    }
    return NULL;
}

/* ---- Writing ------------------------------------------------------------------------------------------------- */

static void append_bytes(struct growing *text, const char *more, size_t length) {
    if (text->room == 0 || text->room - text->length <= length) {
        if (text->room != 0 && text->start == NULL) return;
        text->room = (text->room + length) * 2 + 64;
        char *const larger = realloc(text->start, text->room);
        if (larger == NULL) free(text->start);
        text->start = larger;
        if (larger == NULL) return;
    }
    if (text->start == NULL) return;
    memcpy(text->start + text->length, more, length);
    text->length += length;
    text->start[text->length] = 0;
}

void append(struct growing *text, const char *more) { append_bytes(text, more, strlen(more)); }

void append_quoted(struct growing *text, const char *value, size_t length) {
    append(text, "\"");
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)value[i];
        if (byte == '"' || byte == '\\') {
            append(text, "\\");
            append_bytes(text, &value[i], 1);
        } else if (byte < 0x20) {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            append(text, escaped);
        } else {
            append_bytes(text, &value[i], 1);
        }
    }
    append(text, "\"");
}
