#define ECHO "{\"name\": \"flawed.echo\", \"permission\": \"user\"}"
#define CATALOG "[" ECHO ", " ECHO "]"
#include "conformance.h"

static const struct flaw flaw = {0};
