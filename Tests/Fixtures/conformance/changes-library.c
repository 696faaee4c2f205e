#define OWN_ENTRY
#include "conformance.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    library.reserved++;
    return well_answered(query);
}

static const struct flaw flaw = {0};
