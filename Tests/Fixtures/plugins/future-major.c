#define LIBRARY_MAJOR 2
#include "broken.h"
