/*
 * lockf: a lock from the current offset, by fcntl.
 *
 * Errors: those of fcntl; EAGAIN if another process holds a lock.
 */
#include "../call.h"
#include <fcntl.h>
#include <unistd.h>

static int test_lock(int fd, struct flock *lock)
{
    if (fcntl(fd, F_GETLK, lock) < 0)
        return -1;
    if (lock->l_type == F_UNLCK || lock->l_pid == getpid())
        return 0;
    return __cairn_fail(EAGAIN);
}

int lockf(int fd, int command, off_t nbytes)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_CUR,
                         .l_len = nbytes};

    switch (command) {
    case F_ULOCK:
        lock.l_type = F_UNLCK;
        return fcntl(fd, F_SETLK, &lock);
    case F_LOCK:
        return fcntl(fd, F_SETLKW, &lock);
    case F_TLOCK:
        return fcntl(fd, F_SETLK, &lock);
    case F_TEST:
        return test_lock(fd, &lock);
    default:
        return __cairn_fail(EINVAL);
    }
}
