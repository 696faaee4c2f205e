#define CATALOG "[" PING ", " PING "]"
#include "broken.h"
