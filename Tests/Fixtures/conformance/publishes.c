#include "events.h"

/* How much time has passed differs from run to run. */
static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    char payload[64];
    snprintf(payload, sizeof payload, "{\"echoes\": %ld, \"clock\": %ld}", ++self->state, (long)clock());
    publish(self, "echoed \"aloud\"", payload);
    complete(self, op, XO_OK, "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.setup = fetch_events, .invoke = answer};
