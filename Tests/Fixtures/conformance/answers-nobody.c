#define OWN_ENTRY
#include "conformance.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    (void)query;
    return NULL;
}

static const struct flaw flaw = {0};
