#define AUTH_FLAW OFFERS_NOTHING
#include "provider.h"
