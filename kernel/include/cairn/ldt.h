/*
 * set_thread_area and get_thread_area: the descriptor that %gs selects.
 */
#ifndef _CAIRN_LDT_H
#define _CAIRN_LDT_H

#include <cairn/types.h>

/* entry_number -1 asks for a free slot, which the kernel then writes there. */
struct user_desc {
    __cairn_u32 entry_number;
    __cairn_u32 base_addr;
    __cairn_u32 limit;
    __cairn_u32 flags; /* USER_DESC_* */
};

#define USER_DESC_SEG_32BIT       0x01
#define USER_DESC_CONTENTS_MASK   0x06 /* 0 data, 2 expand-down, 4 code */
#define USER_DESC_READ_EXEC_ONLY  0x08
#define USER_DESC_LIMIT_IN_PAGES  0x10
#define USER_DESC_SEG_NOT_PRESENT 0x20
#define USER_DESC_USEABLE         0x40

/* The three slots of a thread, as indexes into the GDT. */
#define __CAIRN_GDT_TLS_MIN 6
#define __CAIRN_GDT_TLS_MAX 8

#endif
