#define AUTH_FLAW TAKES_EMPTY_PASSWORD
#include "provider.h"
