/* A library that contains the debug information of everything in the header: what scripts/abi-check compares. It is
 * compiled with -fno-eliminate-unused-debug-types, so no table has to be named here and none can be forgotten. */
#include "xo_plugin.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    (void)query;
    return NULL;
}
