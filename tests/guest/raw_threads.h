/*
 * Threads by the kernel's calls alone, for tests: the functions that they run
 * use nothing of the libc that is not in this file. Stacks are mapped, never
 * freed but by thread_join.
 */
#ifndef TESTS_GUEST_RAW_THREADS_H
#define TESTS_GUEST_RAW_THREADS_H

#include <cairn/futex.h>
#include <cairn/ldt.h>
#include <cairn/sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define THREAD_FLAGS                                                    \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
     CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define THREAD_STACK 65536

/* A call without errno: the value or -errno. */
static inline long raw_call(long number, long a, long b, long c, long d, long e,
                            long f)
{
    long args[7] = {number, a, b, c, d, e, f}, result;

    __asm__ volatile("pushl %%ebx\n\tpushl %%ebp\n\t"
                     "pushl %%esi\n\tpushl %%edi\n\t"
                     "movl 4(%%eax), %%ebx\n\tmovl 8(%%eax), %%ecx\n\t"
                     "movl 12(%%eax), %%edx\n\tmovl 16(%%eax), %%esi\n\t"
                     "movl 20(%%eax), %%edi\n\tmovl 24(%%eax), %%ebp\n\t"
                     "movl (%%eax), %%eax\n\tint $0x80\n\t"
                     "popl %%edi\n\tpopl %%esi\n\t"
                     "popl %%ebp\n\tpopl %%ebx"
                     : "=a"(result)
                     : "0"(args)
                     : "ecx", "edx", "memory", "cc");
    return result;
}
#define RAW6(n, a, b, c, d, e, f)                                            \
    raw_call(SYS_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), \
             (long)(f))
#define RAW5(n, a, b, c, d, e) RAW6(n, a, b, c, d, e, 0)
#define RAW4(n, a, b, c, d)    RAW6(n, a, b, c, d, 0, 0)
#define RAW3(n, a, b, c)       RAW6(n, a, b, c, 0, 0, 0)
#define RAW2(n, a, b)          RAW6(n, a, b, 0, 0, 0, 0)
#define RAW1(n, a)             RAW6(n, a, 0, 0, 0, 0, 0)
#define RAW0(n)                RAW6(n, 0, 0, 0, 0, 0, 0)

/*
 * clone with a new stack that ends at `top`, on which fn(arg) runs; what it
 * returns goes to exit. The number, or -errno.
 */
static inline long raw_clone(unsigned flags, void *top, int (*fn)(void *),
                             void *arg, volatile int *parent_tid,
                             struct user_desc *tls, volatile int *child_tid)
{
    uint32_t *sp = (uint32_t *)(((uintptr_t)top & ~15u) - 20);
    uint32_t regs[3] = {(uint32_t)parent_tid, (uint32_t)tls,
                        (uint32_t)child_tid};
    long result;

    sp[0] = (uint32_t)fn;
    sp[1] = (uint32_t)arg;
    __asm__ volatile("pushl %%ebx\n\tpushl %%esi\n\tpushl %%edi\n\t"
                     "movl %%edx, %%ebx\n\t"
                     "movl 4(%%eax), %%esi\n\tmovl 8(%%eax), %%edi\n\t"
                     "movl (%%eax), %%edx\n\t"
                     "movl %[number], %%eax\n\tint $0x80\n\t"
                     "testl %%eax, %%eax\n\tjnz 1f\n\t"
                     "xorl %%ebp, %%ebp\n\tpopl %%eax\n\tcall *%%eax\n\t"
                     "movl %%eax, %%ebx\n\tmovl $1, %%eax\n\t"
                     "int $0x80\n\thlt\n"
                     "1:\tpopl %%edi\n\tpopl %%esi\n\tpopl %%ebx"
                     : "=a"(result)
                     : "0"(regs), "d"(flags), "c"(sp), [number] "i"(SYS_clone)
                     : "memory", "cc");
    return result;
}

struct raw_thread {
    volatile int tid, gone; /* gone: cleared by the kernel at its end */
    char *stack;
};

static inline long futex_call(volatile void *word, int op, long value,
                              const void *timeout)
{
    return RAW4(futex_time64, word, op, value, timeout);
}

/* Start a thread: 0 or -errno. */
static inline long thread_start(struct raw_thread *t, int (*fn)(void *),
                                void *arg)
{
    long result;

    t->stack = mmap(NULL, THREAD_STACK, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t->stack == MAP_FAILED)
        return -1;
    t->gone = 1;
    result = raw_clone(THREAD_FLAGS, t->stack + THREAD_STACK, fn, arg, &t->tid,
                       NULL, &t->gone);
    return result < 0 ? result : 0;
}

/* Wait until it has ended, and free its stack. */
static inline void thread_join(struct raw_thread *t)
{
    while (t->gone != 0)
        futex_call(&t->gone, FUTEX_WAIT, 1, NULL);
    munmap(t->stack, THREAD_STACK);
}

/* Sleep for a while without the libc. */
static inline void nap(long ms)
{
    int32_t ts[2] = {ms / 1000, ms % 1000 * 1000000};

    RAW2(nanosleep, ts, 0);
}

/* Wait until *word is `value` or more, for at most ten seconds. */
static inline int await(volatile int *word, int value)
{
    for (int i = 0; i < 10000 && *word < value; i++)
        nap(1);
    return *word >= value;
}

static inline int add(volatile int *word, int by)
{
    return __atomic_add_fetch(word, by, __ATOMIC_SEQ_CST);
}

#endif
