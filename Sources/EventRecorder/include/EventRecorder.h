/* EventRecorder.h - nothing: what a plugin has is found by its entry. The package manager wants a header. */
