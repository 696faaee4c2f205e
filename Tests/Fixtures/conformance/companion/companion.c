/* A library of the plugin's own, beside it: what needs-companion.c needs. */
__attribute__((visibility("default"))) int companion(void) { return 1; }
