/*
 * System calls of memory: thin, each checks its words and calls mm/space.h.
 *
 * Addresses and lengths are words of the user; space_* checks them. Where
 * Linux changes the part of a range that lies before a hole and then fails,
 * mprotect here changes nothing; POSIX leaves it open.
 */
#include "arch/i386/pmap.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "lib/checkpoint.h"
#include "mm/space.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sys/sys.h"

#define PROT_SEM 0x8 /* Linux takes it, and it means nothing */

/* Flags that mmap knows with MAP_SHARED_VALIDATE; others are refused then. */
#define MAP_KNOWN                                                           \
    (MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | \
     MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE |           \
     MAP_NONBLOCK | MAP_STACK | MAP_FIXED_NOREPLACE)

/* Always succeeds: the break that is, whether it could be moved or not. */
SYSCALL_DEFINE(brk, uint32_t brk)
{
    int error = space_set_break(current->space, brk);

    (void)error;
    return (long)space_break(current->space);
}

SYSCALL_DEFINE(sbrk, int32_t increment)
{
    vaddr_t old;
    int error = space_move_break(current->space, increment, &old);

    return error != 0 ? error : (long)old;
}

static long map_anonymous(uint32_t addr, uint32_t nbytes, uint32_t prot,
                          uint32_t flags)
{
    vaddr_t at;
    int error = space_map(current->space, addr, nbytes, prot, flags, NULL, 0,
                          PROT_ALL, &at);

    return error != 0 ? error : (long)at;
}

/* Map pages of an open file from `page` on. */
static long map_open_file(struct file *file, uint32_t addr, uint32_t nbytes,
                          uint32_t prot, uint32_t flags, uint32_t page)
{
    uint32_t npages = (nbytes >> PAGE_SHIFT) + ((nbytes & PAGE_MASK) != 0);
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    unsigned may = PROT_ALL;
    struct mobject *obj;
    vaddr_t at;
    int error;

    if (page + npages < page)
        return -EOVERFLOW;
    if (file->inode->fs->noexec && (file->mode & FILE_READ)) {
        if (prot & PROT_EXEC)
            return -EPERM;
        may &= ~(unsigned)PROT_EXEC;
    }
    error =
        file_map(file, page, npages, shared, (prot & PROT_WRITE) != 0, &obj);
    if (error != 0)
        return error;
    if (shared && !(file->mode & FILE_WRITE))
        may &= ~(unsigned)PROT_WRITE;
    error = space_map(current->space, addr, nbytes, prot, flags, obj,
                      obj != NULL ? page : 0, may, &at);
    if (obj != NULL)
        mobject_put(obj);
    return error != 0 ? error : (long)at;
}

/* Errors that Linux finds before it looks at the file's abilities. */
static int check_map(uint32_t addr, uint32_t nbytes, uint32_t flags)
{
    uint32_t type = flags & MAP_TYPE;

    if (nbytes == 0)
        return -EINVAL;
    if (nbytes > USER_END)
        return -ENOMEM;
    if (type == MAP_SHARED_VALIDATE && (flags & MAP_ANONYMOUS))
        return -EINVAL; /* it is for files */
    if (type == MAP_SHARED_VALIDATE && (flags & ~(uint32_t)MAP_KNOWN) != 0)
        return -EOPNOTSUPP;
    if (type != MAP_SHARED && type != MAP_PRIVATE &&
        type != MAP_SHARED_VALIDATE)
        return -EINVAL;
    if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0 &&
        (addr & PAGE_MASK) != 0)
        return -EINVAL;
    return 0;
}

SYSCALL_DEFINE(mmap2, uint32_t addr, uint32_t nbytes, uint32_t prot,
               uint32_t flags, int32_t fd, uint32_t page)
{
    struct file *file;
    long result;

    if (flags & MAP_ANONYMOUS) {
        result = check_map(addr, nbytes, flags);
        return result != 0 ? result : map_anonymous(addr, nbytes, prot, flags);
    }
    file = fdtable_file(current_process()->files, fd);
    if (file == NULL)
        return -EBADF;
    result = check_map(addr, nbytes, flags);
    if (result == 0)
        result = map_open_file(file, addr, nbytes, prot, flags, page);
    file_put(file);
    return result;
}

/* The first mmap of Linux: its six words lie in memory, the offset in bytes. */
SYSCALL_DEFINE(mmap, uaddr_t words)
{
    uint32_t w[6];

    if (copy_from_user(w, words, sizeof w) != 0)
        return -EFAULT;
    if ((w[5] & PAGE_MASK) != 0)
        return -EINVAL;
    return sys_mmap2(w[0], w[1], w[2], w[3], (int32_t)w[4], w[5] >> PAGE_SHIFT);
}

SYSCALL_DEFINE(munmap, uint32_t addr, uint32_t nbytes)
{
    return space_unmap(current->space, addr, nbytes);
}

SYSCALL_DEFINE(mprotect, uint32_t addr, uint32_t nbytes, uint32_t prot)
{
    if ((prot & ~(uint32_t)(PROT_ALL | PROT_SEM)) != 0)
        return -EINVAL;
    return space_protect(current->space, addr, nbytes, prot & PROT_ALL);
}

SYSCALL_DEFINE(mremap, uint32_t addr, uint32_t old_nbytes, uint32_t new_nbytes,
               uint32_t flags, uint32_t new_addr)
{
    vaddr_t at;
    int error = space_remap(current->space, addr, old_nbytes, new_nbytes, flags,
                            new_addr, &at);

    return error != 0 ? error : (long)at;
}

SYSCALL_DEFINE(madvise, uint32_t addr, uint32_t nbytes, int32_t advice)
{
    return space_advise(current->space, addr, nbytes, advice);
}

SYSCALL_DEFINE(mincore, uint32_t addr, uint32_t nbytes, uaddr_t vec)
{
    uint32_t npages = (nbytes >> PAGE_SHIFT) + ((nbytes & PAGE_MASK) != 0);
    uint8_t part[512];

    if ((addr & PAGE_MASK) != 0)
        return -EINVAL;
    while (npages > 0) {
        uint32_t n = npages < sizeof part ? npages : sizeof part;
        int error = space_resident(current->space, addr, n, part);

        if (error != 0)
            return error;
        if (copy_to_user(vec, part, n) != 0)
            return -EFAULT;
        addr += n << PAGE_SHIFT;
        vec += n;
        npages -= n;
        if (checkpoint())
            return -EINTR;
    }
    return 0;
}

SYSCALL_DEFINE(msync, uint32_t addr, uint32_t nbytes, uint32_t flags)
{
    const uint32_t both = MS_ASYNC | MS_SYNC;

    if ((flags & ~(both | MS_INVALIDATE)) != 0 || (flags & both) == both)
        return -EINVAL;
    return space_sync(current->space, addr, nbytes);
}

/*
 * Locking: nothing is ever paged out, so whatever is mapped is locked enough.
 */

/*
 * May the process lock `npages` at once (RLIMIT_MEMLOCK)? 0, -EPERM, -ENOMEM.
 */
static long check_lock_limit(uint64_t npages)
{
    const struct process *p = current_process();
    uint64_t limit = p->limits[RLIMIT_MEMLOCK].cur;

    if (p->creds.euid == 0 || npages <= limit >> PAGE_SHIFT)
        return 0;
    return limit == 0 ? -EPERM : -ENOMEM;
}

/* Any bytes, aligned or not, all of which must be mapped. */
static long check_mapped(uint32_t addr, uint32_t nbytes)
{
    uint32_t start = addr & ~(uint32_t)PAGE_MASK;

    if (nbytes == 0)
        return 0;
    if (nbytes > USER_END || addr > USER_END - nbytes)
        return -ENOMEM;
    return space_sync(current->space, start, addr + nbytes - start);
}

SYSCALL_DEFINE(mlock, uint32_t addr, uint32_t nbytes)
{
    uint64_t end = ((uint64_t)addr + nbytes + PAGE_MASK) >> PAGE_SHIFT;
    long error = check_lock_limit(end - (addr >> PAGE_SHIFT));

    if (error == 0)
        error = check_mapped(addr, nbytes);
    if (error == 0 && nbytes != 0)
        space_populate(current->space, addr, nbytes);
    return error;
}

SYSCALL_DEFINE(munlock, uint32_t addr, uint32_t nbytes)
{
    return check_mapped(addr, nbytes);
}

SYSCALL_DEFINE(mlockall, uint32_t flags)
{
    const uint32_t all = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
    struct space_stats stats;

    if (flags == 0 || (flags & ~all) != 0 || flags == MCL_ONFAULT)
        return -EINVAL;
    if (!(flags & MCL_CURRENT))
        return check_lock_limit(1);
    space_read_stats(current->space, &stats);
    return check_lock_limit(stats.mapped);
}

SYSCALL_DEFINE(munlockall, void)
{
    return 0;
}
