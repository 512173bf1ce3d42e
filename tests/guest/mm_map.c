/*
 * mmap, munmap, mprotect, mremap, madvise, mincore, msync and mlock: what
 * good arguments do, and what bad ones are answered with.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm_test.h"

#define PAGE 4096u
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

#ifndef MAP_FIXED_NOREPLACE
#    define MAP_FIXED_NOREPLACE 0x100000
#endif

static int zero_fd, self_fd;

/* The kernel tries to read a byte for us. */
static bool readable(const volatile void *p)
{
    return access((const char *)p, F_OK) == 0 || errno != EFAULT;
}

/* The kernel tries to write a byte for us: it becomes 0. */
static bool writable(volatile void *p)
{
    return read(zero_fd, (char *)p, 1) == 1;
}

static char *map(void *at, size_t n, int prot, int flags)
{
    char *p = mmap(at, n, prot, flags, -1, 0);

    if (p == MAP_FAILED)
        tap_fail(__FILE__, __LINE__, "mmap of %zu bytes: %s", n,
                 strerror(errno));
    return p;
}

static bool all_bytes(const char *p, size_t n, char value)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value)
            return false;
    return true;
}

static void test_anonymous(void)
{
    char *p = map(NULL, 10 * PAGE - 5, RW, ANON);

    CHECK_EQ((uintptr_t)p % PAGE, 0);
    CHECK(all_bytes(p, 10 * PAGE, 0));
    memset(p, 7, 10 * PAGE);
    CHECK_EQ(munmap(p + 2 * PAGE, 3 * PAGE), 0);
    CHECK(!readable(p + 2 * PAGE));
    CHECK(!writable(p + 5 * PAGE - 1));
    CHECK(all_bytes(p, 2 * PAGE, 7));
    CHECK(all_bytes(p + 5 * PAGE, 5 * PAGE, 7));
    CHECK(map(p + 3 * PAGE, PAGE, RW, ANON | MAP_FIXED) == p + 3 * PAGE);
    CHECK(all_bytes(p + 3 * PAGE, PAGE, 0));
    CHECK_EQ(munmap(p, 10 * PAGE), 0);
    CHECK_EQ(munmap(p, 10 * PAGE), 0);
    CHECK(!readable(p));
    tap_end("anonymous memory: zero, kept, given back in parts");
}

static void test_fixed(void)
{
    char *p = map(NULL, 8 * PAGE, RW, ANON);

    memset(p, 1, 8 * PAGE);
    CHECK(map(p + PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED) == p + PAGE);
    CHECK(all_bytes(p + PAGE, 2 * PAGE, 0));
    CHECK(!writable(p + PAGE));
    CHECK(all_bytes(p + 3 * PAGE, 5 * PAGE, 1));
    CHECK_ERR(mmap(p + 7 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
              EEXIST);
    CHECK_EQ(munmap(p + 6 * PAGE, 2 * PAGE), 0);
    CHECK(map(p + 6 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE) ==
          p + 6 * PAGE);
    CHECK_EQ(munmap(p, 8 * PAGE), 0);
    /* A hint is followed if it can be. */
    CHECK(map(p, PAGE, RW, ANON) == p);
    CHECK(map(p, PAGE, RW, ANON) != p);
    CHECK_EQ(munmap(p, PAGE), 0);
    tap_end("MAP_FIXED, MAP_FIXED_NOREPLACE and hints");
}

static void test_bad_maps(void)
{
    char *p = map(NULL, PAGE, RW, ANON);

    CHECK_ERR(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
    CHECK_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS | 3 /* SHARED_VALIDATE */, -1,
                   0),
              EINVAL);
    CHECK_ERR(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERR(mmap(NULL, 0xFFFFF000u, RW, ANON, -1, 0), ENOMEM);
    CHECK_ERR(mmap(NULL, 0xFFFFFFFFu, RW, ANON, -1, 0), ENOMEM);
    CHECK_ERR(mmap((void *)0xFFFFF000u, PAGE, RW, ANON | MAP_FIXED, -1, 0),
              ENOMEM);
    CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, 99, 0), EBADF);
    CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, self_fd, 0), EACCES);
    CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, self_fd, 1), EINVAL);
    CHECK_EQ(munmap(p, PAGE), 0);
    tap_end("mmap refused");
}

static void test_bad_unmaps(void)
{
    char *p = map(NULL, PAGE, RW, ANON);

    CHECK_ERR(munmap(p + 1, PAGE), EINVAL);
    CHECK_ERR(munmap(p, 0), EINVAL);
    CHECK_ERR(munmap(p, 0xFFFFFFFFu), EINVAL);
    CHECK_ERR(munmap((void *)0xFFFFF000u, PAGE), EINVAL);
    CHECK(writable(p));
    CHECK_EQ(munmap(p, 1), 0);
    CHECK(!readable(p));
    tap_end("munmap refused");
}

static void test_protect(void)
{
    char *p = map(NULL, 6 * PAGE, RW, ANON);

    memset(p, 5, 6 * PAGE);
    CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_READ), 0);
    CHECK(readable(p + PAGE) && !writable(p + PAGE));
    CHECK(writable(p) && writable(p + 3 * PAGE));
    CHECK_EQ(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_NONE), 0);
    CHECK(!readable(p + 2 * PAGE) && !readable(p + 3 * PAGE));
    CHECK(readable(p + PAGE) && readable(p + 4 * PAGE));
    CHECK_EQ(mprotect(p, 6 * PAGE, RW), 0);
    CHECK(all_bytes(p + PAGE, 2 * PAGE, 5));
    CHECK(all_bytes(p + 3 * PAGE + 1, PAGE - 1, 5));
    CHECK(writable(p + 2 * PAGE));
    CHECK_EQ(mprotect(p, PAGE, PROT_WRITE), 0);
    CHECK(writable(p) && readable(p));

    CHECK_EQ(mprotect(p, 0, PROT_NONE), 0);
    CHECK_ERR(mprotect(p + 1, PAGE, RW), EINVAL);
    CHECK_ERR(mprotect(p, PAGE, 0x40), EINVAL);
    CHECK_EQ(munmap(p + 5 * PAGE, PAGE), 0);
    CHECK_ERR(mprotect(p + 5 * PAGE, PAGE, RW), ENOMEM);
    CHECK(writable(p));
    CHECK_EQ(munmap(p, 6 * PAGE), 0);
    tap_end("mprotect");
}

static void test_remap(void)
{
    char *p = map(NULL, 12 * PAGE, RW, ANON);
    char *q;

    memset(p, 3, 4 * PAGE);
    CHECK_EQ(munmap(p + 4 * PAGE, 6 * PAGE), 0);
    p[10 * PAGE] = 9;
    CHECK(mremap(p, 4 * PAGE, 8 * PAGE, 0) == p);
    CHECK(all_bytes(p, 4 * PAGE, 3) && all_bytes(p + 4 * PAGE, 4 * PAGE, 0));
    CHECK_ERR(mremap(p, 8 * PAGE, 11 * PAGE, 0), ENOMEM);
    q = mremap(p, 8 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q != p);
    CHECK(!readable(p));
    CHECK(all_bytes(q, 4 * PAGE, 3) && all_bytes(q + 4 * PAGE, 60 * PAGE, 0));
    CHECK(mremap(q, 64 * PAGE, 2 * PAGE, 0) == q);
    CHECK(!readable(q + 2 * PAGE));
    /* To a fixed place, over what is there. */
    CHECK(mremap(q, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                 p + 10 * PAGE) == p + 10 * PAGE);
    CHECK(all_bytes(p + 10 * PAGE, 2 * PAGE, 3));
    CHECK(!readable(q));
    p += 10 * PAGE;

    CHECK_ERR(mremap(p + 1, PAGE, PAGE, 0), EINVAL);
    CHECK_ERR(mremap(p, PAGE, 0, 0), EINVAL);
    CHECK_ERR(mremap(p, PAGE, PAGE, 64), EINVAL);
    CHECK_ERR(mremap(p, PAGE, PAGE, MREMAP_FIXED, p), EINVAL);
    CHECK_ERR(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p), EINVAL);
    CHECK_ERR(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                     p + PAGE + 1),
              EINVAL);
    CHECK_ERR(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK(all_bytes(p, 2 * PAGE, 3));
    CHECK_EQ(munmap(p, 2 * PAGE), 0);
    q = map(NULL, 3 * PAGE, RW, ANON);
    CHECK_EQ(munmap(q + 2 * PAGE, PAGE), 0);
    CHECK_ERR(mremap(q + PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_EQ(munmap(q, 2 * PAGE), 0);
    tap_end("mremap");
}

static void test_advise(void)
{
    char *p = map(NULL, 4 * PAGE, RW, ANON);
    unsigned char vec[5];

    memset(p, 4, 4 * PAGE);
    CHECK_EQ(madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQ(mincore(p, 4 * PAGE, vec), 0);
    CHECK_EQ(vec[0] & 1, 1);
    CHECK_EQ(vec[1] & 1, 0);
    CHECK_EQ(vec[2] & 1, 0);
    CHECK_EQ(vec[3] & 1, 1);
    CHECK(all_bytes(p, PAGE, 4));
    CHECK(all_bytes(p + PAGE, 2 * PAGE, 0));
    CHECK(all_bytes(p + 3 * PAGE, PAGE, 4));
    CHECK_EQ(madvise(p, PAGE, MADV_WILLNEED), 0);
    CHECK_EQ(madvise(p, 0, MADV_DONTNEED), 0);
    CHECK_ERR(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_ERR(madvise(p, PAGE, 9999), EINVAL);
    CHECK_EQ(munmap(p + 3 * PAGE, PAGE), 0);
    CHECK_ERR(madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_ERR(mincore(p, 4 * PAGE, vec), ENOMEM);
    CHECK_ERR(mincore(p + 1, PAGE, vec), EINVAL);
    CHECK_ERR(mincore(p, PAGE, (void *)(p + 3 * PAGE)), EFAULT);
    CHECK_EQ(msync(p, 3 * PAGE, MS_SYNC), 0);
    CHECK_ERR(msync(p, 4 * PAGE, MS_SYNC), ENOMEM);
    CHECK_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
    CHECK_EQ(madvise(p, 3 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQ(mlock(p + PAGE / 2, PAGE), 0);
    CHECK_EQ(mincore(p, 3 * PAGE, vec), 0);
    CHECK((vec[0] & 1) && (vec[1] & 1) && !(vec[2] & 1));
    CHECK_EQ(munlock(p, PAGE), 0);
    CHECK_ERR(mlock(p, 4 * PAGE), ENOMEM);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    tap_end("madvise, mincore, msync, mlock");
}

/* A page of this program's own file, mapped, is what read() says it is. */
static void test_file(void)
{
    static char direct[2 * PAGE];
    char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, self_fd, 0);
    char *q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self_fd, PAGE);
    off_t size = lseek(self_fd, 0, SEEK_END);
    off_t last = size / PAGE * PAGE;
    char *tail;

    CHECK(p != MAP_FAILED && q != MAP_FAILED);
    CHECK_EQ(pread(self_fd, direct, sizeof direct, 0), sizeof direct);
    CHECK(memcmp(p, direct, sizeof direct) == 0);
    CHECK(memcmp(q, direct + PAGE, PAGE) == 0);
    memset(p, 0x11, 2 * PAGE);
    CHECK(memcmp(q, direct + PAGE, PAGE) == 0);
    CHECK_EQ(madvise(p, PAGE, MADV_DONTNEED), 0);
    CHECK(memcmp(p, direct, PAGE) == 0);
    CHECK(all_bytes(p + PAGE, PAGE, 0x11));
    CHECK(!writable(q));
    CHECK_ERR(mprotect(q, PAGE, RW), EACCES);
    CHECK_EQ(munmap(p, 2 * PAGE), 0);
    CHECK_EQ(munmap(q, PAGE), 0);
    /* Past the end, the last page is zero. */
    if (size % PAGE != 0) {
        tail = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, self_fd, last);
        CHECK(tail != MAP_FAILED);
        CHECK(all_bytes(tail + size % PAGE, PAGE - size % PAGE, 0));
        CHECK_EQ(munmap(tail, PAGE), 0);
    }
    tap_end("files, private and shared");
}

static void test_reservation(void)
{
    size_t n = 256u << 20;
    char *p = map(NULL, n, PROT_NONE, ANON | MAP_NORESERVE);

    CHECK(!readable(p) && !readable(p + n - 1));
    CHECK_EQ(mprotect(p + 100 * PAGE, 10 * PAGE, RW), 0);
    memset(p + 100 * PAGE, 1, 10 * PAGE);
    CHECK(!readable(p + 99 * PAGE) && !readable(p + 110 * PAGE));
    CHECK_EQ(munmap(p, n), 0);
    p = map(NULL, n, RW, ANON | MAP_NORESERVE);
    CHECK(all_bytes(p + n - PAGE, PAGE, 0));
    p[n / 2] = 1;
    CHECK_EQ(munmap(p, n), 0);
    tap_end("addresses can be reserved without memory");
}

static void test_limits(void)
{
    struct rlimit old, limit;
    char *p = map(NULL, PAGE, RW, ANON);

    CHECK_EQ(getrlimit(RLIMIT_AS, &old), 0);
    limit = old;
    limit.rlim_cur = 1 << 20;
    CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
    CHECK_ERR(mmap(NULL, 2 << 20, PROT_NONE, ANON, -1, 0), ENOMEM);
    CHECK_ERR(mremap(p, PAGE, 2 << 20, MREMAP_MAYMOVE), ENOMEM);
    CHECK_EQ(setrlimit(RLIMIT_AS, &old), 0);
    CHECK_EQ(getrlimit(RLIMIT_DATA, &old), 0);
    limit = old;
    limit.rlim_cur = 1 << 20;
    CHECK_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
    CHECK_ERR(mmap(NULL, 2 << 20, RW, ANON, -1, 0), ENOMEM);
    CHECK_EQ(munmap(map(NULL, 2 << 20, PROT_READ, ANON), 2 << 20), 0);
    CHECK_EQ(setrlimit(RLIMIT_DATA, &old), 0);
    CHECK_EQ(munmap(p, PAGE), 0);
    tap_end("RLIMIT_AS and RLIMIT_DATA");
}

/* A system call as it is: the result in EAX, errors negative. */
static long raw(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

/* Call 90, which old programs use: its arguments lie in memory. */
static void test_old_mmap(void)
{
    uint32_t words[6] = {0, 3 * PAGE, RW, ANON, -1u, 0};
    unsigned long at = (unsigned long)raw(90, (long)words, 0, 0);
    char *p = (char *)at;

    CHECK(at < -4096ul && at % PAGE == 0);
    CHECK(all_bytes(p, 3 * PAGE, 0));
    memset(p, 1, 3 * PAGE);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    words[3] = MAP_PRIVATE;
    words[4] = (uint32_t)self_fd;
    words[2] = PROT_READ;
    words[5] = PAGE;
    at = (unsigned long)raw(90, (long)words, 0, 0);
    CHECK(at < -4096ul);
    CHECK_EQ(munmap((void *)at, 3 * PAGE), 0);
    words[5] = PAGE + 1;
    CHECK_EQ(raw(90, (long)words, 0, 0), -EINVAL);
    CHECK_EQ(raw(90, 0, 0, 0), -EFAULT);
    CHECK_EQ(raw(90, (long)0xFFFFFFF0, 0, 0), -EFAULT);
    tap_end("the old mmap");
}

static void test_locking(void)
{
    char *p = map(NULL, 2 * PAGE, RW, ANON);

    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_EQ(raw(150, (long)(p + 1), 100, 0), 0); /* mlock */
    CHECK_EQ(raw(150, (long)p, 0, 0), 0);
    CHECK_EQ(raw(150, (long)(p + 1), PAGE, 0), -ENOMEM);
    CHECK_EQ(raw(151, (long)(p + 1), PAGE, 0), -ENOMEM);
    CHECK_EQ(raw(151, (long)p, PAGE, 0), 0);
    CHECK_EQ(raw(152, 0, 0, 0), -EINVAL); /* mlockall */
    CHECK_EQ(raw(152, 64, 0, 0), -EINVAL);
    CHECK_EQ(raw(153, 0, 0, 0), 0); /* munlockall */
    CHECK_EQ(munmap(p, PAGE), 0);
    tap_end("locking");
}

/* Pages of many mappings, found again among thousands of others. */
static void test_many(void)
{
    enum { N = 10000 };
    static char *pages[N];
    bool good = true;

    for (unsigned i = 0; i < N; i++) {
        pages[i] = mmap(NULL, PAGE, i & 1 ? RW : PROT_READ, ANON, -1, 0);
        if (!CHECK(pages[i] != MAP_FAILED))
            return;
        if (i & 1)
            *pages[i] = (char)i;
    }
    for (unsigned i = 1; i < N; i += 2)
        good = good && *pages[i] == (char)i && *pages[i - 1] == 0;
    CHECK(good);
    for (unsigned i = 0; i < N; i++)
        good = good && munmap(pages[i * 7919 % N], PAGE) == 0;
    CHECK(good);
    for (unsigned i = 0; i < N; i += 97)
        CHECK(!readable(pages[i]));
    tap_end("10,000 mappings");
}

/* A large mapping with a number in every third page. */
#define LARGE (9u << 20)

static unsigned number_of(size_t at)
{
    return (unsigned)(at * 2654435761u);
}

static void fill_large(char *p)
{
    for (size_t at = 0; at < LARGE; at += 3 * PAGE)
        memcpy(p + at, &(unsigned){number_of(at)}, sizeof(unsigned));
}

static bool is_filled(const char *p)
{
    static const char zeros[PAGE];

    for (size_t at = 0; at < LARGE; at += 3 * PAGE)
        if (memcmp(p + at, &(unsigned){number_of(at)}, sizeof(unsigned)) != 0 ||
            memcmp(p + at + PAGE, zeros, PAGE) != 0)
            return false;
    return true;
}

/* Move it by any distance while a child has the same pages, and go on. */
static void move_large(size_t offset, unsigned more)
{
    char *room = mmap(NULL, 2 * LARGE + (8u << 20), PROT_NONE, ANON, -1, 0);
    char *from = map(NULL, LARGE, RW, ANON), *to;
    pid_t pid;
    int status;

    CHECK(room != MAP_FAILED);
    to = room + (((uintptr_t)from - (uintptr_t)room) & ((2u << 20) - 1));
    to += offset;
    fill_large(from);
    pid = fork();
    if (pid == 0) {
        to = mremap(from, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED | more,
                    to);
        _exit(to != MAP_FAILED && is_filled(to) ? 0 : 1);
    }
    CHECK(mremap(from, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED | more,
                 to) == to);
    CHECK(is_filled(to));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
    if (more & MREMAP_DONTUNMAP) {
        CHECK(from[0] == 0 && from[LARGE - PAGE] == 0);
        fill_large(from);
        CHECK(is_filled(from) && is_filled(to));
        CHECK_EQ(munmap(from, LARGE), 0);
    } else {
        CHECK(!readable(from));
    }
    CHECK_EQ(munmap(room, 2 * LARGE + (8u << 20)), 0);
}

/*
 * Whole page tables are moved where they can be, also those that forks share.
 */
static void test_large_moves(void)
{
    char *p, *wall;

    for (unsigned i = 0; i < 2; i++) {
        unsigned more = i == 0 ? 0 : MREMAP_DONTUNMAP;

        move_large(0, more);
        move_large(4u << 20, more);
        move_large(PAGE, more);
        move_large(777 * PAGE, more);
    }
    p = map(NULL, LARGE + PAGE, RW, ANON);
    wall = p + LARGE;
    CHECK_EQ(mprotect(wall, PAGE, PROT_NONE), 0);
    fill_large(p);
    p = mremap(p, LARGE, 2 * LARGE, MREMAP_MAYMOVE);
    CHECK(p != MAP_FAILED && is_filled(p) && p[2 * LARGE - PAGE] == 0);
    CHECK_EQ(munmap(p, 2 * LARGE), 0);
    CHECK_EQ(munmap(wall, PAGE), 0);
    tap_end("moves of large mappings");
}

int main(int argc, char **argv)
{
    (void)argc;
    zero_fd = open("/dev/zero", O_RDONLY);
    self_fd = open(argv[0], O_RDONLY);
    CHECK(zero_fd >= 0 && self_fd >= 0);
    test_anonymous();
    test_fixed();
    test_bad_maps();
    test_bad_unmaps();
    test_protect();
    test_remap();
    test_advise();
    test_file();
    test_reservation();
    test_limits();
    test_old_mmap();
    test_locking();
    test_large_moves();
    test_many();
    return tap_done();
}
