#define AUTH_FLAW ANSWERS_TWICE
#include "provider.h"
