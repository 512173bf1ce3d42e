/*
 * The names that uname and /proc/version give this system. CAIRN_RELEASE comes
 * from the Makefile's VERSION.
 */
#ifndef LIB_VERSION_H
#define LIB_VERSION_H

#include "release.h"

#define CAIRN_SYSNAME "Cairn"
#define CAIRN_VERSION "#1"

#endif
