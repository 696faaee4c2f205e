#define AUTH_FLAW STOP_ANSWERS_TOO
#include "provider.h"
