#include <xo_plugin.h>

const xo_library *xo_plugin_entry(const xo_query *query) {
    (void)query;
    return NULL;
}
