/*
 * What the arguments of a system call point to, by the kinds of
 * <cairn/calls.def>: that list and the sizes below are all that the kernel
 * knows about it. A kind without a line here is a number, or an address that
 * the reader shows as one.
 */
#include <cairn/errno.h>
#include <cairn/ioctl.h>
#include <cairn/syscall.h>

#include "arch/i386/ucopy.h"
#include "fs/path.h"
#include "sys/lab.h"

enum kind {
#define ARGKIND(name, text) KIND_##name,
#include <cairn/calls.def>
    NKINDS
};

#define LINUX_COUNT  512u
#define PRIVATE_BASE 0x1000u
#define NCALLS       (LINUX_COUNT + 16u)
#define INDEX(number) \
    ((number) < LINUX_COUNT ? (number) : (number)-PRIVATE_BASE + LINUX_COUNT)

struct kinds {
    uint8_t result, args[6];
};

#define CALL(name, result, a, b, c, d, e, f)                                   \
    [INDEX(__NR_##name)] = {KIND_##result,                                     \
                            {KIND_##a, KIND_##b, KIND_##c, KIND_##d, KIND_##e, \
                             KIND_##f}},

static const struct kinds calls[NCALLS] = {
#include <cairn/calls.def>
};

static const struct kinds *kinds_of(uint32_t number)
{
    static const struct kinds unknown;

    if (number >= LINUX_COUNT &&
        (number < PRIVATE_BASE || number >= PRIVATE_BASE + 16))
        return &unknown;
    return &calls[INDEX(number)];
}

enum how {
    HOW_NOT,
    HOW_FIXED,  /* `nbytes` of it */
    HOW_PATH,   /* a string, all of it */
    HOW_STRING, /* a string, the start of it */
    HOW_BUFFER, /* bytes: the next argument, or the result */
    HOW_COUNT,  /* elements of `nbytes`: the next argument */
    HOW_ARGV,
    HOW_IOVEC,
    HOW_MSGHDR,
    HOW_FDSET,
    HOW_IDS,      /* elements of 4 bytes: the first argument, or the result */
    HOW_SOCKADDR, /* bytes: the next argument, or the word it points to */
    HOW_MASK6,
    HOW_RESULT, /* elements of `nbytes`: the result */
    HOW_MSGBUF, /* a word, and bytes: the next argument, or the result */
};

#define READ  1u /* captured before the call */
#define WRITE 2u /* captured after it */

static const struct rule {
    uint8_t how, when;
    uint16_t nbytes;
} rules[NKINDS] = {
    [KIND_mqname] = {HOW_PATH, READ, 0},
    [KIND_mqattr_in] = {HOW_FIXED, READ, 32},
    [KIND_mqattr_out] = {HOW_FIXED, WRITE, 32},
    [KIND_sigevent_in] = {HOW_FIXED, READ, 16},
    [KIND_itimerspec_in] = {HOW_FIXED, READ, 16},
    [KIND_itimerspec_out] = {HOW_FIXED, WRITE, 16},
    [KIND_itimerspec64_in] = {HOW_FIXED, READ, 32},
    [KIND_itimerspec64_out] = {HOW_FIXED, WRITE, 32},
    [KIND_epoll_in] = {HOW_FIXED, READ, 12},
    [KIND_epoll_out] = {HOW_RESULT, WRITE, 12},
    [KIND_sembuf_in] = {HOW_COUNT, READ, 6},
    [KIND_msgbuf_in] = {HOW_MSGBUF, READ, 0},
    [KIND_msgbuf_out] = {HOW_MSGBUF, WRITE, 0},
    [KIND_path] = {HOW_PATH, READ, 0},
    [KIND_string] = {HOW_STRING, READ, 0},
    [KIND_buf_in] = {HOW_BUFFER, READ, 0},
    [KIND_buf_out] = {HOW_BUFFER, WRITE, 0},
    [KIND_iov_in] = {HOW_IOVEC, READ, 0},
    [KIND_iov_out] = {HOW_IOVEC, WRITE, 0},
    [KIND_argv] = {HOW_ARGV, READ, 0},
    [KIND_sigset_in] = {HOW_FIXED, READ, 8},
    [KIND_sigset_out] = {HOW_FIXED, WRITE, 8},
    [KIND_sigaction_in] = {HOW_FIXED, READ, 20},
    [KIND_sigaction_out] = {HOW_FIXED, WRITE, 20},
    [KIND_siginfo_in] = {HOW_FIXED, READ, 32},
    [KIND_siginfo_out] = {HOW_FIXED, WRITE, 32},
    [KIND_timespec_in] = {HOW_FIXED, READ, 8},
    [KIND_timespec_out] = {HOW_FIXED, WRITE, 8},
    [KIND_timespec64_in] = {HOW_FIXED, READ, 16},
    [KIND_timespec64_out] = {HOW_FIXED, WRITE, 16},
    [KIND_utimes_in] = {HOW_FIXED, READ, 16},
    [KIND_utimes64_in] = {HOW_FIXED, READ, 32},
    [KIND_timeval_in] = {HOW_FIXED, READ, 8},
    [KIND_timeval_out] = {HOW_FIXED, WRITE, 8},
    [KIND_itimer_in] = {HOW_FIXED, READ, 16},
    [KIND_itimer_out] = {HOW_FIXED, WRITE, 16},
    [KIND_rlimit_in] = {HOW_FIXED, READ, 8},
    [KIND_rlimit_out] = {HOW_FIXED, WRITE, 8},
    [KIND_rlimit64_in] = {HOW_FIXED, READ, 16},
    [KIND_rlimit64_out] = {HOW_FIXED, WRITE, 16},
    [KIND_rusage_out] = {HOW_FIXED, WRITE, 72},
    [KIND_stat_out] = {HOW_FIXED, WRITE, 96},
    [KIND_statfs_out] = {HOW_FIXED, WRITE, 84},
    [KIND_statx_out] = {HOW_FIXED, WRITE, 256},
    [KIND_utsname_out] = {HOW_FIXED, WRITE, 390},
    [KIND_sysinfo_out] = {HOW_FIXED, WRITE, 64},
    [KIND_tms_out] = {HOW_FIXED, WRITE, 16},
    [KIND_fdset_io] = {HOW_FDSET, READ | WRITE, 0},
    [KIND_pollfd_io] = {HOW_COUNT, READ | WRITE, 8},
    [KIND_pipe_out] = {HOW_FIXED, WRITE, 8},
    [KIND_off64_io] = {HOW_FIXED, READ | WRITE, 8},
    [KIND_int_in] = {HOW_FIXED, READ, 4},
    [KIND_int_out] = {HOW_FIXED, WRITE, 4},
    [KIND_ids_in] = {HOW_IDS, READ, 0},
    [KIND_ids_out] = {HOW_IDS, WRITE, 0},
    [KIND_stack_in] = {HOW_FIXED, READ, 12},
    [KIND_stack_out] = {HOW_FIXED, WRITE, 12},
    [KIND_user_desc_io] = {HOW_FIXED, READ | WRITE, 16},
    [KIND_cpus_in] = {HOW_FIXED, READ, 4},
    [KIND_cpus_out] = {HOW_FIXED, WRITE, 4},
    [KIND_sched_in] = {HOW_FIXED, READ, 4},
    [KIND_sched_out] = {HOW_FIXED, WRITE, 4},
    [KIND_sockaddr_in] = {HOW_SOCKADDR, READ, 0},
    [KIND_sockaddr_out] = {HOW_SOCKADDR, WRITE, 0},
    [KIND_msghdr_io] = {HOW_MSGHDR, READ | WRITE, 0},
    [KIND_mmap_in] = {HOW_FIXED, READ, 24},
    [KIND_sigmask6_in] = {HOW_MASK6, READ, 0},
};

#define MAX_VECTOR  64u
#define MAX_STRINGS 64u

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The start of `nbytes` bytes, as much as strings show. */
static void add_buffer(struct record *r, uint32_t address, uint32_t nbytes)
{
    record_memory(r, address, smaller(nbytes, lab.strings));
}

static void add_iovec(struct record *r, uint32_t address, uint32_t n,
                      uint32_t most)
{
    uint32_t vec[2];

    n = smaller(n, MAX_VECTOR);
    record_memory(r, address, n * sizeof(vec));
    for (uint32_t i = 0; i < n && most > 0; i++) {
        if (copy_from_user(vec, address + i * sizeof(vec), sizeof(vec)) != 0)
            return;
        add_buffer(r, vec[0], smaller(vec[1], most));
        most -= smaller(vec[1], most);
    }
}

static void add_msghdr(struct record *r, uint32_t address, uint32_t most)
{
    uint32_t head[7]; /* name, its length, iov, iovlen, control, its length */

    if (copy_from_user(head, address, sizeof(head)) != 0)
        return;
    record_memory(r, address, sizeof(head));
    if (head[0] != 0)
        record_memory(r, head[0], smaller(head[1], 128));
    add_iovec(r, head[2], head[3], most);
}

/* Strings up to NULL: arguments themselves, of the environment the number. */
static void add_strings(struct record *r, uint32_t address, bool itself)
{
    uint32_t n = 0, string;

    if (address == 0)
        return;
    while (n < 65536 && get_user_word(address + 4 * n, &string) == 0 &&
           string != 0) {
        if (itself && n < MAX_STRINGS)
            record_string(r, string, lab.strings + 1);
        n++;
    }
    if (itself)
        record_memory(r, address, 4 * smaller(n, MAX_STRINGS));
    record_word(r, CAIRN_CHUNK_COUNT, address, n);
}

static void add_sockaddr(struct record *r, uint32_t address, uint32_t length,
                         bool is_exit)
{
    uint32_t nbytes = length;

    if (is_exit) {
        if (get_user_word(length, &nbytes) != 0)
            return;
        record_memory(r, length, 4);
    }
    record_memory(r, address, smaller(nbytes, 128));
}

static void add_mask6(struct record *r, uint32_t address)
{
    uint32_t pair[2];

    record_memory(r, address, sizeof(pair));
    if (copy_from_user(pair, address, sizeof(pair)) == 0 && pair[0] != 0)
        record_memory(r, pair[0], 8);
}

/* Names of descriptors in an array of pollfd or int. */
static void add_descriptors(struct record *r, uint32_t address, uint32_t n,
                            uint32_t step)
{
    uint32_t fd;

    for (uint32_t i = 0; lab.paths && i < smaller(n, MAX_VECTOR); i++)
        if (get_user_word(address + i * step, &fd) == 0)
            record_descriptor(r, (int)fd);
}

static void add_array(struct record *r, uint32_t address, uint32_t n,
                      const struct rule *rule, bool is_exit)
{
    n = smaller(n, MAX_VECTOR);
    record_memory(r, address, n * rule->nbytes);
    if (!is_exit && rule->nbytes == 8) /* struct pollfd */
        add_descriptors(r, address, n, rule->nbytes);
}

/* What such calls wrote of an argument, of which the result says how much. */
static uint32_t written(const struct cairn_trace_call *call, unsigned i,
                        bool is_exit)
{
    uint32_t room = i < 5 ? call->args[i + 1] : 0;

    if (!is_exit)
        return room;
    if (call->number == __NR_getdents64)
        return smaller((uint32_t)call->result, 12000);
    if (call->number == __NR_getsockopt)
        return 4;
    return smaller(room, (uint32_t)call->result);
}

static void add_pointed(struct record *r, const struct cairn_trace_call *call,
                        unsigned i, const struct rule *rule, bool is_exit)
{
    uint32_t address = call->args[i], next = i < 5 ? call->args[i + 1] : 0;
    uint32_t n = written(call, i, is_exit);

    switch (rule->how) {
    case HOW_FIXED:
        record_memory(r, address, rule->nbytes);
        break;
    case HOW_PATH:
        record_string(r, address, PATH_MAX);
        break;
    case HOW_STRING:
        record_string(r, address, lab.strings + 1);
        break;
    case HOW_BUFFER:
        if (call->number == __NR_getdents64)
            record_memory(r, address, n);
        else
            add_buffer(r, address, n);
        break;
    case HOW_COUNT:
        add_array(r, address, next, rule, is_exit);
        break;
    case HOW_ARGV:
        add_strings(r, address, i == 1);
        break;
    case HOW_IOVEC:
        add_iovec(r, address, next,
                  is_exit ? (uint32_t)call->result : UINT32_MAX);
        break;
    case HOW_MSGHDR:
        add_msghdr(r, address, is_exit ? (uint32_t)call->result : UINT32_MAX);
        break;
    case HOW_FDSET:
        record_memory(r, address, smaller((call->args[0] + 31) / 32, 32) * 4);
        break;
    case HOW_IDS:
        n = is_exit ? (uint32_t)call->result : call->args[0];
        record_memory(r, address, 4 * smaller(n, 256));
        break;
    case HOW_SOCKADDR:
        add_sockaddr(r, address, next, is_exit);
        break;
    case HOW_RESULT:
        record_memory(r, address,
                      smaller((uint32_t)call->result, MAX_VECTOR) *
                          rule->nbytes);
        break;
    case HOW_MSGBUF:
        record_memory(r, address,
                      4 + smaller(is_exit ? (uint32_t)call->result : next,
                                  lab.strings));
        break;
    case HOW_MASK6:
        add_mask6(r, address);
        break;
    default:
        break;
    }
}

/* The third argument of ioctl and fcntl, by the second. */
static uint32_t size_of_arg(const struct cairn_trace_call *call)
{
    if (call->number == __NR_ioctl) {
        if (call->args[1] >= TCGETS && call->args[1] <= TCSETS + 2)
            return 36;
        return call->args[1] == TIOCGWINSZ || call->args[1] == TIOCSWINSZ ? 8
                                                                          : 4;
    }
    /* F_GETLK to F_SETLKW, the 64-bit forms, and those of open files. */
    if (call->args[1] >= 5 && call->args[1] <= 7)
        return 16;
    if (call->args[1] >= 12 && call->args[1] <= 14)
        return 24;
    return call->args[1] >= 36 && call->args[1] <= 38 ? 24 : 0;
}

/* Remaining time is only written by a sleep that was interrupted. */
static bool was_written(const struct cairn_trace_call *call)
{
    switch (call->number) {
    case __NR_nanosleep:
    case __NR_clock_nanosleep:
    case __NR_clock_nanosleep_time64:
        return call->result == -EINTR;
    case __NR_waitpid:
    case __NR_wait4:
        return call->result > 0;
    default:
        return (uint32_t)call->result < (uint32_t)-__CAIRN_ERRNO_MAX;
    }
}

void capture_call(struct record *r, const struct cairn_trace_call *call,
                  bool is_exit)
{
    const struct kinds *kinds = kinds_of(call->number);
    unsigned when = is_exit ? WRITE : READ;

    for (unsigned i = 0; i < 6; i++) {
        unsigned kind = kinds->args[i];
        const struct rule *rule = &rules[kind];

        if ((kind == KIND_fd || kind == KIND_dirfd) && lab.paths && !is_exit)
            record_descriptor(r, (int)call->args[i]);
        if (kind == KIND_arg && (i == 2) && size_of_arg(call) > 0 &&
            call->number != __NR_prctl)
            record_memory(r, call->args[i], size_of_arg(call));
        if ((rule->when & when) && call->args[i] != 0 &&
            (!is_exit || was_written(call)))
            add_pointed(r, call, i, rule, is_exit);
    }
    if (is_exit && lab.paths && kinds->result == KIND_fd && call->result >= 0)
        record_descriptor(r, call->result);
}
