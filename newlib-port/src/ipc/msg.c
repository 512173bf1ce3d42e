/*
 * msgget, msgsnd, msgrcv, msgctl: E2BIG, EACCES, EAGAIN, EEXIST, EFAULT, EIDRM,
 * EINTR, EINVAL, ENOENT, ENOMEM, ENOMSG, ENOSPC, EPERM.
 */
#include "../call.h"
#include <sys/msg.h>

_Static_assert(sizeof(struct msqid_ds) == sizeof(struct __cairn_msqid_ds),
               "what the kernel writes");

int msgget(key_t key, int flags)
{
    return (int)RESULT(CALL(msgget, key, flags));
}

int msgsnd(int id, const void *message, size_t nbytes, int flags)
{
    return (int)RESULT(CALL(msgsnd, id, message, nbytes, flags));
}

ssize_t msgrcv(int id, void *message, size_t nbytes, long type, int flags)
{
    return RESULT(CALL(msgrcv, id, message, nbytes, type, flags));
}

int msgctl(int id, int command, struct msqid_ds *buf)
{
    return (int)RESULT(CALL(msgctl, id, command, buf));
}
