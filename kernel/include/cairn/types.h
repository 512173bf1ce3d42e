/*
 * Plain integer types of the ABI, and the widths that system calls use.
 *
 * Everything here is made from the compiler's own macros, so that the kernel,
 * the libc's headers and a host tool may include it in any order without a
 * clash.  Linux i386 aligns a 64-bit integer inside a struct to 4 bytes; the
 * two 64-bit types say so, which keeps the layouts on a 64-bit host too.
 */
#ifndef _CAIRN_TYPES_H
#define _CAIRN_TYPES_H

typedef __INT16_TYPE__ __cairn_s16;
typedef __INT32_TYPE__ __cairn_s32;
typedef __UINT8_TYPE__ __cairn_u8;
typedef __UINT16_TYPE__ __cairn_u16;
typedef __UINT32_TYPE__ __cairn_u32;
typedef __SIZE_TYPE__ __cairn_size;

typedef __INT64_TYPE__ __cairn_s64 __attribute__((aligned(4)));
typedef __UINT64_TYPE__ __cairn_u64 __attribute__((aligned(4)));

/* An address in user space, as the kernel reads it from a struct. */
typedef __cairn_u32 __cairn_uptr;

#endif
