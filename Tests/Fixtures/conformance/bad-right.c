#define CATALOG "[{\"name\": \"flawed.echo\", \"permission\": \"user\", \"objects\": {\"id\": {\"permission\": \"own\"}}}]"
#include "conformance.h"

static const struct flaw flaw = {0};
