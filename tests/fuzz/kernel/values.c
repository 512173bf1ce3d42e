/* Values for each kind of argument. */
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

/* ---- numbers ---- */

struct choice {
    bool is_set; /* several may be joined */
    unsigned n;
    const uint32_t *values;
};

#define VALUES(...)                                                          \
    sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[]) \
    {                                                                        \
        __VA_ARGS__                                                          \
    }
#define ONE(...)                   \
    {                              \
        false, VALUES(__VA_ARGS__) \
    }
#define SET(...)                  \
    {                             \
        true, VALUES(__VA_ARGS__) \
    }

static const struct choice choices[NKINDS] = {
    [KIND_int] = ONE(0, 1, 2, 3, 7, 64, 4096, 0x7fffffff, 0x80000000, -1),
    [KIND_uint] =
        ONE(0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 1024, 0x100000, 0xffffffff),
    [KIND_hex] = ONE(0, 1, 2, 0xff, 0xffffffff, 0x80000000),
    [KIND_bytes] = ONE(0, 0, 1, 8, 100, 4095, 4096, 4097, 8192, 0x3000, 0x10000,
                       0x40000, 0x100000, 0x7fffffff, 0xfffff000, -1),
    [KIND_count] = ONE(0, 1, 2, 3, 4, 16, 1024, 1025, -1),
    [KIND_setsize] = ONE(8, 8, 8, 8, 0, 4, 16),
    [KIND_newfd] = ONE(0, 3, 5, 9, 11, 12, 31, 32, 63, 64, 100, 1023, -1),
    [KIND_pid] = ONE(0, 0, 0, 1, 99999, 0x80000000),
    [KIND_uid] = ONE(0, 1000, 1000, 1001, -1, 65535),
    [KIND_gid] = ONE(0, 1000, 1000, 1001, -1, 65535),
    [KIND_sig] = ONE(0, 1, 2, 9, 10, 11, 13, 14, 17, 18, 19, 20, 21, 22, 32, 33,
                     34, 64, 65, -1),
    [KIND_mode] = ONE(0, 0644, 0777, 0600, 0100644, 0010666, 0020666, 0060600,
                      0040755, 0140777, 0120777, 06777, 01777, 02755, 0111),
    [KIND_dev] =
        ONE(0, 0x103, 0x105, 0x500, 0x502, 0x8800, 0x8801, 0x440, 0xffffffff),
    [KIND_off32] =
        ONE(0, 1, 100, 4095, 4096, 0x5000, 0x100000, 0x7fffffff, -1, -4096),
    [KIND_lo] = ONE(0, 0, 1, 4095, 4096, 0x5000, 0x40000, 0x1000000, -1),
    [KIND_hi] = ONE(0, 0, 0, 0, 1, 0xfff, 0x7fffffff, -1),
    [KIND_addr] = ONE(PLACE, PLACE, PLACE, PLACE + PAGE, PLACE + 2 * PAGE,
                      PLACE + 5 * PAGE, PLACE + 64 * PAGE, AREA, AREA + 64,
                      AREA + PAGE, 0, 0, 1, PAGE, 0x10000, 0x08048000,
                      0xbffff000, 0xbfffe000, 0xc0000000, 0xfffff000),
    [KIND_ms] = ONE(0, 0, 1, 5, -1, -2),
    [KIND_clock] = ONE(0, 1, 2, 3, 4, 5, 6, 7, 11, -1, -6, 0x7fffffff),
    [KIND_whence] = ONE(0, 1, 2, 3, 4, 5, -1),
    [KIND_f_open] =
        SET(0, 1, 2, 0100, 0200, 0400, 01000, 02000, 04000, 010000, 040000,
            0200000, 0400000, 01000000, 02000000, 010000000, 020200000, 3),
    [KIND_f_at] = SET(0, 0, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x8000),
    [KIND_f_access] = SET(0, 1, 2, 4, 8),
    [KIND_f_prot] = SET(0, 1, 2, 3, 3, 4, 7, 8),
    [KIND_f_map] = SET(1, 2, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x32, 0x100,
                       0x2000, 0x4000, 0x8000, 0x20000, 0x100000, 3),
    [KIND_f_mremap] = ONE(0, 1, 1, 2, 3, 3, 3, 5, 7, 8),
    [KIND_f_msync] = SET(1, 2, 4, 8),
    [KIND_f_madvise] = ONE(0, 1, 2, 3, 4, 4, 8, 9, 10, 11, 12, 14, 16, 21, 100),
    [KIND_f_mlockall] = SET(1, 2, 4, 8),
    [KIND_f_wait] = SET(1, 1, 2, 4, 8, 0x1000000, 0x20000000, 0x40000000),
    [KIND_f_clone] =
        SET(0, 17, 0x100, 0x200, 0x400, 0x800, 0x4000, 0x8000, 0x10000, 0x80000,
            0x100000, 0x200000, 0x1000000, 0x50f00, 0x7d0f00),
    [KIND_f_pipe] = SET(0, 04000, 02000000, 040000),
    [KIND_f_memfd] = SET(0, 1, 2, 4, 8),
    [KIND_f_falloc] = SET(0, 1, 2, 3, 8, 0x10, 0x20, 0x40),
    [KIND_f_rename] = SET(0, 1, 2, 4),
    [KIND_f_mount] = SET(0, 1, 2, 4, 8, 0x20, 0x21, 0x1000, 0x2000, 0x8000),
    [KIND_f_umount] = SET(0, 1, 2, 4, 8),
    [KIND_f_futex] = ONE(0, 1, 3, 4, 5, 9, 10, 0x80, 0x81, 0x83, 0x84, 0x189),
    [KIND_f_fcntl] =
        ONE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 36, 37,
            38, 1024, 1025, 1030, 1031, 1032, 1033, 1034),
    [KIND_f_ioctl] = ONE(0x5401, 0x5402, 0x5403, 0x5404, 0x5405, 0x5409, 0x540a,
                         0x540b, 0x540e, 0x540f, 0x5410, 0x5411, 0x5412, 0x5413,
                         0x5414, 0x541b, 0x5420, 0x5421, 0x5422, 0x5423, 0x5424,
                         0x5425, 0x5427, 0x5428, 0x5429, 0x5450, 0x5451, 0x5452,
                         0x80045430, 0x40045431, 0x80045432, 0x5441),
    [KIND_f_flock] = SET(1, 2, 4, 5, 6, 8),
    [KIND_f_prctl] =
        ONE(1, 2, 3, 4, 7, 8, 15, 16, 23, 24, 27, 36, 37, 38, 39, 0x53564d41),
    [KIND_f_rlimit] =
        ONE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
    [KIND_f_rusage] = ONE(0, 1, -1, -2, 2),
    [KIND_f_prio] = ONE(0, 1, 2, 3),
    [KIND_f_itimer] = ONE(0, 1, 2, 3),
    [KIND_f_sigmask] = ONE(0, 1, 2, 3),
    [KIND_f_sched] = ONE(0, 1, 2, 3, 5, 6, 0x40000000, -1),
    [KIND_f_close_range] = SET(0, 2, 4),
    [KIND_f_statx] = ONE(0x7ff, 0xfff, 0, 0x80000000, -1),
    [KIND_f_random] = SET(0, 1, 2, 4),
    [KIND_f_waitid] = ONE(0, 1, 2, 3, 4),
    [KIND_f_timer] = SET(0, 1, 2),
    [KIND_f_fadvise] = ONE(0, 1, 2, 3, 4, 5, 6),
    [KIND_f_inject] = SET(0, 1, 2),
    [KIND_f_af] = ONE(1, 1, 1, 2, 10, 16),
    [KIND_f_sock] = SET(1, 2, 3, 5, 04000, 02000000),
    [KIND_f_msg] = SET(0, 1, 2, 0x20, 0x40, 0x80, 0x100, 0x4000),
    [KIND_f_sol] = ONE(1, 6, 0),
    [KIND_f_so] = ONE(2, 3, 4, 7, 8, 9, 10, 16, 17, 20, 21, 30, 38, 39),
    [KIND_f_shut] = ONE(0, 1, 2, 3),
    [KIND_timer] = ONE(0, 0, 0, 1, 1, 2, 3, 8, -1),
    [KIND_ipcid] = ONE(0, 1, 2, 32768, 32769, 65536, 65537, 98304, -1),
    [KIND_ipckey] = ONE(0, 0, 1, 2, 3, -1),
    [KIND_f_ipcget] = SET(01000, 01600, 01666, 03600, 04000, 010000, 0),
    [KIND_f_ipcop] =
        SET(0, 04000, 04000, 010000, 020000, 040000, 0100000, 014000),
    [KIND_f_ipcctl] = ONE(0, 0, 1, 2, 3, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                          0x100, 0x101, 0x102, 0x10c, 0x110, 0x111),
    [KIND_f_ipc] = ONE(1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24, 0x10001,
                       0x1000c, 0x10015),
    [KIND_f_eventfd] = SET(0, 1, 04000, 02000000),
    [KIND_f_timerfd] = SET(0, 1, 2, 3),
    [KIND_f_epoll] = ONE(1, 1, 1, 2, 3, 3, 0, 4),
    [KIND_handler] = ONE(0, 1, 2, AREA, 0x08048000),
};

static uint32_t choose(enum kind kind)
{
    const struct choice *c = &choices[kind];
    uint32_t value;

    if (c->n == 0 || one_in(40))
        return one_in(2) ? random_word() : random_below(256);
    value = c->values[random_below(c->n)];
    while (c->is_set && one_in(2))
        value |= c->values[random_below(c->n)];
    return one_in(60) ? value + random_below(5) - 2 : value;
}

/* ---- bytes ---- */

static const char *const paths[] = {
    "f",
    "f",
    "f",
    "d",
    "d/g",
    "d/../f",
    "l",
    "p",
    "e",
    ".",
    "..",
    "/",
    "/tmp",
    "x",
    "y",
    "x",
    "y",
    "d/x",
    "/proc/self/exe",
    "/proc/self/fd/3",
    "/proc/self/fd/7",
    "/proc/self/fd/8",
    "/proc/self/maps",
    "/proc/self/cwd",
    "/proc/self/stat",
    "/proc/self/environ",
    "/proc/self/fd",
    "/proc/mounts",
    "/proc/meminfo",
    "/proc/slabs",
    "/dev/null",
    "/dev/zero",
    "/dev/ptmx",
    "/dev/pts/0",
    "/dev/pts/1",
    "/dev/tty",
    "/dev/shm/x",
    "/dev/shm",
    "/dev",
    "/dev/full",
    "/dev/urandom",
    "/dev/console",
    "/dev/tty1",
    "",
    "d/",
    "f/",
    "/dev/fd/5",
    "/proc/1/exe",
    "/proc/self/root",
    "loop",
    "none/none",
    "l/x",
    "/proc/self/smaps",
    "/proc/self/task",
    "//tmp/../tmp/",
    "tmpfs",
};

static void put_word(struct arg *arg, unsigned at, uint32_t word)
{
    if (at + 4 <= MAX_BLOB) {
        memcpy(arg->bytes + at, &word, 4);
        if (arg->nbytes < at + 4)
            arg->nbytes = (uint8_t)(at + 4);
    }
}

static void put_string(struct arg *arg, const char *s)
{
    size_t n = strlen(s) + 1;

    if (n > MAX_BLOB)
        n = MAX_BLOB;
    memcpy(arg->bytes, s, n);
    arg->nbytes = (uint8_t)n;
}

static void put_path(struct arg *arg)
{
    put_string(arg, paths[random_below(sizeof(paths) / sizeof(paths[0]))]);
    if (one_in(30)) { /* a long name, without an end */
        memset(arg->bytes, 'n', MAX_BLOB);
        arg->nbytes = MAX_BLOB;
    }
}

/* An address that bytes may be taken from or put to. */
static uint32_t some_memory(void)
{
    if (one_in(6))
        return choose(KIND_addr);
    return one_in(3) ? PLACE + random_below(8 * PAGE)
                     : AREA + random_below(AREA_BYTES);
}

static void put_iovec(struct arg *arg)
{
    unsigned n = 1 + random_below(4);

    for (unsigned i = 0; i < n; i++) {
        put_word(arg, 8 * i, some_memory());
        put_word(arg, 8 * i + 4,
                 choose(KIND_bytes) & (one_in(9) ? -1 : 0xffff));
    }
}

static void put_strings(struct arg *arg)
{
    put_word(arg, 0, one_in(4) ? some_memory() : AREA + 0xf000);
    put_word(arg, 4, one_in(2) ? 0 : some_memory());
    put_word(arg, 8, 0);
}

/* A short time, so that little of ours is slept away. */
static void put_time(struct arg *arg, bool wide, unsigned fraction)
{
    put_word(arg, 0, one_in(12) ? choose(KIND_int) : 0);
    if (wide)
        put_word(arg, 4, one_in(20) ? choose(KIND_hi) : 0);
    put_word(arg, wide ? 8 : 4,
             one_in(12) ? choose(KIND_int) : random_below(fraction));
    if (wide)
        put_word(arg, 12, 0);
}

static void put_mmap(struct arg *arg)
{
    static const enum kind kinds[6] = {KIND_addr,  KIND_bytes, KIND_f_prot,
                                       KIND_f_map, KIND_newfd, KIND_lo};

    for (unsigned i = 0; i < 6; i++)
        put_word(arg, 4 * i, choose(kinds[i]));
}

static void put_sigaction(struct arg *arg)
{
    put_word(arg, 0, choose(KIND_handler));
    put_word(arg, 4, one_in(2) ? 0 : random_word());
    put_word(arg, 8, one_in(2) ? 0 : random_word() & 0xdc000007);
    put_word(arg, 12, random_word());
    put_word(arg, 16, random_word());
}

static void put_pollfds(struct arg *arg)
{
    for (unsigned i = 0; i < 4; i++) {
        put_word(arg, 8 * i, random_below(14));
        put_word(arg, 8 * i + 4, random_word() & 0x3f);
    }
}

static void put_words(struct arg *arg)
{
    unsigned n = 1 + random_below(MAX_BLOB / 4);

    for (unsigned i = 0; i < n; i++)
        put_word(arg, 4 * i, one_in(2) ? choose(KIND_int) : random_below(16));
}

static void put_sigevent(struct arg *arg)
{
    put_word(arg, 0, random_word());
    put_word(arg, 4, choose(KIND_sig));
    put_word(arg, 8, one_in(8) ? random_word() : random_below(5));
    put_word(arg, 12, one_in(2) ? 0 : random_below(20));
}

static void put_times(struct arg *arg, bool wide)
{
    struct arg one;

    for (unsigned i = 0; i < 2; i++) {
        memset(&one, 0, sizeof(one));
        put_time(&one, wide, 3000000);
        memcpy(arg->bytes + i * (wide ? 16 : 8), one.bytes, wide ? 16 : 8);
    }
    arg->nbytes = wide ? 32 : 16;
}

static void put_epoll_event(struct arg *arg)
{
    static const uint32_t flags[] = {0, 0, 1u << 31, 1u << 30, 1u << 28};

    put_word(arg, 0, (random_word() & 0x3f) | flags[random_below(5)]);
    put_word(arg, 4, random_word());
    put_word(arg, 8, random_word());
}

static void put_sembufs(struct arg *arg)
{
    for (unsigned i = 0; i < 4; i++) {
        put_word(arg, 6 * i, random_below(3) | (random_below(5) - 2) << 16);
        put_word(arg, 6 * i + 4, one_in(2) ? 04000 : 010000);
    }
}

static void put_limit(struct arg *arg, bool wide)
{
    static const uint32_t limits[] = {0, 1, 4, 64, 4096, 0x100000, -1};

    for (unsigned i = 0; i < (wide ? 4 : 2); i++)
        put_word(arg, 4 * i,
                 wide && i % 2 ? (one_in(4) ? UINT32_MAX : 0)
                               : limits[random_below(7)]);
}

static void make_bytes(struct arg *arg, enum kind kind)
{
    switch (kind) {
    case KIND_path:
    case KIND_string:
        put_path(arg);
        break;
    case KIND_iov_in:
    case KIND_iov_out:
        put_iovec(arg);
        break;
    case KIND_argv:
        put_strings(arg);
        break;
    case KIND_timespec_in:
    case KIND_utimes_in:
        put_time(arg, false, 3000000);
        break;
    case KIND_timespec64_in:
    case KIND_utimes64_in:
        put_time(arg, true, 3000000);
        break;
    case KIND_timeval_in:
    case KIND_itimer_in:
        put_time(arg, false, 3000);
        put_word(arg, 8, 0);
        put_word(arg, 12, random_below(3000));
        break;
    case KIND_rlimit_in:
        put_limit(arg, false);
        break;
    case KIND_rlimit64_in:
        put_limit(arg, true);
        break;
    case KIND_mqname:
        put_string(arg, one_in(3) ? "q" : one_in(2) ? "r" : "s");
        break;
    case KIND_mqattr_in:
        put_word(arg, 0, one_in(2) ? 0 : 04000);
        put_word(arg, 4, one_in(9) ? random_word() : 1 + random_below(10));
        put_word(arg, 8, one_in(9) ? random_word() : 1 + random_below(8192));
        break;
    case KIND_sigevent_in:
        put_sigevent(arg);
        break;
    case KIND_itimerspec_in:
        put_times(arg, false);
        break;
    case KIND_itimerspec64_in:
        put_times(arg, true);
        break;
    case KIND_epoll_in:
        put_epoll_event(arg);
        break;
    case KIND_sembuf_in:
        put_sembufs(arg);
        break;
    case KIND_mmap_in:
        put_mmap(arg);
        break;
    case KIND_sigaction_in:
        put_sigaction(arg);
        break;
    case KIND_pollfd_io:
        put_pollfds(arg);
        break;
    case KIND_stack_in:
        put_word(arg, 0, some_memory());
        put_word(arg, 4, random_below(5));
        put_word(arg, 8, choose(KIND_bytes));
        break;
    case KIND_sigmask6_in:
        put_word(arg, 0, AREA + random_below(256));
        put_word(arg, 4, 8);
        break;
    default:
        put_words(arg);
    }
}

/* ---- arguments ---- */

/* An earlier step whose result is of this kind, or -1. */
static int earlier(const struct program *program, unsigned at, enum kind kind)
{
    unsigned start = random_below(at + 1);

    for (unsigned i = 0; i < at; i++) {
        unsigned step = (start + i) % at;

        if (calls[program->steps[step].call].result == kind)
            return (int)step;
    }
    return -1;
}

static void make_fd(struct arg *arg, const struct program *program, unsigned at,
                    bool is_dir)
{
    int step = earlier(program, at, KIND_fd);

    if (step >= 0 && one_in(2)) {
        arg->type = ARG_RESULT;
        arg->value = (uint32_t)step;
    } else if (is_dir && !one_in(4)) {
        arg->value = one_in(3) ? 4 : (uint32_t)-100;
    } else {
        arg->value = one_in(20) ? choose(KIND_newfd) : random_below(13);
    }
}

static bool is_pointer(enum kind kind)
{
    return kind >= KIND_path && kind <= KIND_ptr && kind != KIND_handler;
}

static void make_pointer(struct arg *arg, enum kind kind)
{
    if (one_in(25)) {
        arg->value = one_in(2) ? 0 : some_memory();
        return;
    }
    if (one_in(8)) {
        arg->value = some_memory();
        return;
    }
    arg->type = ARG_BYTES;
    arg->value = random_below(16) * 64 +
                 (one_in(10) ? random_below(AREA_BYTES - 2048) : 0);
    if (one_in(30)) /* it ends where the memory does */
        arg->value = AREA_BYTES - MAX_BLOB;
    make_bytes(arg, kind);
}

/*
 * What an argument of this kind was before: calls that concern the same file,
 * place or process do more together than others.
 */
static bool repeat(const struct program *program, unsigned at, unsigned n,
                   struct arg *arg)
{
    enum kind kind = calls[program->steps[at].call].args[n];
    unsigned total = at * NARGS + n, start;

    if (total == 0)
        return false;
    start = random_below(total);
    for (unsigned i = 0; i < total; i++) {
        unsigned from = (start + i) % total;
        const struct step *step = &program->steps[from / NARGS];

        if (calls[step->call].args[from % NARGS] == kind) {
            *arg = step->args[from % NARGS];
            return true;
        }
    }
    return false;
}

void value_make(const struct program *program, unsigned at, unsigned n)
{
    struct step *step = (struct step *)&program->steps[at];
    enum kind kind = calls[step->call].args[n];
    struct arg *arg = &step->args[n];
    int source;

    memset(arg, 0, sizeof(*arg));
    if (kind == KIND_none ||
        (one_in(kind == KIND_addr ? 2 : 4) && repeat(program, at, n, arg)))
        return;
    if (kind == KIND_fd || kind == KIND_dirfd) {
        make_fd(arg, program, at, kind == KIND_dirfd);
        return;
    }
    source = earlier(program, at, kind);
    if (source >= 0 && (kind == KIND_addr || kind == KIND_pid) && one_in(3)) {
        arg->type = ARG_RESULT;
        arg->value = (uint32_t)source;
        return;
    }
    if (is_pointer(kind) || (kind == KIND_arg && one_in(2)))
        make_pointer(arg, kind);
    else
        arg->value = choose(kind == KIND_arg ? KIND_int : kind);
}
