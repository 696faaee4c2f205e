/* json.h - as much JSON as this plugin needs: one text out of an object, and texts into one. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <xo_plugin.h>

/* The text at `key` of a JSON object, to be released by free; NULL if there is none, or if it holds a NUL. */
char *json_text(xo_bytes object, const char *key);

/* A text that grows. When there is no memory for it, `start` is NULL and stays so. */
struct growing {
    char *start; /* ends with NUL; to be released by free */
    size_t length, room;
};

void append(struct growing *text, const char *more);

/* Appends a JSON string, with its quotes. */
void append_quoted(struct growing *text, const char *value, size_t length);

#endif
