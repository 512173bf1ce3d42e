/*
 * Taking device numbers apart: major in bits 8-19 and 44-63, minor in the rest.
 */
#ifndef _SYS_SYSMACROS_H
#define _SYS_SYSMACROS_H

#define major(dev) \
    ((unsigned)((((dev) >> 31 >> 1) & 0xfffff000) | (((dev) >> 8) & 0xfff)))
#define minor(dev) ((unsigned)((((dev) >> 12) & 0xffffff00) | ((dev)&0xff)))
#define makedev(maj, min)                                      \
    ((((maj)&0xfffff000ULL) << 32) | (((maj)&0xfffULL) << 8) | \
     (((min)&0xffffff00ULL) << 12) | ((min)&0xffULL))

#endif
