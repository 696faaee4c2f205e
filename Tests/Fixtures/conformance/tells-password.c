#define AUTH_FLAW TELLS_PASSWORD
#include "provider.h"
