#include "events.h"

static xo_status answer(instance *self, xo_op op, const xo_call *call) {
    (void)call;
    publish(self, "echoed", is_child_of_daemon() ? "{\"as\": \"a child\"}" : "{\"as\": \"a guest\"}");
    complete(self, op, XO_OK, "\"echo\"");
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.setup = fetch_events, .invoke = answer};
