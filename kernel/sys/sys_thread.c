/*
 * System calls about threads: how they and processes are made, their numbers,
 * their end, and their thread-local segments.
 */
#include <cairn/ldt.h>
#include <cairn/sched.h>
#include <cairn/signal.h>

#include "arch/i386/segment.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sys/sys.h"

SYSCALL_DEFINE(exit, int status)
{
    sys_may_sleep();
    process_exit_thread((status & 0xFF) << 8);
}

SYSCALL_DEFINE(exit_group, int status)
{
    sys_may_sleep();
    process_exit((status & 0xFF) << 8);
}

SYSCALL_DEFINE(gettid, void)
{
    return current->tid;
}

SYSCALL_DEFINE(set_tid_address, uaddr_t address)
{
    current->clear_tid = address;
    return current->tid;
}

SYSCALL_DEFINE(sched_yield, void)
{
    sched_yield();
    return 0;
}

/* ---- thread-local segments ---- */

/* A descriptor's eight bytes (Intel SDM 3A 3.4.5), data segments only. */
static uint64_t make_descriptor(const struct user_desc *d)
{
    uint32_t flags = d->flags;
    uint32_t high = (d->base_addr >> 16 & 0xFF) | (d->base_addr & 0xFF000000) |
                    (d->limit & 0xF0000);

    high |= 0x1000 | 0x6000; /* a segment, of ring 3 */
    high |= 0x100;           /* accessed */
    high |= 0x400000;        /* 32-bit */
    high |= (flags & USER_DESC_CONTENTS_MASK) << 9;
    if (!(flags & USER_DESC_READ_EXEC_ONLY))
        high |= 0x200;
    if (flags & USER_DESC_LIMIT_IN_PAGES)
        high |= 0x800000;
    if (!(flags & USER_DESC_SEG_NOT_PRESENT))
        high |= 0x8000;
    if (flags & USER_DESC_USEABLE)
        high |= 0x100000;
    return (uint64_t)high << 32 | d->base_addr << 16 | (d->limit & 0xFFFF);
}

/* What Linux takes for "clear this slot". */
static bool is_empty(const struct user_desc *d)
{
    uint32_t off = USER_DESC_READ_EXEC_ONLY | USER_DESC_SEG_NOT_PRESENT;

    return d->base_addr == 0 && d->limit == 0 &&
           (d->flags == off || d->flags == 0);
}

/*
 * As Linux: a segment must be a present-or-not 32-bit data segment, since
 * 16-bit ones show bits of the kernel's ESP, and code ones are of no use.
 */
static bool is_allowed(const struct user_desc *d)
{
    return is_empty(d) || ((d->flags & USER_DESC_SEG_32BIT) &&
                           (d->flags & USER_DESC_CONTENTS_MASK) <= 2 &&
                           !(d->flags & USER_DESC_SEG_NOT_PRESENT));
}

static int free_slot(const uint64_t *tls)
{
    for (int i = 0; i < NTLS; i++)
        if (tls[i] == 0)
            return i;
    return -ESRCH;
}

static uint64_t segment_of(const struct user_desc *d)
{
    return is_empty(d) ? 0 : make_descriptor(d);
}

SYSCALL_DEFINE(set_thread_area, uaddr_t address)
{
    uint64_t *tls = current->context.tls;
    struct user_desc d;
    uint32_t slot;
    int found;

    if (copy_from_user(&d, address, sizeof(d)) != 0)
        return -EFAULT;
    if (!is_allowed(&d))
        return -EINVAL;
    if (d.entry_number == UINT32_MAX) {
        found = free_slot(tls);
        if (found < 0)
            return found;
        d.entry_number = (uint32_t)found + __CAIRN_GDT_TLS_MIN;
        if (copy_to_user(address, &d.entry_number, 4) != 0)
            return -EFAULT;
    }
    slot = d.entry_number - __CAIRN_GDT_TLS_MIN;
    if (slot >= NTLS)
        return -EINVAL;
    tls[slot] = segment_of(&d);
    segment_load_tls(tls);
    /* Registers that name the segment show the new one at once. */
    context_save_segments(&current->context);
    segment_load_fs(current->context.fs);
    segment_load_gs(current->context.gs);
    return 0;
}

SYSCALL_DEFINE(get_thread_area, uaddr_t address)
{
    struct user_desc d = {0};
    uint32_t high, number;
    uint64_t desc;

    if (copy_from_user(&number, address, sizeof(number)) != 0)
        return -EFAULT;
    if (number < __CAIRN_GDT_TLS_MIN || number > __CAIRN_GDT_TLS_MAX)
        return -EINVAL;
    desc = current->context.tls[number - __CAIRN_GDT_TLS_MIN];
    high = (uint32_t)(desc >> 32);
    d.entry_number = number;
    d.base_addr = (uint32_t)(desc >> 16 & 0xFFFFFF) | (high & 0xFF000000);
    d.limit = (uint32_t)(desc & 0xFFFF) | (high & 0xF0000);
    d.flags = (high & 0x400000 ? USER_DESC_SEG_32BIT : 0) |
              (high >> 9 & USER_DESC_CONTENTS_MASK) |
              (high & 0x200 ? 0 : USER_DESC_READ_EXEC_ONLY) |
              (high & 0x800000 ? USER_DESC_LIMIT_IN_PAGES : 0) |
              (high & 0x8000 ? 0 : USER_DESC_SEG_NOT_PRESENT) |
              (high & 0x100000 ? USER_DESC_USEABLE : 0);
    return copy_to_user(address, &d, sizeof(d));
}

/* ---- making threads and processes ---- */

SYSCALL_DEFINE(fork, void)
{
    struct clone_request request = {.exit_signal = SIGCHLD};

    return process_clone(&request);
}

SYSCALL_DEFINE(vfork, void)
{
    struct clone_request request = {.flags = CLONE_VM | CLONE_VFORK,
                                    .exit_signal = SIGCHLD};

    return process_clone(&request);
}

/* Namespaces, descriptors of processes and other parents are not there. */
#define CLONE_UNKNOWN                                                \
    (CLONE_PIDFD | CLONE_PTRACE | CLONE_PARENT | CLONE_NEWNS |       \
     CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
     CLONE_NEWPID | CLONE_NEWNET)

/*
 * Threads of a process share all that it has, so what Linux lets a thread have
 * of its own (CLONE_THREAD without CLONE_FILES or CLONE_FS) is refused, too.
 */
static int check_flags(uint32_t flags)
{
    uint32_t all = CLONE_SIGHAND | CLONE_FILES | CLONE_FS;

    if (flags & CLONE_UNKNOWN)
        return -EINVAL;
    if ((flags & CLONE_THREAD) && (flags & all) != all)
        return -EINVAL;
    if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
        return -EINVAL;
    return 0;
}

/* Read the thread-local segment for a new thread. */
static int get_tls(uaddr_t address, struct clone_request *request)
{
    struct user_desc d;

    if (copy_from_user(&d, address, sizeof(d)) != 0)
        return -EFAULT;
    request->tls_slot = d.entry_number - __CAIRN_GDT_TLS_MIN;
    if (!is_allowed(&d) || request->tls_slot >= NTLS)
        return -EINVAL;
    request->tls_segment = segment_of(&d);
    return 0;
}

static long make(struct clone_request *request, uaddr_t tls)
{
    int error = check_flags(request->flags);

    if (!error && (request->flags & CLONE_SETTLS))
        error = get_tls(tls, request);
    return error ? error : process_clone(request);
}

SYSCALL_DEFINE(clone, uint32_t flags, uint32_t stack, uaddr_t parent_tid,
               uint32_t tls, uaddr_t child_tid)
{
    struct clone_request request = {.flags = flags & ~(uint32_t)CSIGNAL,
                                    .exit_signal = (int)(flags & CSIGNAL),
                                    .esp = stack,
                                    .parent_tid = parent_tid,
                                    .child_tid = child_tid};

    if (request.exit_signal > __CAIRN_NSIG)
        return -EINVAL;
    return make(&request, tls);
}

#define CLONE3_MAX 4096u

/* True if [address, address + nbytes) of the user's memory is zero. */
static bool is_zero(uaddr_t address, uint32_t nbytes)
{
    uint8_t byte;

    for (; nbytes > 0; nbytes--, address++)
        if (copy_from_user(&byte, address, 1) != 0 || byte != 0)
            return false;
    return true;
}

static bool fits32(uint64_t word)
{
    return word >> 32 == 0;
}

/* The words of clone3 that must be right whatever the flags are. */
static int check_args(const struct __cairn_clone_args *args)
{
    if (!fits32(args->flags) || (args->flags & (CSIGNAL | CLONE_DETACHED)) ||
        args->exit_signal > __CAIRN_NSIG || args->set_tid || args->set_tid_size)
        return -EINVAL;
    if ((args->flags & CLONE_THREAD) && args->exit_signal != 0)
        return -EINVAL;
    if ((args->stack == 0) != (args->stack_size == 0))
        return -EINVAL;
    if (!fits32(args->stack) || !fits32(args->stack_size) ||
        !fits32(args->stack + args->stack_size) || !fits32(args->tls) ||
        !fits32(args->child_tid) || !fits32(args->parent_tid))
        return -EINVAL;
    return 0;
}

SYSCALL_DEFINE(clone3, uaddr_t address, uint32_t nbytes)
{
    struct __cairn_clone_args args;
    struct clone_request request;
    uint32_t known;
    int error;

    if (nbytes > CLONE3_MAX)
        return -E2BIG;
    if (nbytes < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    memset(&args, 0, sizeof(args));
    known = nbytes < sizeof(args) ? nbytes : sizeof(args);
    if (copy_from_user(&args, address, known) != 0)
        return -EFAULT;
    if (!is_zero(address + known, nbytes - known))
        return -E2BIG;
    error = check_args(&args);
    if (error)
        return error;
    request =
        (struct clone_request){.flags = (uint32_t)args.flags,
                               .exit_signal = (int)args.exit_signal,
                               .esp = (uint32_t)(args.stack + args.stack_size),
                               .parent_tid = (uint32_t)args.parent_tid,
                               .child_tid = (uint32_t)args.child_tid};
    return make(&request, (uaddr_t)args.tls);
}
