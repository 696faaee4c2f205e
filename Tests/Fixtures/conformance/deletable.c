/* link: */
#include "conformance.h"

static const struct flaw flaw = {0};
