#define LISTENING_FLAW NO_LISTENING_FLAW
#include "listening.h"
