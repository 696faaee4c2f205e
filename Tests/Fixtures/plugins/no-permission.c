#define CATALOG "[" METHOD("open", "\"params\": {}") ", " PING "]"
#include "broken.h"
