#define CATALOG \
    "[" METHOD("broken", "\"permission\": \"user\", \"params\": {\"id\": {\"type\": \"no such type\"}}") ", " PING "]"
#include "broken.h"
