/* The surroundings of the file room on the host: see world.h. */
#include "world.h"

#include <cairn/errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/i386/clock.h"
#include "fs/mount.h"
#include "fs/ramfs.h"
#include "mm/commit.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "sched/waitq.h"
#include "tap.h"

uint8_t world_user[WORLD_USER_BYTES];
struct fs *world_fs;
struct creds world_creds;
struct fs_caller world_caller = {NULL, &world_creds};
unsigned world_sleeps;

uint32_t clock_epoch = 1;
static uint64_t now_ns = 1700000000000000000;

void world_set_time(uint64_t ns)
{
    now_ns = ns;
    clock_epoch++;
}

uint64_t clock_realtime_ns(void)
{
    return now_ns;
}

const struct creds *creds_current(void)
{
    return &world_creds;
}

/* ---- user memory ---- */

static size_t user_room(uaddr_t at, size_t nbytes)
{
    size_t offset = at - WORLD_USER;

    if (at < WORLD_USER || offset >= WORLD_USER_BYTES)
        return 0;
    return nbytes < WORLD_USER_BYTES - offset ? nbytes
                                              : WORLD_USER_BYTES - offset;
}

size_t copy_from_user_some(void *dst, uaddr_t src, size_t nbytes)
{
    size_t n = user_room(src, nbytes);

    if (n > 0)
        memcpy(dst, world_user + (src - WORLD_USER), n);
    return n;
}

size_t copy_to_user_some(uaddr_t dst, const void *src, size_t nbytes)
{
    size_t n = user_room(dst, nbytes);

    if (n > 0)
        memcpy(world_user + (dst - WORLD_USER), src, n);
    return n;
}

size_t zero_user_some(uaddr_t dst, size_t nbytes)
{
    size_t n = user_room(dst, nbytes);

    if (n > 0)
        memset(world_user + (dst - WORLD_USER), 0, n);
    return n;
}

int copy_to_user(uaddr_t dst, const void *src, size_t nbytes)
{
    return copy_to_user_some(dst, src, nbytes) == nbytes ? 0 : -EFAULT;
}

/* ---- the scheduler ---- */

uint32_t clock_epoch;

void waitq_init(struct waitq *wq)
{
    list_init(&wq->waiters);
}

int waitq_sleep(struct waitq *wq, bool interruptible, uint64_t deadline_ns)
{
    (void)wq, (void)interruptible, (void)deadline_ns;
    world_sleeps++;
    return -EINTR;
}

int waitq_sleep_exclusive(struct waitq *wq, size_t need)
{
    (void)wq, (void)need;
    world_sleeps++;
    return -EINTR;
}

/* One thread never waits for itself. */
void waitq_wait_exclusive(struct waitq *wq)
{
    (void)wq;
    abort();
}

/* Nothing watches these files. */
void file_watched_gone(struct file *file)
{
    (void)file;
    abort();
}

int waitq_wait_killable(struct waitq *wq)
{
    return waitq_sleep(wq, true, WAITQ_FOREVER);
}

void waitq_wake(struct waitq *wq)
{
    (void)wq;
}

void waitq_wake_one(struct waitq *wq, bool (*fits)(void *ctx, size_t need),
                    void *ctx)
{
    (void)wq, (void)fits, (void)ctx;
}

void poll_wait(struct poll_set *set, struct waitq *wq)
{
    (void)set, (void)wq;
}

/* ---- the root ---- */

void world_start(void)
{
    machine_start();
    if (ramfs_create("ramfs", &world_fs) != 0)
        tap_fail(__FILE__, __LINE__, "no root");
    mount_set_root(world_fs);
    if (fs_context_create(&world_caller.fs) != 0)
        tap_fail(__FILE__, __LINE__, "no context");
    world_caller.fs->umask = 0;
}

struct file *world_open(const char *path, uint32_t flags, int *error)
{
    struct file *file;

    *error = path_open(&world_caller, NULL, path, flags, 0644, &file);
    return *error == 0 ? file : NULL;
}

ssize_t world_read(struct file *file, uint32_t offset, size_t nbytes)
{
    struct uio uio;

    uio_init_user(&uio, WORLD_USER + offset, nbytes);
    return file_read(file, &uio);
}

ssize_t world_write(struct file *file, uint32_t offset, size_t nbytes)
{
    struct uio uio;

    uio_init_user(&uio, WORLD_USER + offset, nbytes);
    return file_write(file, &uio);
}

/* ---- checks ---- */

void world_check(void)
{
    const char *bad = ramfs_check(world_fs);

    if (bad == NULL)
        bad = commit_check();
    if (bad == NULL)
        bad = kmalloc_check();
    if (bad == NULL)
        bad = frame_check();
    if (bad != NULL)
        tap_fail(__FILE__, __LINE__, "%s", bad);
}

unsigned world_fail_each(int (*operation)(void *), void *context)
{
    struct machine_state before;

    for (uint32_t nth = 1;; nth++) {
        uint32_t passed;
        int error;

        kmalloc_shrink();
        machine_read(&before);
        inject_arm(nth, false);
        error = operation(context);
        passed = inject_disarm();
        if (passed < nth) {
            CHECK_EQ(error, 0);
            return passed;
        }
        kmalloc_shrink();
        if (error < 0) {
            CHECK(error == -ENOMEM || error == -ENOSPC || error == -ENOLCK);
            machine_check_same(&before);
        }
        world_check();
        if (tap_failed())
            return nth;
    }
}
