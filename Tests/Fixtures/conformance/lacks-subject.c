#define AUTH_FLAW LACKS_SUBJECT
#include "provider.h"
