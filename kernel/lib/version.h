/*
 * What uname and /proc/version say of this system.
 */
#ifndef LIB_VERSION_H
#define LIB_VERSION_H

#define CAIRN_SYSNAME "Cairn"
#define CAIRN_RELEASE "1.0"
#define CAIRN_VERSION "#1"

#endif
