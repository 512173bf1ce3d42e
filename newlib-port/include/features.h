/* Programs for other libcs include this. */
#ifndef _FEATURES_H
#define _FEATURES_H

#include <sys/features.h>

#endif
