#define AUTH_FLAW BELIEVES_REQUESTS
#include "provider.h"
