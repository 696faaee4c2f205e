#define LISTENING_FLAW LEAKS_AT_STOP
#include "listening.h"
