#define CATALOG \
    "[{\"name\": \"flawed.echo\", \"permission\": \"user\", \"params\": {\"text\": {\"type\": \"text\"}}}]"
#include "conformance.h"

static const struct flaw flaw = {0};
