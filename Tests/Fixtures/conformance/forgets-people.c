#define AUTH_FLAW FORGETS_PEOPLE
#include "provider.h"
