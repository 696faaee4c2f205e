#define HOST_MINOR_REQUIRED 999
#include "broken.h"
