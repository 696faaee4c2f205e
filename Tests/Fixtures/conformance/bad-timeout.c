#define CATALOG "[{\"name\": \"flawed.echo\", \"permission\": \"user\", \"timeout\": 0}]"
#include "conformance.h"

static const struct flaw flaw = {0};
