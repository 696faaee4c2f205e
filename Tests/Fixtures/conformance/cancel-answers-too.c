#define AUTH_FLAW CANCEL_ANSWERS_TOO
#include "provider.h"
