#define OWN_ENTRY
#include "conformance.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    return query->struct_size == sizeof *query ? well_answered(query) : NULL;
}

static const struct flaw flaw = {0};
