#define AUTH_FLAW KEEPS_CREDENTIALS
#include "provider.h"
