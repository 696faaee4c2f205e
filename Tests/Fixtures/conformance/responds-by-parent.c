#include "placement.h"

static xo_status respond(instance *self, xo_op op) {
    const xo_http_response response = {.struct_size = sizeof response, .status = is_child_of_daemon() ? 404 : 204};
    self->http->respond(self->http->ctx, op, &response);
    return XO_ACCEPTED;
}

static const struct flaw flaw = {.on_request = respond};
