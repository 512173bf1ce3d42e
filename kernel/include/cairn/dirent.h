/*
 * getdents64: directory entries of Linux.
 */
#ifndef _CAIRN_DIRENT_H
#define _CAIRN_DIRENT_H

#include <cairn/types.h>

/*
 * One entry.  d_reclen is the distance to the next, a multiple of 8; d_name
 * ends with a NUL; d_off is where lseek on the directory goes on after it.
 */
struct __cairn_dirent64 {
    __cairn_u64 d_ino;
    __cairn_s64 d_off;
    __cairn_u16 d_reclen;
    __cairn_u8 d_type; /* DT_* */
    char d_name[];
};

/* The type bits of a mode, shifted right by 12. */
#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10
#define DT_SOCK    12
#define DT_WHT     14

#endif
