#define SCHEMA \
    "{\"type\": \"object\", \"properties\": {\"mode\": {\"enum\": [\"a\"], \"default\": \"a\", \"type\": \"txt\"}}}"
#include "conformance.h"

static const struct flaw flaw = {0};
