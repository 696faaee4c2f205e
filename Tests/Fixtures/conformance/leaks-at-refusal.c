#define LISTENING_FLAW LEAKS_AT_REFUSAL
#include "listening.h"
