#define TRANSPORT_FLAW IGNORES_KICK
#include "transport.h"
