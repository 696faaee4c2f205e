#define OWN_ENTRY
#include "conformance.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    static _Thread_local xo_library own;
    own = library;
    return well_answered(query) ? &own : NULL;
}

static const struct flaw flaw = {0};
