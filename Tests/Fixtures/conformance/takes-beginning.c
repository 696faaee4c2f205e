#define AUTH_FLAW TAKES_BEGINNING
#include "provider.h"
