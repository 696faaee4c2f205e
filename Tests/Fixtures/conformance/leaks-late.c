#define LISTENING_FLAW LEAKS_LATE
#include "listening.h"
