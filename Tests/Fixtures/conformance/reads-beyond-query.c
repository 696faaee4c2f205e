#define OWN_ENTRY
#include "conformance.h"

const xo_library *xo_plugin_entry(const xo_query *query) {
    const volatile uint32_t *beyond = (const uint32_t *)(query + 1);
    return *beyond == 0x12345678 ? NULL : well_answered(query);
}

static const struct flaw flaw = {0};
