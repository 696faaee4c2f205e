#define INSTANCE_SIZE offsetof(xo_instance, stop)
#include "broken.h"
