#define LIBRARY_MAGIC 42
#include "broken.h"
