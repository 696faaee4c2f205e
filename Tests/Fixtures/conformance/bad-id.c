#define ID "Flawed Plugin"
#include "conformance.h"

static const struct flaw flaw = {0};
