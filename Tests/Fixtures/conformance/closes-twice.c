#define LISTENING_FLAW CLOSES_TWICE
#include "listening.h"
