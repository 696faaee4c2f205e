#define LISTENING_FLAW BELIEVES_REASON
#include "listening.h"
