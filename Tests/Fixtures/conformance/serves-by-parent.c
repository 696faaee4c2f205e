#define LISTENING_FLAW SERVES_BY_PARENT
#include "listening.h"
