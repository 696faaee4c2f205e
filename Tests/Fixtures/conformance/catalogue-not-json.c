#define CATALOG "[{\"name\": flawed.echo}]"
#include "conformance.h"

static const struct flaw flaw = {0};
