/*
 * The only functions that touch user memory. Each checks that the whole range
 * lies below USER_END before it starts, survives a fault that cannot be
 * resolved, and reads each user byte once. They may sleep when a page must
 * first be brought in. The current thread's address space is meant.
 */
#ifndef ARCH_UCOPY_H
#define ARCH_UCOPY_H

#include "lib/types.h"

/* An address of a user, as it came in a register: never dereferenced. */
typedef uint32_t uaddr_t;

/*
 * To test what happens when a copy faults: if not 0, it counts copies down,
 * and the one that makes it 0 copies nothing.
 */
extern uint32_t ucopy_fail_in;

/* 0, or -EFAULT (then the destination's contents are unspecified). */
int copy_from_user(void *dst, uaddr_t src, size_t nbytes) must_check;
int copy_to_user(uaddr_t dst, const void *src, size_t nbytes) must_check;

/*
 * Copy `n` half words that lie `stride` bytes apart, in the kernel and in the
 * user's memory: one field of each struct of an array.
 */
int put_user_halves(uaddr_t dst, const void *src, size_t n,
                    size_t stride) must_check;

/* One word: 0, or -EFAULT. */
int put_user_word(uaddr_t dst, uint32_t word) must_check;
int get_user_word(uaddr_t src, uint32_t *word) must_check;

/*
 * If the word, which is aligned, is `old`, make it `fresh`, in one step: 0 with
 * what it was in *old, or -EFAULT.
 */
int exchange_user_word(uaddr_t word, uint32_t *old, uint32_t fresh) must_check;

/* Copies that tell how many bytes from the start were copied. */
size_t copy_from_user_some(void *dst, uaddr_t src, size_t nbytes) must_check;
size_t copy_to_user_some(uaddr_t dst, const void *src,
                         size_t nbytes) must_check;

/* Bytes from the start that could be zeroed. */
size_t zero_user_some(uaddr_t dst, size_t nbytes) must_check;

/*
 * Store the FPU state straight in a user's struct __cairn_fpstate, 16-byte
 * aligned; true if it was done. The state in the CPU is undefined afterwards.
 */
bool fpu_save_to_user(uaddr_t fpstate) must_check;

/*
 * FXRSTOR straight from a user's image: true if it was done. A misaligned or
 * bad image, or one with reserved bits of MXCSR set, is not loaded; the caller
 * then copies and mends it. Only where the CPU has FXSR.
 */
bool fpu_load_from_user(uaddr_t image) must_check;

/*
 * Copy a NUL-terminated string. Returns its length without the NUL,
 * -EFAULT, or -ENAMETOOLONG if no NUL is found in `size` bytes.
 */
ssize_t copy_string_from_user(char *dst, uaddr_t src, size_t size) must_check;

#endif
