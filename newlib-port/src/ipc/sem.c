/*
 * semget, semop, semtimedop, semctl: E2BIG, EACCES, EAGAIN, EEXIST, EFAULT,
 * EFBIG, EIDRM, EINTR, EINVAL, ENOENT, ENOMEM, ENOSPC, EPERM, ERANGE.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <stdarg.h>
#include <sys/sem.h>

_Static_assert(sizeof(struct semid_ds) == sizeof(struct __cairn_semid_ds),
               "what the kernel writes");

int semget(key_t key, int n, int flags)
{
    return (int)RESULT(CALL(semget, key, n, flags));
}

int semtimedop(int id, struct sembuf *ops, size_t n,
               const struct timespec *timeout)
{
    return (int)RESULT(CALL(semtimedop_time64, id, ops, n, timeout));
}

int semop(int id, struct sembuf *ops, size_t n)
{
    return semtimedop(id, ops, n, NULL);
}

/* Whether a command has a fourth argument, a union of a word. */
static int has_argument(int command)
{
    switch (command) {
    case SETVAL:
    case GETALL:
    case SETALL:
    case IPC_STAT:
    case IPC_SET:
    case IPC_INFO:
    case SEM_STAT:
    case SEM_STAT_ANY:
    case SEM_INFO:
        return 1;
    default:
        return 0;
    }
}

int semctl(int id, int number, int command, ...)
{
    unsigned long argument = 0;
    va_list args;

    if (has_argument(command)) {
        va_start(args, command);
        argument = va_arg(args, unsigned long);
        va_end(args);
    }
    return (int)RESULT(CALL(semctl, id, number, command, argument));
}
