#define CATALOG "[{\"name\": \"flawed.echo\", \"permission\": \"user\", \"idempotent\": \"yes\"}]"
#include "conformance.h"

static const struct flaw flaw = {0};
