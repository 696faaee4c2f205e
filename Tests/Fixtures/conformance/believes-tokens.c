#define TRANSPORT_FLAW BELIEVES_TOKENS
#include "transport.h"
