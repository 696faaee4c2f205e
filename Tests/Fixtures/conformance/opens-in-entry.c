#define OWN_ENTRY
#include "conformance.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    if (dup(1) < 0) return NULL;
    return well_answered(query);
}

static const struct flaw flaw = {0};
