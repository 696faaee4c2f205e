/* link: -Wl,-z,nodelete -Wl,-rpath,plugins/lib */
#include "conformance.h"

static const struct flaw flaw = {0};
