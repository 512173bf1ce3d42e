/*
 * call.h - how the libc enters the kernel.
 *
 * CALL(name, arguments...) makes system call __NR_name and gives back what the
 * kernel left in EAX: a value, or an errno negated, which lies in
 * [-4095, -1].  RESULT() turns that into a value or -1 with errno set, which is
 * what nearly every function returns.  Arguments may be integers up to 32 bits
 * or pointers; a 64-bit one is passed as LOW(x), HIGH(x).
 *
 * The asm statements are volatile and clobber memory, since the kernel may read
 * and write whatever a pointer among the arguments leads to.
 *
 * Where a thread may be cancelled (POSIX XSH 2.9.5.2), CANCEL() is used instead.
 * A function that ISO C does not know, but that lies in one file with one that
 * stdio needs, is WEAK, so that a program may have a read() of its own.
 */
#ifndef CALL_H
#define CALL_H

#include <cairn/syscall.h>
#include <errno.h>
#include <reent.h>
#include <stddef.h>

#define WEAK __attribute__((weak))

#define CALL_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define CALL(...)                                                          \
    CALL_PICK(__VA_ARGS__, CALL_6, CALL_5, CALL_4, CALL_3, CALL_2, CALL_1, \
              CALL_0, 0)                                                   \
    (__VA_ARGS__)

#define CALL_0(n)       __cairn_call0(__NR_##n)
#define CALL_1(n, a)    __cairn_call1(__NR_##n, (long)(a))
#define CALL_2(n, a, b) __cairn_call2(__NR_##n, (long)(a), (long)(b))
#define CALL_3(n, a, b, c) \
    __cairn_call3(__NR_##n, (long)(a), (long)(b), (long)(c))
#define CALL_4(n, a, b, c, d) \
    __cairn_call4(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d))
#define CALL_5(n, a, b, c, d, e)                                        \
    __cairn_call5(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), \
                  (long)(e))
#define CALL_6(n, a, b, c, d, e, f)                                     \
    __cairn_call6(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), \
                  (long)(e), (long)(f))

#define LOW(x)  ((unsigned long)(x))
#define HIGH(x) ((unsigned long)((unsigned long long)(x) >> 32))

#define RESULT(value) __cairn_result(_REENT, value)

/*
 * The same for a call at which a thread may be cancelled, in programs that
 * cancel threads (pthread_cancel) or wait for them in such a way.
 */
#ifndef NO_CANCEL
__attribute__((weak)) long __syscall_cp_c(long, long, long, long, long, long,
                                          long);
#endif
#define CANCEL_PAD(n, a, b, c, d, e, f, ...) \
    __NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)
#define CANCEL(...)                                                     \
    (__syscall_cp_c != NULL                                             \
         ? __syscall_cp_c(CANCEL_PAD(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)) \
         : CALL(__VA_ARGS__))

static inline long __cairn_call0(long nr)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr) : "memory");
    return result;
}

static inline long __cairn_call1(long nr, long a)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a) : "memory");
    return result;
}

static inline long __cairn_call2(long nr, long a, long b)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(nr), "b"(a), "c"(b)
                     : "memory");
    return result;
}

static inline long __cairn_call3(long nr, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(nr), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

static inline long __cairn_call4(long nr, long a, long b, long c, long d)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d)
                     : "memory");
    return result;
}

static inline long __cairn_call5(long nr, long a, long b, long c, long d,
                                 long e)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

/* Six arguments need EBP, which the compiler keeps for itself: call6.S. */
long __cairn_call6(long nr, long a, long b, long c, long d, long e, long f);

/*
 * The value of a system call as a C function returns it: itself, or -1 with
 * reent's errno set.
 */
static inline long __cairn_result(struct _reent *reent, long value)
{
    if ((unsigned long)value > -(unsigned long)__CAIRN_ERRNO_MAX - 1) {
        reent->_errno = (int)-value;
        return -1;
    }
    return value;
}

/* Fail with an error number. */
static inline int __cairn_fail(int number)
{
    errno = number;
    return -1;
}

#endif
