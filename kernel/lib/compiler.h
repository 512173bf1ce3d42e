/*
 * Names for the compiler attributes that the kernel uses.
 */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

/* The caller must look at the result: it is 0 or an error. */
#define must_check __attribute__((warn_unused_result))

/* The compiler checks argument `args` and later against format `fmt`. */
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

/* Kept out of its callers, so that their common path stays short. */
#define never_inline __attribute__((noinline))

/* A function that takes its arguments from the stack, as system calls do. */
#ifdef __i386__
#    define stack_args __attribute__((regparm(0)))
#else
#    define stack_args
#endif

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#endif
