#define OWN_ENTRY
#include "conformance.h"

XO_EXPORT const xo_library *xo_plugin_entrance(const xo_query *query) { return well_answered(query); }

static const struct flaw flaw = {0};
