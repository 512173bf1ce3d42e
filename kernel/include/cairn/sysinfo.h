/*
 * sysinfo: the machine's memory in units of mem_unit bytes.
 */
#ifndef _CAIRN_SYSINFO_H
#define _CAIRN_SYSINFO_H

#include <cairn/types.h>

struct sysinfo {
    __cairn_s32 uptime;   /* seconds */
    __cairn_u32 loads[3]; /* 1, 5 and 15 minutes, times 65536 */
    __cairn_u32 totalram;
    __cairn_u32 freeram;
    __cairn_u32 sharedram;
    __cairn_u32 bufferram;
    __cairn_u32 totalswap;
    __cairn_u32 freeswap;
    __cairn_u16 procs;
    __cairn_u16 pad;
    __cairn_u32 totalhigh;
    __cairn_u32 freehigh;
    __cairn_u32 mem_unit;
    char _f[8];
};

#endif
