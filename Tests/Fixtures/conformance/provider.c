#define AUTH_FLAW NO_FLAW
#include "provider.h"
