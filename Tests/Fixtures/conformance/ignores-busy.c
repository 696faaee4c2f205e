#define TRANSPORT_FLAW IGNORES_BUSY
#include "transport.h"
