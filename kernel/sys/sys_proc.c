/* System calls about the process itself: ids, limits, threads, the end. */
#include <cairn/ldt.h>
#include <cairn/resource.h>
#include <cairn/signal.h>

#include "arch/i386/segment.h"
#include "arch/i386/trap.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sys/sys.h"

SYSCALL_DEFINE(exit, int status)
{
    process_exit((status & 0xFF) << 8);
}

SYSCALL_DEFINE(exit_group, int status)
{
    process_exit((status & 0xFF) << 8);
}

SYSCALL_DEFINE(getpid, void)
{
    return current_process()->pid;
}

SYSCALL_DEFINE(getppid, void)
{
    return current_process()->parent->pid;
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

/* ---- signals ---- */

/* Send to one process: signal 0 only asks if it is there. */
static int send_to(struct process *target, int signo)
{
    if (signo == 0)
        return 0;
    return signal_send(target, signo);
}

struct broadcast {
    int signo;
    bool found;
};

static void send_to_each(struct process *p, void *ctx)
{
    struct broadcast *b = ctx;

    if (p->pid == 1 || p == current_process())
        return;
    b->found = true;
    (void)send_to(p, b->signo);
}

SYSCALL_DEFINE(kill, int pid, int signo)
{
    struct broadcast b = {signo, false};
    struct process *target;

    if (signo < 0 || signo > __CAIRN_NSIG)
        return -EINVAL;
    if (pid == -1) {
        process_each(send_to_each, &b);
        return b.found ? 0 : -ESRCH;
    }
    if (pid == INT32_MIN)
        return -ESRCH;
    if (pid <= 0)
        return signal_send_group(pid == 0 ? current_process()->pgid : -pid,
                                 signo);
    target = process_find(pid);
    return target ? send_to(target, signo) : -ESRCH;
}

static long thread_kill(int pid, int tid, int signo)
{
    struct process *target;

    if (tid <= 0 || signo < 0 || signo > __CAIRN_NSIG)
        return -EINVAL;
    target = process_find(tid);
    if (!target || (pid != 0 && target->pid != pid))
        return -ESRCH;
    return send_to(target, signo);
}

SYSCALL_DEFINE(tgkill, int pid, int tid, int signo)
{
    return pid <= 0 ? -EINVAL : thread_kill(pid, tid, signo);
}

SYSCALL_DEFINE(tkill, int tid, int signo)
{
    return thread_kill(0, tid, signo);
}

/* ---- thread-local segments ---- */

/* A descriptor's eight bytes (Intel SDM 3A 3.4.5), data segments only. */
static uint64_t make_descriptor(const struct user_desc *d)
{
    uint32_t flags = d->flags;
    uint32_t high = (d->base_addr >> 16 & 0xFF) |
                    (d->base_addr & 0xFF000000) | (d->limit & 0xF0000);

    high |= 0x1000 | 0x6000;               /* a segment, of ring 3 */
    high |= 0x100;                         /* accessed */
    high |= 0x400000;                      /* 32-bit */
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
    return is_empty(d) ||
           ((d->flags & USER_DESC_SEG_32BIT) &&
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

SYSCALL_DEFINE(set_thread_area, uaddr_t address)
{
    uint64_t *tls = current->context.tls;
    struct user_desc d;
    int slot;

    if (copy_from_user(&d, address, sizeof(d)) != 0)
        return -EFAULT;
    if (!is_allowed(&d))
        return -EINVAL;
    slot = (int)d.entry_number - __CAIRN_GDT_TLS_MIN;
    if (d.entry_number == UINT32_MAX) {
        slot = free_slot(tls);
        if (slot < 0)
            return slot;
        d.entry_number = (uint32_t)slot + __CAIRN_GDT_TLS_MIN;
        if (copy_to_user(address, &d.entry_number, 4) != 0)
            return -EFAULT;
    }
    if (slot < 0 || slot >= NTLS)
        return -EINVAL;
    tls[slot] = is_empty(&d) ? 0 : make_descriptor(&d);
    segment_load_tls(tls);
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
