#define LIBRARY_SIZE offsetof(xo_library, create)
#include "broken.h"
