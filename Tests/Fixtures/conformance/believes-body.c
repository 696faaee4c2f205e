#define TRANSPORT_FLAW BELIEVES_BODY
#include "transport.h"
