#define TRANSPORT_FLAW USES_CLOSED_SESSION
#include "transport.h"
