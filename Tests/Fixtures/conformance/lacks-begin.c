#define AUTH_FLAW LACKS_BEGIN
#include "provider.h"
