#define AUTH_FLAW BELIEVES_NAMES
#include "provider.h"
