/*
 * What files hold, against an array: random writes, reads, truncations,
 * punched and filled holes, mapped pages, bad user addresses, and memory that
 * runs out.
 */
#include <cairn/errno.h>

#include "arch/i386/pmap.h"
#include "arch/i386/window.h"
#include "mm/commit.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "tap.h"
#include "world.h"

#define MODEL_BYTES 200000u

static uint8_t model[MODEL_BYTES + 8];
static size_t model_size;

static struct file *file;

static void compare_all(void)
{
    uint32_t done = 0;
    ssize_t n;

    CHECK_EQ(file->inode->size, model_size);
    file->pos = 0;
    memset(world_user, 0xEE, WORLD_USER_BYTES);
    while ((n = world_read(file, done, 33333)) > 0)
        done += (uint32_t)n;
    CHECK_EQ(n, 0);
    CHECK_EQ(done, model_size);
    CHECK(memcmp(world_user, model, model_size) == 0);
}

static void do_write(uint64_t *seed)
{
    size_t pos = tap_random(seed) % MODEL_BYTES;
    size_t nbytes = tap_random(seed) % (tap_random(seed) % 4 ? 300 : 20000);
    size_t offset = tap_random(seed) % 5000;
    bool bad = tap_random(seed) % 10 == 0;
    ssize_t n;

    if (nbytes > MODEL_BYTES - pos)
        nbytes = MODEL_BYTES - pos;
    if (bad) /* the last bytes lie outside of user memory */
        offset = WORLD_USER_BYTES - nbytes / 2;
    for (size_t i = 0; i < nbytes && offset + i < WORLD_USER_BYTES; i++)
        world_user[offset + i] = (uint8_t)tap_random(seed);
    file->pos = pos;
    n = world_write(file, (uint32_t)offset, nbytes);
    if (bad && nbytes > 0 && nbytes / 2 == 0)
        CHECK_EQ(n, -EFAULT);
    else if (n >= 0 && !inject_armed)
        CHECK_EQ(n, bad ? nbytes / 2 : nbytes);
    if (n <= 0)
        return;
    CHECK_EQ(file->pos, pos + (size_t)n);
    memcpy(model + pos, world_user + offset, (size_t)n);
    if (pos + (size_t)n > model_size)
        model_size = pos + (size_t)n;
}

static void do_truncate(uint64_t *seed)
{
    size_t size = tap_random(seed) % (MODEL_BYTES + 1);
    struct inode *inode = file->inode;

    if (tap_random(seed) % 4 == 0)
        size &= ~(size_t)PAGE_MASK;
    CHECK_EQ(inode->ops->truncate(inode, size), 0);
    if (size < model_size)
        memset(model + size, 0, MODEL_BYTES - size);
    model_size = size;
}

static void do_punch(uint64_t *seed)
{
    size_t start = tap_random(seed) % MODEL_BYTES;
    size_t end = start + tap_random(seed) % (MODEL_BYTES - start) + 1;

    file->inode->ops->punch(file->inode, start, end);
    memset(model + start, 0, end - start);
}

static void do_allocate(uint64_t *seed)
{
    uint64_t end = (model_size + PAGE_MASK) >> PAGE_SHIFT;
    uint64_t first = end > 0 ? tap_random(seed) % end : 0;
    int error;

    if (end == 0)
        return;
    error = file->inode->ops->allocate(file->inode, first,
                                       tap_random(seed) % (end - first) + 1);
    CHECK(error == 0 || error == -ENOSPC);
}

/* Look at a page as a mapping does; a page past the end is refused. */
static void do_page(uint64_t *seed)
{
    uint64_t index = tap_random(seed) % (MODEL_BYTES / PAGE_SIZE + 3);
    struct mobject *obj = &file->inode->mobject;
    size_t start = (size_t)index << PAGE_SHIFT, part;
    uint8_t *page;
    paddr_t pa;
    int error = obj->ops->page(obj, index, false, &pa);

    if (start >= model_size) {
        CHECK_EQ(error, -ENXIO);
        return;
    }
    if (error == -ENOMEM)
        return;
    CHECK_EQ(error, 0);
    part = model_size - start < PAGE_SIZE ? model_size - start : PAGE_SIZE;
    page = window_open(pa);
    CHECK(memcmp(page, model + start, part) == 0);
    for (size_t i = part; i < PAGE_SIZE; i++)
        if (page[i] != 0)
            tap_fail(__FILE__, __LINE__, "byte %zu past the end", i);
    window_close(page);
    commit_put_file(pa);
}

static void step(uint64_t *seed)
{
    switch (tap_random(seed) % 12) {
    case 0:
        do_truncate(seed);
        break;
    case 1:
        do_punch(seed);
        break;
    case 2:
        do_allocate(seed);
        break;
    case 3:
    case 4:
        do_page(seed);
        break;
    default:
        do_write(seed);
    }
}

static void run(uint64_t start, bool failing)
{
    uint64_t seed = tap_seed(start);
    struct machine_state before;
    int error;

    kmalloc_shrink();
    machine_read(&before);
    file = world_open("/data", O_RDWR | O_CREAT, &error);
    CHECK_EQ(error, 0);
    for (unsigned long i = 0; i < tap_repeats(600) && !tap_failed(); i++) {
        if (failing)
            inject_arm((uint32_t)(tap_random(&seed) % 6 + 1), false);
        step(&seed);
        inject_disarm();
        if (i % 8 == 0)
            compare_all();
        if (i % 64 == 0)
            world_check();
    }
    file_put(file);
    CHECK_EQ(path_unlink(&world_caller, NULL, "/data"), 0);
    kmalloc_shrink();
    machine_check_same(&before);
    memset(model, 0, sizeof(model));
    model_size = 0;
}

static void test_random(void)
{
    run(1, false);
}

static void test_failing(void)
{
    run(2, true);
}

/* Pages that are cut off go from mappings too, with all that they hold. */
static void test_cut_while_mapped(void)
{
    struct machine_state before;
    struct space *space;
    vaddr_t at;
    uint8_t *byte;
    int error;

    CHECK_EQ(space_create(&space), 0); /* makes the page of zeros */
    space_put(space);
    machine_read(&before);
    file = world_open("/cut", O_RDWR | O_CREAT, &error);
    memset(world_user, 'x', 5 * PAGE_SIZE);
    CHECK_EQ(world_write(file, 0, 5 * PAGE_SIZE), 5 * PAGE_SIZE);
    CHECK_EQ(space_create(&space), 0);
    CHECK_EQ(space_map(space, 0x400000, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_FIXED, &file->inode->mobject, 1,
                       PROT_READ | PROT_WRITE, &at),
             0);
    for (vaddr_t page = 0; page < 4; page++)
        CHECK_EQ(machine_peek(space, at + page * PAGE_SIZE, 'x'), 0);
    file->inode->ops->punch(file->inode, PAGE_SIZE, 2 * PAGE_SIZE);
    CHECK_EQ(machine_peek(space, at, 0), 0);
    CHECK_EQ(machine_peek(space, at + PAGE_SIZE, 'x'), 0);
    CHECK_EQ(file->inode->ops->truncate(file->inode, 3 * PAGE_SIZE - 10), 0);
    CHECK_EQ(machine_peek(space, at + PAGE_SIZE + 5, 'x'), 0);
    CHECK_EQ(machine_peek(space, at + 2 * PAGE_SIZE - 5, 0), 0);
    CHECK_EQ(machine_touch(space, at + 2 * PAGE_SIZE, FAULT_READ, &byte),
             -ENXIO);
    CHECK_EQ(machine_touch(space, at + 3 * PAGE_SIZE, FAULT_WRITE, &byte),
             -ENXIO);
    CHECK_EQ(file->inode->ops->truncate(file->inode, 5 * PAGE_SIZE), 0);
    CHECK_EQ(machine_poke(space, at + 3 * PAGE_SIZE, 7), 0);
    file->pos = 4 * PAGE_SIZE;
    CHECK_EQ(world_read(file, 0, 1), 1);
    CHECK_EQ(world_user[0], 7);
    file_put(file);
    CHECK_EQ(path_unlink(&world_caller, NULL, "/cut"), 0);
    CHECK_EQ(machine_peek(space, at + PAGE_SIZE, 'x'), 0);
    CHECK(space_check(space) == NULL);
    world_check();
    space_put(space);
    machine_check_same(&before);
}

/* Until memory is full: what is there stays, and all of it comes back. */
static void test_full(void)
{
    struct machine_state before;
    uint64_t total = 0, checked = 0;
    ssize_t n;
    int error;

    kmalloc_shrink();
    machine_read(&before);
    file = world_open("/full", O_RDWR | O_CREAT, &error);
    for (;;) {
        for (size_t i = 0; i < 50000; i++)
            world_user[i] = (uint8_t)((total + i) * 7 >> 3);
        n = world_write(file, 0, 50000);
        if (n <= 0)
            break;
        total += (uint64_t)n;
    }
    CHECK_EQ(n, -ENOSPC);
    CHECK_EQ(file->inode->size, total);
    CHECK(total > 10 << 20);
    CHECK_EQ(file->inode->ops->truncate(file->inode, total + 100000), 0);
    CHECK_EQ(file->inode->ops->allocate(file->inode, 0, total / PAGE_SIZE + 20),
             -ENOSPC);
    CHECK_EQ(file->inode->ops->truncate(file->inode, total), 0);
    file->pos = 0;
    while ((n = world_read(file, 0, 50000)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            if (world_user[i] != (uint8_t)((checked + (size_t)i) * 7 >> 3))
                tap_fail(__FILE__, __LINE__, "byte %llu",
                         (unsigned long long)checked);
        checked += (uint64_t)n;
    }
    CHECK_EQ(checked, total);
    world_check();
    file_put(file);
    CHECK_EQ(path_unlink(&world_caller, NULL, "/full"), 0);
    kmalloc_shrink();
    machine_check_same(&before);
}

static void test_limits(void)
{
    struct uio uio;
    int error;

    file = world_open("/limits", O_RDWR | O_CREAT, &error);
    uio_init_user(&uio, WORLD_USER, 100);
    uio.size_limit = 50;
    CHECK_EQ(file_write(file, &uio), 50);
    uio_init_user(&uio, WORLD_USER, 100);
    uio.size_limit = 50;
    CHECK_EQ(file_write(file, &uio), -EFBIG);
    file->pos = FILE_SIZE_LIMIT - 10;
    CHECK_EQ(world_write(file, 0, 100), 10);
    CHECK_EQ(world_write(file, 0, 100), -EFBIG);
    CHECK_EQ(file->inode->size, FILE_SIZE_LIMIT);
    CHECK_EQ(file->inode->npages, 2);
    CHECK_EQ(file_seek(file, 4096, 3), (int64_t)FILE_SIZE_LIMIT - 4096);
    CHECK_EQ(file_seek(file, 0, 4), 4096);
    CHECK_EQ(file->inode->ops->truncate(file->inode, FILE_SIZE_LIMIT + 1),
             -EFBIG);
    file_put(file);
    CHECK_EQ(path_unlink(&world_caller, NULL, "/limits"), 0);
}

/* Vectors: pieces of every size, empty ones among them, some bad. */
static void test_vectors(void)
{
    uint64_t seed = tap_seed(3);
    struct uio_segment v[20];
    struct uio uio;
    int error;

    file = world_open("/vector", O_RDWR | O_CREAT, &error);
    for (int round = 0; round < 300; round++) {
        uint32_t n = (uint32_t)(tap_random(&seed) % 20) + 1, good = 0, i;
        bool ended = false;

        for (i = 0; i < n; i++) {
            bool bad = tap_random(&seed) % 30 == 0;

            v[i].nbytes = (uint32_t)(tap_random(&seed) % 700);
            if (tap_random(&seed) % 3 == 0)
                v[i].nbytes = 0;
            v[i].base = WORLD_USER + (uint32_t)(tap_random(&seed) % 100000);
            if (bad)
                v[i].base = WORLD_USER + WORLD_USER_BYTES;
            ended = ended || (bad && v[i].nbytes > 0);
            if (!ended)
                good += v[i].nbytes;
        }
        file->pos = 0;
        uio_init_vector(&uio, v, n);
        CHECK_EQ(file_write(file, &uio), good > 0 ? (int64_t)good
                                         : ended  ? -EFAULT
                                                  : 0);
    }
    file_put(file);
    CHECK_EQ(path_unlink(&world_caller, NULL, "/vector"), 0);
}

int main(void)
{
    world_start();
    tap_run("random changes agree with an array", test_random);
    tap_run("the same while allocations fail", test_failing);
    tap_run("a page cut off while mapped", test_cut_while_mapped);
    tap_run("a full memory", test_full);
    tap_run("limits of size", test_limits);
    tap_run("vectors", test_vectors);
    return tap_done();
}
