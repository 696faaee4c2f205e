#define CATALOG "[{\"name\": \"catalogNotJson.ping\", \"permission\": \"user\""
#include "broken.h"
