/*
 * shmget, shmat, shmdt, shmctl: EACCES, EEXIST, EFAULT, EINVAL, ENOENT, ENOMEM,
 * ENOSPC, EPERM.
 */
#include "../call.h"
#include <sys/shm.h>

_Static_assert(sizeof(struct shmid_ds) == sizeof(struct __cairn_shmid_ds),
               "what the kernel writes");

int shmget(key_t key, size_t nbytes, int flags)
{
    return (int)RESULT(CALL(shmget, key, nbytes, flags));
}

void *shmat(int id, const void *address, int flags)
{
    return (void *)RESULT(CALL(shmat, id, address, flags));
}

int shmdt(const void *address)
{
    return (int)RESULT(CALL(shmdt, address));
}

int shmctl(int id, int command, struct shmid_ds *buf)
{
    return (int)RESULT(CALL(shmctl, id, command, buf));
}
