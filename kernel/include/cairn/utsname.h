/*
 * uname: six strings, each with its NUL.
 */
#ifndef _CAIRN_UTSNAME_H
#define _CAIRN_UTSNAME_H

#define __CAIRN_UTS_LENGTH 65

struct utsname {
    char sysname[__CAIRN_UTS_LENGTH];
    char nodename[__CAIRN_UTS_LENGTH];
    char release[__CAIRN_UTS_LENGTH];
    char version[__CAIRN_UTS_LENGTH];
    char machine[__CAIRN_UTS_LENGTH];
    char domainname[__CAIRN_UTS_LENGTH];
};

#endif
