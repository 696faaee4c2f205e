/* Not a plugin, though a sound library. */
__attribute__((visibility("default"))) int something_else(void) { return 42; }
