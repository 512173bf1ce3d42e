/* <cairn/malloc.h> as it is installed for Cairn's programs. */
#include "malloc_cairn.h"
