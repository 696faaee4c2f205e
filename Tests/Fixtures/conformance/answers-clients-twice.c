#define LISTENING_FLAW ANSWERS_TWICE
#include "listening.h"
