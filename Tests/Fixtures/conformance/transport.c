#define TRANSPORT_FLAW NO_FLAW
#include "transport.h"
