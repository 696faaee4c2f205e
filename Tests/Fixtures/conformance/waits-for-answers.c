#define TRANSPORT_FLAW WAITS_FOR_ANSWERS
#include "transport.h"
