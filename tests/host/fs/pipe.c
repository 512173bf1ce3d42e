/*
 * Pipes against a queue of bytes, while memory comes and goes; and locks
 * against a table of bytes.
 */
#include "fs/pipe.h"

#include <cairn/errno.h>

#include "fs/lock.h"
#include "mm/inject.h"
#include "tap.h"
#include "world.h"

#define QUEUE_BYTES 300000u

static uint8_t queue[QUEUE_BYTES];
static size_t queue_start, queue_end;

static struct file *reader, *writer;

static void do_write(uint64_t *seed, bool failing)
{
    size_t nbytes = tap_random(seed) % (tap_random(seed) % 3 ? 5000 : 70000);
    size_t held = queue_end - queue_start;
    ssize_t n;

    for (size_t i = 0; i < nbytes; i++)
        world_user[i] = (uint8_t)tap_random(seed);
    n = world_write(writer, 0, nbytes);
    if (nbytes == 0) {
        CHECK_EQ(n, 0);
        return;
    }
    if (n < 0) {
        CHECK_EQ(n, -EAGAIN);
        if (nbytes <= 4096) /* never refused when empty */
            CHECK(held > 0 && (failing || 65536 - held < nbytes));
        return;
    }
    if (nbytes <= 4096)
        CHECK_EQ(n, nbytes);
    else if (!failing)
        CHECK_EQ(n, nbytes < 65536 - held ? nbytes : 65536 - held);
    memcpy(queue + queue_end, world_user, (size_t)n);
    queue_end += (size_t)n;
}

static void do_read(uint64_t *seed)
{
    size_t nbytes = tap_random(seed) % (tap_random(seed) % 3 ? 5000 : 70000);
    size_t held = queue_end - queue_start;
    ssize_t n = world_read(reader, 0, nbytes);

    if (nbytes == 0) {
        CHECK_EQ(n, 0);
        return;
    }
    if (held == 0) {
        CHECK_EQ(n, -EAGAIN);
        return;
    }
    CHECK_EQ(n, nbytes < held ? nbytes : held);
    CHECK(n >= 0 && memcmp(world_user, queue + queue_start, (size_t)n) == 0);
    queue_start += (size_t)n;
    if (queue_start == queue_end || queue_end > QUEUE_BYTES - 70000) {
        memmove(queue, queue + queue_start, queue_end - queue_start);
        queue_end -= queue_start;
        queue_start = 0;
    }
}

static void run(uint64_t start, bool failing)
{
    uint64_t seed = tap_seed(start);
    struct machine_state before;

    machine_read(&before);
    CHECK_EQ(pipe_create(O_NONBLOCK, &reader, &writer), 0);
    for (unsigned long i = 0; i < tap_repeats(5000) && !tap_failed(); i++) {
        if (failing && tap_random(&seed) % 2)
            inject_arm(1, true); /* nothing can be had for a while */
        if (tap_random(&seed) % 2)
            do_write(&seed, failing);
        else
            do_read(&seed);
        inject_disarm();
        if (i % 64 == 0)
            world_check();
    }
    file_put(reader);
    CHECK_EQ(world_write(writer, 0, 1), -EPIPE);
    file_put(writer);
    machine_check_same(&before);
    queue_start = queue_end = 0;
}

static void test_random(void)
{
    run(1, false);
}

static void test_failing(void)
{
    run(2, true);
}

static int make_pipe(void *unused)
{
    int error = pipe_create(0, &reader, &writer);

    (void)unused;
    if (error == 0) {
        file_put(writer);
        CHECK_EQ(world_read(reader, 0, 10), 0);
        file_put(reader);
    }
    return error;
}

static void test_each_failure(void)
{
    CHECK(world_fail_each(make_pipe, NULL) >= 6);
}

/* ---- locks ---- */

#define NOWNERS 3
#define NBYTES  40

static char held[NOWNERS][NBYTES]; /* 0, 'r' or 'w' */

static bool conflicts(int owner, unsigned start, unsigned last, bool write)
{
    for (int other = 0; other < NOWNERS; other++)
        for (unsigned i = start; i <= last && other != owner; i++)
            if (held[other][i] == 'w' || (write && held[other][i] == 'r'))
                return true;
    return false;
}

static void lock_step(struct file *file, uint64_t *seed)
{
    static const int types[] = {F_RDLCK, F_WRLCK, F_UNLCK};
    static const char marks[] = {'r', 'w', 0};
    int owner = (int)(tap_random(seed) % NOWNERS);
    unsigned kind = (unsigned)(tap_random(seed) % 3);
    unsigned start = (unsigned)(tap_random(seed) % NBYTES);
    unsigned last = start + (unsigned)(tap_random(seed) % (NBYTES - start));
    struct lock_range range = {types[kind], start, last, owner}, seen = range;
    bool bad = kind < 2 && conflicts(owner, start, last, kind == 1);
    int error;

    if (kind < 2) {
        lock_test(file, &held[owner], &seen);
        CHECK_EQ(seen.type == F_UNLCK, !bad);
        if (bad)
            CHECK(seen.start <= last && start <= seen.last &&
                  held[seen.pid][seen.start] != 0);
    }
    error = lock_set(file, &held[owner], &range, false);
    if (error == -ENOLCK && inject_armed)
        return;
    CHECK_EQ(error, bad ? -EAGAIN : 0);
    for (unsigned i = start; i <= last && error == 0; i++)
        held[owner][i] = marks[kind];
}

static void run_locks(uint64_t start, bool failing)
{
    uint64_t seed = tap_seed(start);
    struct machine_state before;
    struct file *file;
    int error;

    machine_read(&before);
    file = world_open("/locked", O_RDWR | O_CREAT, &error);
    for (unsigned long i = 0; i < tap_repeats(4000) && !tap_failed(); i++) {
        if (failing)
            inject_arm((uint32_t)(tap_random(&seed) % 4 + 1), false);
        lock_step(file, &seed);
        inject_disarm();
        if (tap_random(&seed) % 50 == 0) {
            int owner = (int)(tap_random(&seed) % NOWNERS);

            if (file->inode->locks != NULL)
                lock_drop(file->inode, &held[owner]);
            memset(held[owner], 0, NBYTES);
        }
    }
    for (int owner = 0; owner < NOWNERS; owner++)
        if (file->inode->locks != NULL)
            lock_drop(file->inode, &held[owner]);
    CHECK(file->inode->locks == NULL);
    memset(held, 0, sizeof(held));
    file_put(file);
    CHECK_EQ(path_unlink(&world_caller, NULL, "/locked"), 0);
    machine_check_same(&before);
}

static void test_locks(void)
{
    run_locks(3, false);
}

static void test_locks_failing(void)
{
    run_locks(4, true);
}

int main(void)
{
    world_start();
    tap_run("random writes and reads agree with a queue", test_random);
    tap_run("the same while there is no memory", test_failing);
    tap_run("every allocation of a pipe fails once", test_each_failure);
    tap_run("random locks agree with a table", test_locks);
    tap_run("the same while allocations fail", test_locks_failing);
    return tap_done();
}
