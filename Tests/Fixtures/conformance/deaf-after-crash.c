#define LISTENING_FLAW DEAF_AFTER_CRASH
#include "listening.h"
