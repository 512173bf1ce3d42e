/*
 * System calls of System V's objects: directly, and through `ipc`, the older
 * call that is all of them in one.
 */
#include <cairn/ipc.h>
#include <cairn/msg.h>
#include <cairn/sem.h>
#include <cairn/shm.h>

#include "arch/i386/clock.h"
#include "mm/kmalloc.h"
#include "proc/sysv.h"
#include "sched/waitq.h"
#include "sys/restart.h"
#include "sys/sys.h"
#include "sys/timespec.h"

#define FEW_OPS 8u /* that fit on the stack */

/* ---- shared memory ---- */

SYSCALL_DEFINE(shmget, int key, uint32_t nbytes, uint32_t flags)
{
    return shm_get(key, nbytes, flags);
}

SYSCALL_DEFINE(shmat, int id, uint32_t addr, uint32_t flags)
{
    uint32_t at;
    int error = shm_attach(id, addr, flags, &at);

    return error < 0 ? error : (long)at;
}

SYSCALL_DEFINE(shmdt, uint32_t addr)
{
    return shm_detach(addr);
}

SYSCALL_DEFINE(shmctl, int id, int command, uaddr_t buf)
{
    return shm_control(id, command & ~__CAIRN_IPC_64, buf);
}

/* ---- semaphores ---- */

SYSCALL_DEFINE(semget, int key, int nsems, uint32_t flags)
{
    return sem_get(key, nsems, flags);
}

SYSCALL_DEFINE(semctl, int id, int number, int command, uint32_t arg)
{
    return sem_control(id, number, command & ~__CAIRN_IPC_64, arg);
}

/* Operate until a deadline, which a call that is made again keeps. */
static long operate(int id, const struct __cairn_sembuf *ops, uint32_t nops,
                    uint64_t ns)
{
    uint64_t deadline =
        restart_deadline(timespec_later(clock_monotonic_ns(), ns));
    long result = sem_operate(id, ops, nops, deadline);

    restart_end(result, deadline);
    return result;
}

static long do_semtimedop(int id, uaddr_t address, uint32_t nops,
                          uaddr_t timeout, bool wide)
{
    struct __cairn_sembuf few[FEW_OPS], *ops = few;
    uint64_t ns;
    long result;

    if (nops < 1 || id < 0)
        return -EINVAL;
    if (nops > SEM_MAX_OPS)
        return -E2BIG;
    result = timespec_span(timeout, wide, &ns);
    if (result < 0)
        return result;
    if (nops > FEW_OPS)
        ops = kmalloc(nops * sizeof(*ops));
    if (ops == NULL)
        return -ENOMEM;
    result = copy_from_user(ops, address, nops * sizeof(*ops));
    if (result == 0)
        result = operate(id, ops, nops, ns);
    if (ops != few)
        kfree(ops);
    return result;
}

SYSCALL_DEFINE(semtimedop_time64, int id, uaddr_t ops, uint32_t nops,
               uaddr_t timeout)
{
    return do_semtimedop(id, ops, nops, timeout, true);
}

/* ---- messages ---- */

SYSCALL_DEFINE(msgget, int key, uint32_t flags)
{
    return msg_get(key, flags);
}

SYSCALL_DEFINE(msgsnd, int id, uaddr_t buf, uint32_t nbytes, uint32_t flags)
{
    uint32_t type;

    if (get_user_word(buf, &type) != 0)
        return -EFAULT;
    return msg_send(id, (int32_t)type, buf + sizeof(type), nbytes, flags);
}

SYSCALL_DEFINE(msgrcv, int id, uaddr_t buf, uint32_t nbytes, int type,
               uint32_t flags)
{
    return msg_receive(id, buf, nbytes, type, flags);
}

SYSCALL_DEFINE(msgctl, int id, int command, uaddr_t buf)
{
    return msg_control(id, command & ~__CAIRN_IPC_64, buf);
}

/* ---- all in one ---- */

/* The structs of 16-bit ids, which come without IPC_64, are not known. */
static bool is_old(int command, int stat, int stat_any)
{
    return command == IPC_SET || command == IPC_STAT || command == stat ||
           command == stat_any;
}

/* Its last argument points to an union of which the first word is meant. */
static long ipc_semctl(int id, int number, int command, uaddr_t ptr)
{
    uint32_t arg;

    if (ptr == 0)
        return -EINVAL;
    if (get_user_word(ptr, &arg) != 0)
        return -EFAULT;
    return sys_semctl(id, number, command, arg);
}

static long ipc_msgrcv(int id, uint32_t nbytes, uint32_t flags, uaddr_t ptr,
                       int type, bool old)
{
    uint32_t kludge[2]; /* buffer and type, of the older form */

    if (!old)
        return msg_receive(id, ptr, nbytes, type, flags);
    if (ptr == 0)
        return -EINVAL;
    if (copy_from_user(kludge, ptr, sizeof(kludge)) != 0)
        return -EFAULT;
    return msg_receive(id, kludge[0], nbytes, (int32_t)kludge[1], flags);
}

static long ipc_shmat(int id, uint32_t flags, uaddr_t out, uint32_t addr)
{
    uint32_t at;
    int error = shm_attach(id, addr, flags, &at);

    if (error == 0 && put_user_word(out, at) != 0) {
        (void)!shm_detach(at);
        error = -EFAULT;
    }
    return error;
}

static long ipc_semaphore(uint32_t call, int first, uint32_t second,
                          uint32_t third, uaddr_t ptr, uint32_t fifth)
{
    switch (call) {
    case __CAIRN_IPC_SEMOP:
        return do_semtimedop(first, ptr, second, 0, false);
    case __CAIRN_IPC_SEMTIMEDOP:
        return do_semtimedop(first, ptr, second, fifth, false);
    case __CAIRN_IPC_SEMGET:
        return sem_get(first, (int)second, third);
    default:
        return is_old((int)third, SEM_STAT, SEM_STAT_ANY)
                   ? -EINVAL
                   : ipc_semctl(first, (int)second, (int)third, ptr);
    }
}

static long ipc_message(uint32_t call, bool old, int first, uint32_t second,
                        uint32_t third, uaddr_t ptr, uint32_t fifth)
{
    switch (call) {
    case __CAIRN_IPC_MSGSND:
        return sys_msgsnd(first, ptr, second, third);
    case __CAIRN_IPC_MSGRCV:
        return ipc_msgrcv(first, second, third, ptr, (int)fifth, old);
    case __CAIRN_IPC_MSGGET:
        return msg_get(first, second);
    default:
        return is_old((int)second, MSG_STAT, MSG_STAT_ANY)
                   ? -EINVAL
                   : sys_msgctl(first, (int)second, ptr);
    }
}

static long ipc_memory(uint32_t call, int first, uint32_t second,
                       uint32_t third, uaddr_t ptr)
{
    switch (call) {
    case __CAIRN_IPC_SHMAT:
        return ipc_shmat(first, second, third, ptr);
    case __CAIRN_IPC_SHMDT:
        return shm_detach(ptr);
    case __CAIRN_IPC_SHMGET:
        return shm_get(first, second, third);
    default:
        return is_old((int)second, SHM_STAT, SHM_STAT_ANY)
                   ? -EINVAL
                   : sys_shmctl(first, (int)second, ptr);
    }
}

SYSCALL_DEFINE(ipc, uint32_t call, int first, uint32_t second, uint32_t third,
               uaddr_t ptr, uint32_t fifth)
{
    bool old = call >> 16 == 0; /* a version; it matters to few calls */

    call &= 0xFFFF;
    switch (call) {
    case __CAIRN_IPC_SEMOP:
    case __CAIRN_IPC_SEMGET:
    case __CAIRN_IPC_SEMCTL:
    case __CAIRN_IPC_SEMTIMEDOP:
        return ipc_semaphore(call, first, second, third, ptr, fifth);
    case __CAIRN_IPC_MSGSND:
    case __CAIRN_IPC_MSGRCV:
    case __CAIRN_IPC_MSGGET:
    case __CAIRN_IPC_MSGCTL:
        return ipc_message(call, old, first, second, third, ptr, fifth);
    case __CAIRN_IPC_SHMAT:
    case __CAIRN_IPC_SHMDT:
    case __CAIRN_IPC_SHMGET:
    case __CAIRN_IPC_SHMCTL:
        return ipc_memory(call, first, second, third, ptr);
    default:
        return -ENOSYS;
    }
}
