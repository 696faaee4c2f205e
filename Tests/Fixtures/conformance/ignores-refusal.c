#define TRANSPORT_FLAW IGNORES_REFUSAL
#include "transport.h"
