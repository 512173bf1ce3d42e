/*
 * tools/cairn-run/decode.c - a system call as strace writes it
 *
 * <cairn/calls.def> gives each argument's kind, and the table `shows` the
 * function for a kind. An argument is shown as a number or an address when its
 * kind has no function, or when the record does not hold what it points to.
 */
#define _GNU_SOURCE
#include "decode.h"

#include "names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- lines ---- */

void put(struct line *line, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0)
        return;
    if (line->length + (size_t)n + 1 > line->room) {
        line->room = 2 * (line->length + (size_t)n + 64);
        line->text = realloc(line->text, line->room);
        if (line->text == NULL)
            abort();
    }
    va_start(ap, format);
    vsnprintf(line->text + line->length, (size_t)n + 1, format, ap);
    va_end(ap);
    line->length += (size_t)n;
}

/* ---- the list of calls ---- */

enum kind {
#define ARGKIND(name, text) KIND_##name,
#include "include/cairn/calls.def"
    NKINDS
};

enum number {
#define SYSCALL(number, name, nargs) NR_##name = number,
#include "include/cairn/syscalls.def"
#undef SYSCALL
};

struct call {
    const char *name;
    uint32_t number;
    uint8_t nargs, result, args[6];
    bool is_known;
};

static const struct kinds {
    const char *name;
    uint8_t result, args[6];
} kinds[] = {
#define CALL(name, result, a, b, c, d, e, f) \
    {#name,                                  \
     KIND_##result,                          \
     {KIND_##a, KIND_##b, KIND_##c, KIND_##d, KIND_##e, KIND_##f}},
#include "include/cairn/calls.def"
};

static const struct {
    const char *name;
    uint32_t number;
    uint8_t nargs;
} numbers[] = {
#define SYSCALL(number, name, nargs) {#name, number, nargs},
#include "include/cairn/syscalls.def"
#undef SYSCALL
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* By number; made once. A call without kinds has hexadecimal arguments. */
static struct call calls[0x1020];

static void make_calls(void)
{
    if (calls[1].name != NULL)
        return;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct call *call;

        if (numbers[i].number >= COUNT(calls))
            continue;
        call = &calls[numbers[i].number];
        *call = (struct call){.name = numbers[i].name,
                              .number = numbers[i].number,
                              .nargs = numbers[i].nargs,
                              .result = KIND_int};
        for (unsigned arg = 0; arg < 6; arg++)
            call->args[arg] = arg < call->nargs ? KIND_hex : KIND_none;
        for (size_t k = 0; k < COUNT(kinds); k++) {
            if (strcmp(kinds[k].name, call->name) != 0)
                continue;
            call->is_known = true;
            call->result = kinds[k].result;
            memcpy(call->args, kinds[k].args, sizeof(call->args));
        }
    }
}

static const struct call *call_of(uint32_t number)
{
    static struct call unknown = {.result = KIND_int,
                                  .args = {KIND_hex, KIND_hex, KIND_hex,
                                           KIND_hex, KIND_hex, KIND_hex}};

    make_calls();
    return number < COUNT(calls) && calls[number].name != NULL ? &calls[number]
                                                               : &unknown;
}

const char *decode_name(uint32_t number)
{
    return call_of(number)->name;
}

uint32_t decode_number(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (strlen(numbers[i].name) == length &&
            strncmp(numbers[i].name, name, length) == 0)
            return numbers[i].number;
    return UINT32_MAX;
}

/* ---- sets of calls ---- */

static bool has_kind(const struct call *call, uint8_t a, uint8_t b)
{
    for (unsigned i = 0; i < 6; i++)
        if (call->args[i] == a || call->args[i] == b)
            return true;
    return false;
}

static bool is_one_of(const char *name, const char *list)
{
    size_t n = strlen(name);

    for (const char *p = list; (p = strstr(p, name)) != NULL; p += n)
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

static const char memory_calls[] =
    "brk sbrk mmap mmap2 munmap mprotect mremap msync madvise mincore mlock "
    "mlock2 munlock mlockall munlockall remap_file_pages shmat shmdt";
static const char process_calls[] =
    "fork vfork clone clone3 execve execveat exit exit_group wait4 waitid "
    "waitpid kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open "
    "pidfd_send_signal";
static const char signal_calls[] =
    "signal sigaction sigreturn sigsuspend sigpending sigprocmask sigaltstack "
    "kill tkill tgkill pause rt_sigaction rt_sigreturn rt_sigprocmask "
    "rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend "
    "rt_tgsigqueueinfo rt_sigtimedwait_time64 signalfd signalfd4";
static const char desc_calls[] =
    "pipe pipe2 open openat creat dup epoll_create epoll_create1 eventfd "
    "eventfd2 poll ppoll ppoll_time64 _newselect pselect6 pselect6_time64 "
    "memfd_create mmap2 timerfd_create signalfd4 epoll_ctl epoll_wait "
    "epoll_pwait socket socketpair close_range";
static const char network_calls[] =
    "socket socketpair bind connect listen accept accept4 getsockopt "
    "setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg "
    "shutdown sendmmsg recvmmsg socketcall sendfile sendfile64";

static bool is_set(const char *set, size_t length, const char *name)
{
    if (length > 0 && *set == '%') {
        set++;
        length--;
    }
    return strlen(name) == length && strncmp(set, name, length) == 0;
}

bool decode_is_set(const char *set, size_t length)
{
    static const char *const names[] = {"memory", "file", "process",
                                        "signal", "desc", "network",
                                        "all"};

    for (size_t i = 0; i < COUNT(names); i++)
        if (is_set(set, length, names[i]))
            return true;
    return false;
}

bool decode_in_set(uint32_t number, const char *set, size_t length)
{
    const struct call *call = call_of(number);

    if (call->name == NULL)
        return false;
    if (is_set(set, length, "all"))
        return true;
    if (is_set(set, length, "memory"))
        return is_one_of(call->name, memory_calls);
    if (is_set(set, length, "process"))
        return is_one_of(call->name, process_calls);
    if (is_set(set, length, "signal"))
        return is_one_of(call->name, signal_calls);
    if (is_set(set, length, "network"))
        return is_one_of(call->name, network_calls);
    if (is_set(set, length, "file"))
        return has_kind(call, KIND_path, KIND_path);
    if (is_set(set, length, "desc"))
        return has_kind(call, KIND_fd, KIND_dirfd) ||
               has_kind(call, KIND_newfd, KIND_newfd) ||
               is_one_of(call->name, desc_calls);
    return strlen(call->name) == length &&
           strncmp(call->name, set, length) == 0;
}

/* ---- chunks ---- */

static uint32_t word_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static uint64_t quad_at(const unsigned char *p)
{
    return word_at(p) | (uint64_t)word_at(p + 4) << 32;
}

static uint32_t half_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

bool chunks_add(struct chunks *chunks, const unsigned char *bytes,
                const unsigned char *end)
{
    while (bytes != end) {
        struct cairn_chunk head;
        struct chunk *more;
        size_t nbytes;

        if ((size_t)(end - bytes) < sizeof(head))
            return false;
        memcpy(&head, bytes, sizeof(head));
        bytes += sizeof(head);
        nbytes = (head.nbytes + 3u) & ~3u;
        if ((size_t)(end - bytes) < nbytes)
            return false;
        more = realloc(chunks->chunks, (chunks->n + 1) * sizeof(*more));
        if (more == NULL)
            return false;
        chunks->chunks = more;
        more[chunks->n++] =
            (struct chunk){head.address, head.kind, head.nbytes, bytes};
        bytes += nbytes;
    }
    return true;
}

struct view {
    struct line *line;
    const struct call *entry;
    const struct cairn_trace_call *call;
    const struct chunks *chunks;
    const struct decode_options *options;
    unsigned arg;   /* number of the argument */
    uint32_t value; /* what it is */
};

/*
 * At least `nbytes` at an address, as they were before the call, or after it.
 */
static const struct chunk *find(const struct view *v, uint32_t address,
                                uint32_t nbytes, bool after)
{
    const struct chunk *found = NULL;

    for (size_t i = 0; i < v->chunks->n; i++) {
        const struct chunk *c = &v->chunks->chunks[i];

        if (c->kind != CAIRN_CHUNK_MEMORY || c->address != address ||
            c->nbytes < nbytes)
            continue;
        if (!after)
            return c;
        found = c;
    }
    return found;
}

static const unsigned char *peek(const struct view *v, uint32_t address,
                                 uint32_t nbytes, bool after)
{
    const struct chunk *c = find(v, address, nbytes, after);

    return c != NULL ? c->bytes : NULL;
}

/* ---- pieces ---- */

static void put_address(struct line *line, uint32_t address)
{
    if (address == 0)
        put(line, "NULL");
    else
        put(line, "0x%" PRIx32, address);
}

static void put_name(struct line *line, const struct name *names, int32_t value,
                     const char *unknown)
{
    const char *name = name_of(names, value);

    if (name != NULL)
        put(line, "%s", name);
    else if (value == 0)
        put(line, "0");
    else
        put(line, "%#" PRIx32 " /* %s */", (uint32_t)value, unknown);
}

/* Names with bars between, after `so_far` of them; what is left as a number. */
static int put_flags(struct line *line, const struct name *names,
                     uint32_t value, const char *unknown, int so_far)
{
    for (; names->name != NULL && value != 0; names++) {
        uint32_t bits = (uint32_t)names->value;

        if (bits == 0 || (value & bits) != bits)
            continue;
        put(line, "%s%s", so_far++ > 0 ? "|" : "", names->name);
        value &= ~bits;
    }
    if (value != 0) {
        put(line, "%s%#" PRIx32, so_far > 0 ? "|" : "", value);
        if (so_far == 0)
            put(line, " /* %s */", unknown);
        so_far++;
    }
    return so_far;
}

static void put_flags_or_0(struct line *line, const struct name *names,
                           uint32_t value, const char *unknown)
{
    if (put_flags(line, names, value, unknown, 0) == 0)
        put(line, "0");
}

static void put_byte(struct line *line, unsigned char c, bool digit_follows)
{
    static const char escaped[] = "\t\n\v\f\r\"\\", letters[] = "tnvfr\"\\";
    const char *e = c != '\0' ? strchr(escaped, c) : NULL;

    if (e != NULL)
        put(line, "\\%c", letters[e - escaped]);
    else if (c >= ' ' && c <= '~')
        put(line, "%c", c);
    else
        put(line, digit_follows ? "\\%03o" : "\\%o", c);
}

void decode_string(struct line *line, const unsigned char *bytes, size_t nbytes)
{
    put(line, "\"");
    for (size_t i = 0; i < nbytes; i++)
        put_byte(line, bytes[i],
                 i + 1 < nbytes && bytes[i + 1] >= '0' && bytes[i + 1] <= '9');
    put(line, "\"");
}

static void put_hex_string(struct line *line, const unsigned char *bytes,
                           size_t nbytes)
{
    put(line, "\"");
    for (size_t i = 0; i < nbytes; i++)
        put(line, "\\x%02x", bytes[i]);
    put(line, "\"");
}

/* A string that ends with NUL, all of it or its start. */
static void put_text(const struct view *v, uint32_t address, bool whole)
{
    const struct chunk *c = find(v, address, 1, false);
    size_t n;

    if (c == NULL) {
        put_address(v->line, address);
        return;
    }
    n = strnlen((const char *)c->bytes, c->nbytes);
    if (!whole && n > v->options->strings) {
        decode_string(v->line, c->bytes, v->options->strings);
        put(v->line, "...");
        return;
    }
    decode_string(v->line, c->bytes, n);
    if (n == c->nbytes)
        put(v->line, "...");
}

/* `nbytes` bytes, as many as are shown. */
static void put_bytes(const struct view *v, uint32_t address, uint32_t nbytes,
                      bool after)
{
    const struct chunk *c = find(v, address, 1, after);
    uint32_t n;

    if (nbytes == 0 && address != 0) {
        put(v->line, "\"\"");
        return;
    }
    if (c == NULL) {
        put_address(v->line, address);
        return;
    }
    n = nbytes < c->nbytes ? nbytes : c->nbytes;
    if (n > v->options->strings)
        n = v->options->strings;
    if (v->call->number == NR_getrandom)
        put_hex_string(v->line, c->bytes, n);
    else
        decode_string(v->line, c->bytes, n);
    if (n < nbytes)
        put(v->line, "...");
}

static void put_descriptor(const struct view *v, int fd)
{
    put(v->line, "%d", fd);
    for (size_t i = 0; v->options->paths && i < v->chunks->n; i++) {
        const struct chunk *c = &v->chunks->chunks[i];

        if (c->kind != CAIRN_CHUNK_PATH || c->address != (uint32_t)fd)
            continue;
        put(v->line, "<%.*s>", (int)c->nbytes, (const char *)c->bytes);
        return;
    }
}

const char *decode_signal_name(int signo)
{
    static char text[16];
    const char *name = name_of(names_signal, signo);

    if (name != NULL)
        return name;
    if (signo >= 32 && signo <= 64)
        snprintf(text, sizeof(text), signo == 32 ? "SIGRTMIN" : "SIGRT_%d",
                 signo - 32);
    else
        snprintf(text, sizeof(text), "%d", signo);
    return text;
}

int decode_signal_number(const char *name)
{
    char full[24];

    snprintf(full, sizeof(full), "SIG%s", name);
    if (value_of_name(names_signal, name) != 0)
        return value_of_name(names_signal, name);
    return value_of_name(names_signal, full);
}

int decode_errno_number(const char *name)
{
    return value_of_name(names_errno, name);
}

const char *decode_errno_name(int error)
{
    return name_of(names_errno, error);
}

static void put_sigset(struct line *line, uint64_t set)
{
    bool inverted = __builtin_popcountll(set) > 42;
    const char *blank = "";

    if (inverted) {
        put(line, "~");
        set = ~set;
    }
    put(line, "[");
    for (int signo = 1; signo <= 64; signo++) {
        const char *name = decode_signal_name(signo);

        if (!(set >> (signo - 1) & 1))
            continue;
        put(line, "%s%s", blank,
            strncmp(name, "SIG", 3) == 0 ? name + 3 : name);
        blank = " ";
    }
    put(line, "]");
}

static void put_mode(struct line *line, uint32_t mode)
{
    const char *type = name_of(names_file_type, mode & 0170000);

    if (type != NULL)
        put(line, "%s|", type);
    else if (mode & 0170000)
        put(line, "%#o|", mode & 0170000);
    if (mode & 04000)
        put(line, "S_ISUID|");
    if (mode & 02000)
        put(line, "S_ISGID|");
    if (mode & 01000)
        put(line, "S_ISVTX|");
    put(line, "%#03o", mode & 0777);
}

/* ---- kinds ---- */

static void show_int(const struct view *v)
{
    put(v->line, "%" PRId32, (int32_t)v->value);
}

static void show_uint(const struct view *v)
{
    put(v->line, "%" PRIu32, v->value);
}

static void show_hex(const struct view *v)
{
    put(v->line, v->value == 0 ? "0" : "%#" PRIx32, v->value);
}

static void show_address(const struct view *v)
{
    put_address(v->line, v->value);
}

static void show_id(const struct view *v)
{
    put(v->line, v->value == UINT32_MAX ? "-1" : "%" PRIu32, v->value);
}

static void show_fd(const struct view *v)
{
    put_descriptor(v, (int)v->value);
}

static void show_dirfd(const struct view *v)
{
    if ((int32_t)v->value == -100)
        put(v->line, "AT_FDCWD");
    else
        put_descriptor(v, (int)v->value);
}

static void show_signal(const struct view *v)
{
    put(v->line, "%s", decode_signal_name((int)v->value));
}

static void show_mode(const struct view *v)
{
    if (v->entry->args[0] == KIND_path && v->call->number == NR_mknod)
        put_mode(v->line, v->value);
    else
        put(v->line, v->value == 0 ? "000" : "%#03o", v->value);
}

static void show_path(const struct view *v)
{
    put_text(v, v->value, true);
}

static void show_string(const struct view *v)
{
    put_text(v, v->value, false);
}

static void show_dev(const struct view *v)
{
    put(v->line, "makedev(%#x, %#x)", v->value >> 8 & 0xFFF,
        (v->value & 0xFF) | (v->value >> 12 & 0xFFF00));
}

static void show_handler(const struct view *v)
{
    if (v->value == 0)
        put(v->line, "SIG_DFL");
    else if (v->value == 1)
        put(v->line, "SIG_IGN");
    else
        put_address(v->line, v->value);
}

static void show_open(const struct view *v)
{
    put_name(v->line, names_access_mode, v->value & 3, "O_???");
    put_flags(v->line, names_open, v->value & ~3u, "O_???", 1);
}

static void show_map(const struct view *v)
{
    static const char *const types[] = {"MAP_FILE", "MAP_SHARED", "MAP_PRIVATE",
                                        "MAP_SHARED_VALIDATE"};
    uint32_t type = v->value & 0xF;

    if (type < COUNT(types))
        put(v->line, "%s", types[type]);
    else
        put(v->line, "%#" PRIx32 " /* MAP_??? */", type);
    put_flags(v->line, names_map, v->value & ~0xFu, "MAP_???", 1);
}

static void show_at(const struct view *v)
{
    if (v->call->number == NR_statx && !(v->value & 0x6000)) {
        put(v->line, "AT_STATX_SYNC_AS_STAT");
        put_flags(v->line, names_at, v->value, "AT_???", 1);
    } else if (v->call->number == NR_faccessat2) {
        put_flags_or_0(v->line, names_at_access, v->value, "AT_???");
    } else {
        put_flags_or_0(v->line, names_at, v->value, "AT_???");
    }
}

static void show_prot(const struct view *v)
{
    if (put_flags(v->line, names_prot, v->value, "PROT_???", 0) == 0)
        put(v->line, "PROT_NONE");
}

static void show_clone(const struct view *v)
{
    int n = put_flags(v->line, names_clone, v->value & ~0xFFu, "CLONE_???", 0);

    if (v->value & 0xFF)
        put(v->line, "%s%s", n > 0 ? "|" : "",
            decode_signal_name((int)(v->value & 0xFF)));
    else if (n == 0)
        put(v->line, "0");
}

static void show_futex(const struct view *v)
{
    put_name(v->line, names_futex, v->value & 0x7F, "FUTEX_???");
    if (v->value & 0x80)
        put(v->line, "_PRIVATE");
    if (v->value & 0x100)
        put(v->line, "|FUTEX_CLOCK_REALTIME");
}

static void show_sock_type(const struct view *v)
{
    if (v->call->number == NR_accept4) {
        put_flags_or_0(v->line, names_sock_flag, v->value, "SOCK_???");
        return;
    }
    put_name(v->line, names_sock_type, v->value & 0xF, "SOCK_???");
    put_flags(v->line, names_sock_flag, v->value & ~0xFu, "SOCK_???", 1);
}

static void show_access(const struct view *v)
{
    if (v->value == 0)
        put(v->line, "F_OK");
    else
        put_flags(v->line, names_access, v->value, "?_OK", 0);
}

static void show_flock(const struct view *v)
{
    put_flags_or_0(v->line, names_flock, v->value, "LOCK_???");
}

/* A kind that is one of the names, or a set of them. */
static const struct {
    const struct name *names;
    const char *unknown;
    bool is_set;
} tables[NKINDS] = {
    [KIND_f_mremap] = {names_mremap, "MREMAP_???", true},
    [KIND_f_msync] = {names_msync, "MS_???", true},
    [KIND_f_madvise] = {names_madvise, "MADV_???", false},
    [KIND_f_mlockall] = {names_mlockall, "MCL_???", true},
    [KIND_f_wait] = {names_wait, "W???", true},
    [KIND_f_pipe] = {names_pipe, "O_???", true},
    [KIND_f_memfd] = {names_memfd, "MFD_???", true},
    [KIND_f_falloc] = {names_falloc, "FALLOC_FL_???", true},
    [KIND_f_rename] = {names_rename, "RENAME_???", true},
    [KIND_f_mount] = {names_mount, "MS_???", true},
    [KIND_f_umount] = {names_umount, "MNT_???", true},
    [KIND_f_fcntl] = {names_fcntl, "F_???", false},
    [KIND_f_ioctl] = {names_ioctl, "ioctl", false},
    [KIND_f_prctl] = {names_prctl, "PR_???", false},
    [KIND_f_rlimit] = {names_rlimit, "RLIMIT_???", false},
    [KIND_f_rusage] = {names_rusage, "RUSAGE_???", false},
    [KIND_f_prio] = {names_prio, "PRIO_???", false},
    [KIND_f_itimer] = {names_itimer, "ITIMER_???", false},
    [KIND_f_sigmask] = {names_sigmask, "SIG_???", false},
    [KIND_f_sched] = {names_sched, "SCHED_???", false},
    [KIND_f_close_range] = {names_close_range, "CLOSE_RANGE_???", true},
    [KIND_f_statx] = {names_statx, "STATX_???", true},
    [KIND_f_epoll] = {names_epoll_op, "EPOLL_CTL_???", false},
    [KIND_f_eventfd] = {names_eventfd, "EFD_???", true},
    [KIND_f_timerfd] = {names_timerfd, "TFD_???", true},
    [KIND_f_ipcctl] = {names_ipcctl, "IPC_???", false},
    [KIND_f_ipcop] = {names_ipcop, "IPC_???", true},
    [KIND_f_ipc] = {names_ipc, "ipc", false},
    [KIND_f_random] = {names_random, "GRND_???", true},
    [KIND_f_waitid] = {names_waitid, "P_???", false},
    [KIND_f_timer] = {names_timer, "TIMER_???", true},
    [KIND_f_fadvise] = {names_fadvise, "POSIX_FADV_???", false},
    [KIND_f_af] = {names_af, "AF_???", false},
    [KIND_f_msg] = {names_msg, "MSG_???", true},
    [KIND_f_sol] = {names_sol, "SOL_???", false},
    [KIND_f_so] = {names_so, "SO_???", false},
    [KIND_f_shut] = {names_shut, "SHUT_???", false},
    [KIND_clock] = {names_clock, "CLOCK_???", false},
    [KIND_whence] = {names_whence, "SEEK_???", false},
};

/* ---- structs ---- */

static void put_time(struct line *line, int64_t seconds, int64_t fraction,
                     const char *unit)
{
    put(line, "{tv_sec=%" PRId64 ", tv_%s=%" PRId64 "}", seconds, unit,
        fraction);
}

/* The date as a comment, in UTC. */
static void put_date(struct line *line, int64_t seconds, uint32_t nsec)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[64];

    if (gmtime_r(&t, &tm) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return;
    put(line, " /* %s", text);
    if (nsec != 0)
        put(line, ".%09" PRIu32, nsec);
    put(line, "+0000 */");
}

static void put_times(const struct view *v, unsigned n, bool wide,
                      const char *unit, bool after)
{
    uint32_t size = wide ? 16 : 8;
    const unsigned char *p = peek(v, v->value, n * size, after);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    if (n > 1)
        put(v->line, "[");
    for (unsigned i = 0; i < n; i++, p += size) {
        uint32_t nsec = word_at(p + (wide ? 8 : 4));

        put(v->line, "%s", i > 0 ? ", " : "");
        if (n > 1 && nsec == 0x3FFFFFFF)
            put(v->line, "UTIME_NOW");
        else if (n > 1 && nsec == 0x3FFFFFFE)
            put(v->line, "UTIME_OMIT");
        else
            put_time(v->line, wide ? (int64_t)quad_at(p) : (int32_t)word_at(p),
                     wide ? (int64_t)quad_at(p + 8) : (int32_t)nsec, unit);
        if (n > 1 && nsec < 1000000000)
            put_date(v->line, wide ? (int64_t)quad_at(p) : (int32_t)word_at(p),
                     nsec);
    }
    if (n > 1)
        put(v->line, "]");
}

static void show_timespec(const struct view *v)
{
    put_times(v, 1, false, "nsec", v->entry->args[v->arg] == KIND_timespec_out);
}

static void show_timespec64(const struct view *v)
{
    put_times(v, 1, true, "nsec",
              v->entry->args[v->arg] == KIND_timespec64_out);
}

static void show_timeval(const struct view *v)
{
    put_times(v, 1, false, "usec", v->entry->args[v->arg] == KIND_timeval_out);
}

static void show_utimes(const struct view *v)
{
    put_times(v, 2, v->entry->args[v->arg] == KIND_utimes64_in, "nsec", false);
}

static void show_itimer(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 16, v->entry->args[v->arg] == KIND_itimer_out);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{it_interval=");
    put_time(v->line, (int32_t)word_at(p), (int32_t)word_at(p + 4), "usec");
    put(v->line, ", it_value=");
    put_time(v->line, (int32_t)word_at(p + 8), (int32_t)word_at(p + 12),
             "usec");
    put(v->line, "}");
}

static void put_limit(struct line *line, uint64_t value, bool wide)
{
    if (wide ? value == UINT64_MAX : value == UINT32_MAX)
        put(line, wide ? "RLIM64_INFINITY" : "RLIM_INFINITY");
    else if (value > 1024 && value % 1024 == 0)
        put(line, "%" PRIu64 "*1024", value / 1024);
    else
        put(line, "%" PRIu64, value);
}

static void show_rlimit(const struct view *v)
{
    uint8_t kind = v->entry->args[v->arg];
    bool wide = kind == KIND_rlimit64_in || kind == KIND_rlimit64_out;
    const unsigned char *p =
        peek(v, v->value, wide ? 16 : 8,
             kind == KIND_rlimit_out || kind == KIND_rlimit64_out);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{rlim_cur=");
    put_limit(v->line, wide ? quad_at(p) : word_at(p), wide);
    put(v->line, ", rlim_max=");
    put_limit(v->line, wide ? quad_at(p + 8) : word_at(p + 4), wide);
    put(v->line, "}");
}

static void show_rusage(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 16, true);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{ru_utime=");
    put_time(v->line, (int32_t)word_at(p), (int32_t)word_at(p + 4), "usec");
    put(v->line, ", ru_stime=");
    put_time(v->line, (int32_t)word_at(p + 8), (int32_t)word_at(p + 12),
             "usec");
    put(v->line, ", ...}");
}

/* struct stat64 of i386: mode at 16, rdev at 32, size at 44. */
static void show_stat(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 96, true);
    uint32_t mode;

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    mode = word_at(p + 16);
    put(v->line, "{st_mode=");
    put_mode(v->line, mode);
    if ((mode & 0170000) == 0020000 || (mode & 0170000) == 0060000) {
        uint64_t dev = quad_at(p + 32);

        put(v->line, ", st_rdev=makedev(%#x, %#x)",
            (unsigned)(dev >> 8 & 0xFFF),
            (unsigned)((dev & 0xFF) | (dev >> 12 & 0xFFF00)));
    } else {
        put(v->line, ", st_size=%" PRIu64, quad_at(p + 44));
    }
    put(v->line, ", ...}");
}

/* struct statx: mask at 0, attributes at 8, mode at 28, size at 40. */
static void show_statx(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 256, true);
    uint32_t mode;

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    mode = half_at(p + 28);
    put(v->line, "{stx_mask=");
    put_flags_or_0(v->line, names_statx, word_at(p), "STATX_???");
    put(v->line, ", stx_attributes=%" PRIu64 ", stx_mode=", quad_at(p + 8));
    put_mode(v->line, mode);
    put(v->line, ", stx_size=%" PRIu64 ", ...}", quad_at(p + 40));
}

static void show_statfs(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 84, true);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{f_type=");
    if (name_of(names_fs, (int32_t)word_at(p)) != NULL)
        put(v->line, "%s", name_of(names_fs, (int32_t)word_at(p)));
    else
        put(v->line, "%#x", word_at(p));
    put(v->line,
        ", f_bsize=%u, f_blocks=%" PRIu64 ", f_bfree=%" PRIu64
        ", f_bavail=%" PRIu64 ", f_files=%" PRIu64 ", f_ffree=%" PRIu64
        ", f_fsid={val=[%#x, %#x]}, f_namelen=%u, f_frsize=%u, f_flags=",
        word_at(p + 4), quad_at(p + 8), quad_at(p + 16), quad_at(p + 24),
        quad_at(p + 32), quad_at(p + 40), word_at(p + 48), word_at(p + 52),
        word_at(p + 56), word_at(p + 60));
    put_flags_or_0(v->line, names_st, word_at(p + 64), "ST_???");
    put(v->line, "}");
}

static void put_field(struct line *line, const char *name,
                      const unsigned char *p)
{
    put(line, "%s=", name);
    decode_string(line, p, strnlen((const char *)p, 65));
}

static void show_utsname(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 390, true);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put_field(v->line, "{sysname", p);
    put_field(v->line, ", nodename", p + 65);
    put(v->line, ", ...}");
}

static void show_sysinfo(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 64, true);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line,
        "{uptime=%d, loads=[%u, %u, %u], totalram=%u, freeram=%u, "
        "sharedram=%u, bufferram=%u, totalswap=%u, freeswap=%u, procs=%u, "
        "totalhigh=%u, freehigh=%u, mem_unit=%u}",
        (int)word_at(p), word_at(p + 4), word_at(p + 8), word_at(p + 12),
        word_at(p + 16), word_at(p + 20), word_at(p + 24), word_at(p + 28),
        word_at(p + 32), word_at(p + 36), half_at(p + 40), word_at(p + 44),
        word_at(p + 48), word_at(p + 52));
}

static void show_tms(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 16, true);

    if (p == NULL)
        put_address(v->line, v->value);
    else
        put(v->line,
            "{tms_utime=%u, tms_stime=%u, tms_cutime=%u, tms_cstime=%u}",
            word_at(p), word_at(p + 4), word_at(p + 8), word_at(p + 12));
}

static void show_sigset(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 8, v->entry->args[v->arg] == KIND_sigset_out);

    if (p == NULL)
        p = peek(v, v->value, 4, v->entry->args[v->arg] == KIND_sigset_out);
    if (p == NULL)
        put_address(v->line, v->value);
    else
        put_sigset(v->line, v->call->number >= NR_rt_sigreturn ? quad_at(p)
                                                               : word_at(p));
}

/*
 * rt_sigaction has an 8-byte mask last, the old call a word before the flags.
 */
static void show_sigaction(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 20, v->entry->args[v->arg] == KIND_sigaction_out);
    bool rt = v->call->number == NR_rt_sigaction;
    uint32_t handler, flags, restorer;

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    handler = word_at(p);
    flags = word_at(p + (rt ? 4 : 8));
    restorer = word_at(p + (rt ? 8 : 12));
    put(v->line, "{sa_handler=");
    if (handler <= 1)
        put(v->line, handler == 0 ? "SIG_DFL" : "SIG_IGN");
    else
        put_address(v->line, handler);
    put(v->line, ", sa_mask=");
    put_sigset(v->line, rt ? quad_at(p + 12) : word_at(p + 4));
    put(v->line, ", sa_flags=");
    put_flags_or_0(v->line, names_sa, flags, "SA_???");
    if (flags & 0x04000000)
        put(v->line, ", sa_restorer=0x%" PRIx32, restorer);
    put(v->line, "}");
}

static void put_si_code(struct line *line, int signo, int code)
{
    static const struct {
        int signo;
        const struct name *names;
    } codes[] = {{11, names_code_segv}, {7, names_code_bus},
                 {8, names_code_fpe},   {4, names_code_ill},
                 {5, names_code_trap},  {17, names_code_chld}};
    const char *name = name_of(names_si_code, code);

    for (size_t i = 0; i < COUNT(codes) && name == NULL; i++)
        if (codes[i].signo == signo)
            name = name_of(codes[i].names, code);
    if (name != NULL)
        put(line, "%s", name);
    else
        put(line, "%#x", code);
}

static void put_child_status(struct line *line, int code, uint32_t status)
{
    if (code == 1)
        put(line, "%u", status);
    else
        put(line, "%s", decode_signal_name((int)status));
}

static void put_sigval(struct line *line, uint32_t value)
{
    if (value != 0)
        put(line, ", si_int=%d, si_ptr=0x%" PRIx32, (int)value, value);
}

static void put_siginfo(struct line *line, const uint32_t info[8])
{
    int signo = (int)info[0], code = (int)info[2];

    put(line, "{si_signo=%s, si_code=", decode_signal_name(signo));
    put_si_code(line, signo, code);
    if (info[1] != 0)
        put(line, ", si_errno=%u", info[1]);
    if (signo == 17 && code > 0) {
        put(line, ", si_pid=%d, si_uid=%u, si_status=", (int)info[3], info[4]);
        put_child_status(line, code, info[5]);
        put(line, ", si_utime=%d, si_stime=%d", (int)info[6], (int)info[7]);
    } else if (code > 0 && code != 0x80) {
        put(line, ", si_addr=");
        put_address(line, info[3]);
    } else if (code == -1 || code == -3) {
        put(line, ", si_pid=%d, si_uid=%u", (int)info[3], info[4]);
        put_sigval(line, info[5]);
    } else if (code == -2) {
        put(line, ", si_timerid=%#x, si_overrun=%d", info[3], (int)info[4]);
        put_sigval(line, info[5]);
    } else if (code <= 0) {
        put(line, ", si_pid=%d, si_uid=%u", (int)info[3], info[4]);
    }
    put(line, "}");
}

void decode_signal(struct line *line, const uint32_t info[8])
{
    put(line, "%s ", decode_signal_name((int)info[0]));
    put_siginfo(line, info);
}

static void show_siginfo(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 32, v->entry->args[v->arg] == KIND_siginfo_out);
    uint32_t info[8];

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    for (unsigned i = 0; i < 8; i++)
        info[i] = word_at(p + 4 * i);
    if (info[0] == 0)
        put(v->line, "{}");
    else
        put_siginfo(v->line, info);
}

static void show_stack(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 12, v->entry->args[v->arg] == KIND_stack_out);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{ss_sp=");
    put_address(v->line, word_at(p));
    put(v->line, ", ss_flags=");
    put_flags_or_0(v->line, names_ss, word_at(p + 4), "SS_???");
    put(v->line, ", ss_size=%u}", word_at(p + 8));
}

static void show_user_desc(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 16, false);
    uint32_t flags;

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    flags = word_at(p + 12);
    put(v->line,
        "{entry_number=%d, base_addr=%#x, limit=%#08x, seg_32bit=%u, "
        "contents=%u, read_exec_only=%u, limit_in_pages=%u, "
        "seg_not_present=%u, useable=%u}",
        (int)word_at(p), word_at(p + 4), word_at(p + 8), flags & 1,
        flags >> 1 & 3, flags >> 3 & 1, flags >> 4 & 1, flags >> 5 & 1,
        flags >> 6 & 1);
}

static void show_words(const struct view *v, unsigned n, bool after)
{
    const unsigned char *p = peek(v, v->value, 4 * n, after);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "[");
    for (unsigned i = 0; i < n; i++)
        put(v->line, "%s%d", i > 0 ? ", " : "", (int)word_at(p + 4 * i));
    put(v->line, "]");
}

static void show_pipe(const struct view *v)
{
    show_words(v, 2, true);
}

static void put_status(struct line *line, uint32_t status)
{
    int signo = (int)(status & 0x7F);

    if (status == 0xFFFF)
        put(line, "{WIFCONTINUED(s)}");
    else if ((status & 0xFF) == 0x7F)
        put(line, "{WIFSTOPPED(s) && WSTOPSIG(s) == %s}",
            decode_signal_name((int)(status >> 8 & 0xFF)));
    else if (signo == 0)
        put(line, "{WIFEXITED(s) && WEXITSTATUS(s) == %u}", status >> 8 & 0xFF);
    else
        put(line, "{WIFSIGNALED(s) && WTERMSIG(s) == %s%s}",
            decode_signal_name(signo), status & 0x80 ? " && WCOREDUMP(s)" : "");
}

static void show_int_pointer(const struct view *v)
{
    bool after = v->entry->args[v->arg] == KIND_int_out;
    const unsigned char *p = peek(v, v->value, 4, after);
    bool is_status =
        v->call->number == NR_wait4 || v->call->number == NR_waitpid;

    if (p == NULL || v->call->number == NR_set_tid_address) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "[");
    if (is_status)
        put_status(v->line, word_at(p));
    else
        put(v->line, "%d", (int)word_at(p));
    put(v->line, "]");
}

static void show_off64(const struct view *v)
{
    bool after = v->call->number == NR__llseek;
    const unsigned char *p = peek(v, v->value, 8, after);

    if (p == NULL)
        put_address(v->line, v->value);
    else
        put(v->line, "[%" PRId64 "]", (int64_t)quad_at(p));
}

static void show_ids(const struct view *v)
{
    bool after = v->entry->args[v->arg] == KIND_ids_out;
    uint32_t n = after ? (uint32_t)v->call->result : v->call->args[0];

    if (n > 0 && n <= 256)
        show_words(v, n, after);
    else if (v->value != 0 && n == 0)
        put(v->line, "[]");
    else
        put_address(v->line, v->value);
}

static void show_sched(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 4, v->entry->args[v->arg] == KIND_sched_out);

    if (p == NULL)
        put_address(v->line, v->value);
    else
        put(v->line, "[%d]", (int)word_at(p));
}

static void show_cpus(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 4, v->entry->args[v->arg] == KIND_cpus_out);
    const char *blank = "";

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "[");
    for (unsigned i = 0; i < 32; i++)
        if (word_at(p) >> i & 1) {
            put(v->line, "%s%u", blank, i);
            blank = " ";
        }
    put(v->line, "]");
}

static uint32_t next_arg(const struct view *v)
{
    return v->arg < 5 ? v->call->args[v->arg + 1] : 0;
}

static void show_buffer_in(const struct view *v)
{
    put_bytes(v, v->value, next_arg(v), false);
}

/* A getdents64 buffer: how many entries (reclen at 16 of each). */
static void put_entries(const struct view *v)
{
    const struct chunk *c = find(v, v->value, 1, true);
    unsigned n = 0;

    put_address(v->line, v->value);
    for (uint32_t at = 0; c != NULL && at + 18 < c->nbytes; n++) {
        uint32_t length = half_at(c->bytes + at + 16);

        if (length == 0)
            break;
        at += length;
    }
    if (v->call->result >= 0)
        put(v->line, " /* %u entries */", n);
}

static void show_buffer_out(const struct view *v)
{
    if (v->call->result < 0 && v->call->result > -4096)
        put_address(v->line, v->value);
    else if (v->call->number == NR_getdents64)
        put_entries(v);
    else if (v->call->number == NR_getcwd && v->call->result > 0)
        put_bytes(v, v->value, (uint32_t)v->call->result - 1, true);
    else if (v->call->number == NR_getsockopt)
        show_words(v, 1, true);
    else
        put_bytes(v, v->value, (uint32_t)v->call->result, true);
}

static void put_iovec(const struct view *v, uint32_t address, uint32_t n,
                      bool after)
{
    uint32_t left = after ? (uint32_t)v->call->result : UINT32_MAX;
    const unsigned char *p;

    if (n > 64)
        n = 64;
    if (n == 0 && address != 0) {
        put(v->line, "[]");
        return;
    }
    p = peek(v, address, 8 * n, after);
    if (p == NULL) {
        put_address(v->line, address);
        return;
    }
    put(v->line, "[");
    for (uint32_t i = 0; i < n; i++, p += 8) {
        uint32_t length = word_at(p + 4), shown = length < left ? length : left;

        put(v->line, "%s{iov_base=", i > 0 ? ", " : "");
        put_bytes(v, word_at(p), shown, after);
        put(v->line, ", iov_len=%u}", length);
        left -= shown;
    }
    put(v->line, "]");
}

static void show_iovec(const struct view *v)
{
    put_iovec(v, v->value, next_arg(v),
              v->entry->args[v->arg] == KIND_iov_out && v->call->result >= 0);
}

static void put_sockaddr(const struct view *v, uint32_t address, uint32_t n,
                         bool after)
{
    const struct chunk *c = n >= 2 ? find(v, address, 2, after) : NULL;
    uint32_t path;

    if (c == NULL) {
        put_address(v->line, address);
        return;
    }
    put(v->line, "{sa_family=");
    put_name(v->line, names_af, (int32_t)half_at(c->bytes), "AF_???");
    path = (n < c->nbytes ? n : c->nbytes) - 2;
    if (half_at(c->bytes) == 1 && path > 0 && c->bytes[2] != '\0') {
        put(v->line, ", sun_path=");
        decode_string(v->line, c->bytes + 2,
                      strnlen((const char *)c->bytes + 2, path));
    } else if (half_at(c->bytes) == 1 && path > 0) {
        put(v->line, ", sun_path=@");
        decode_string(v->line, c->bytes + 3, path - 1);
    }
    put(v->line, "}");
}

static void show_sockaddr(const struct view *v)
{
    const unsigned char *p;

    if (v->entry->args[v->arg] == KIND_sockaddr_in) {
        put_sockaddr(v, v->value, next_arg(v), false);
        return;
    }
    p = peek(v, next_arg(v), 4, true);
    put_sockaddr(v, v->value, p != NULL ? word_at(p) : 0, true);
}

static void show_msghdr(const struct view *v)
{
    bool after = v->call->number == NR_recvmsg;
    const unsigned char *p = peek(v, v->value, 28, after);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{msg_name=");
    put_sockaddr(v, word_at(p), word_at(p + 4), after);
    put(v->line, ", msg_namelen=%u, msg_iov=", word_at(p + 4));
    put_iovec(v, word_at(p + 8), word_at(p + 12), after);
    put(v->line,
        ", msg_iovlen=%u, msg_controllen=%u, msg_flags=", word_at(p + 12),
        word_at(p + 20));
    put_flags_or_0(v->line, names_msg, word_at(p + 24), "MSG_???");
    put(v->line, "}");
}

static void show_argv(const struct view *v)
{
    const struct chunk *pointers = find(v, v->value, 4, false);

    if (v->value == 0) {
        put(v->line, "NULL");
        return;
    }
    if (v->arg != 1 || pointers == NULL) {
        put_address(v->line, v->value);
        for (size_t i = 0; i < v->chunks->n; i++)
            if (v->chunks->chunks[i].kind == CAIRN_CHUNK_COUNT &&
                v->chunks->chunks[i].address == v->value)
                put(v->line, " /* %u vars */",
                    word_at(v->chunks->chunks[i].bytes));
        return;
    }
    put(v->line, "[");
    for (uint32_t i = 0; i < pointers->nbytes / 4; i++) {
        put(v->line, "%s", i > 0 ? ", " : "");
        put_text(v, word_at(pointers->bytes + 4 * i), false);
    }
    put(v->line, "]");
}

static void put_fds(const struct view *v, const unsigned char *p)
{
    const char *blank = "";
    uint32_t n = v->call->args[0] < 1024 ? v->call->args[0] : 1024;

    put(v->line, "[");
    for (uint32_t fd = 0; fd < n; fd++)
        if (p[fd / 8] >> fd % 8 & 1) {
            put(v->line, "%s%u", blank, fd);
            blank = " ";
        }
    put(v->line, "]");
}

static uint32_t fdset_bytes(const struct view *v)
{
    uint32_t n = v->call->args[0] < 1024 ? v->call->args[0] : 1024;

    return (n + 31) / 32 * 4;
}

static void show_fdset(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, fdset_bytes(v), false);

    if (p == NULL || v->value == 0 || fdset_bytes(v) == 0)
        put_address(v->line, v->value);
    else
        put_fds(v, p);
}

static void put_pollfds(const struct view *v, bool after)
{
    uint32_t n = v->call->args[1] < 64 ? v->call->args[1] : 64;
    const unsigned char *p = peek(v, v->call->args[0], 8 * n, after);
    const char *comma = "";

    if (p == NULL) {
        put_address(v->line, v->call->args[0]);
        return;
    }
    put(v->line, "[");
    for (uint32_t i = 0; i < n; i++, p += 8) {
        if (after && half_at(p + 6) == 0)
            continue;
        put(v->line, "%s{fd=", comma);
        put_descriptor(v, (int)word_at(p));
        if ((int)word_at(p) >= 0) {
            put(v->line, after ? ", revents=" : ", events=");
            put_flags_or_0(v->line, names_poll, half_at(p + (after ? 6 : 4)),
                           "POLL???");
        }
        put(v->line, "}");
        comma = ", ";
    }
    put(v->line, "]");
}

static void show_pollfd(const struct view *v)
{
    put_pollfds(v, false);
}

static void show_mask6(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 8, false);
    const unsigned char *set;

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    set = peek(v, word_at(p), 8, false);
    put(v->line, "{sigmask=");
    if (set != NULL)
        put_sigset(v->line, quad_at(set));
    else
        put_address(v->line, word_at(p));
    put(v->line, ", sigsetsize=%u}", word_at(p + 4));
}

static void show_mmap(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 24, false);
    struct view piece = *v;

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put_address(v->line, word_at(p));
    put(v->line, ", %u, ", word_at(p + 4));
    piece.value = word_at(p + 8);
    show_prot(&piece);
    put(v->line, ", ");
    piece.value = word_at(p + 12);
    show_map(&piece);
    put(v->line, word_at(p + 20) == 0 ? ", %d, %d" : ", %d, %#x",
        (int)word_at(p + 16), word_at(p + 20));
}

/* ---- events, timers and System V's objects ---- */

static void show_itimerspec(const struct view *v)
{
    uint8_t kind = v->entry->args[v->arg];
    bool wide = kind == KIND_itimerspec64_in || kind == KIND_itimerspec64_out;
    const unsigned char *p =
        peek(v, v->value, wide ? 32 : 16,
             kind == KIND_itimerspec_out || kind == KIND_itimerspec64_out);
    unsigned step = wide ? 8 : 4;
    int64_t words[4];

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    for (unsigned i = 0; i < 4; i++)
        words[i] = wide ? (int64_t)quad_at(p + i * step)
                        : (int32_t)word_at(p + i * step);
    put(v->line, "{it_interval=");
    put_time(v->line, words[0], words[1], "nsec");
    put(v->line, ", it_value=");
    put_time(v->line, words[2], words[3], "nsec");
    put(v->line, "}");
}

static void show_sigevent(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 16, false);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{sigev_value={sival_int=%d, sival_ptr=", (int)word_at(p));
    put_address(v->line, word_at(p));
    put(v->line, "}, sigev_signo=%s, sigev_notify=",
        decode_signal_name((int)word_at(p + 4)));
    put_name(v->line, names_sigev, (int)word_at(p + 8), "SIGEV_???");
    put(v->line, "}");
}

static void put_epoll(const struct view *v, const unsigned char *p)
{
    put(v->line, "{events=");
    put_flags_or_0(v->line, names_epoll, word_at(p), "EPOLL???");
    put(v->line, ", data={u32=%u, u64=%" PRIu64 "}}", word_at(p + 4),
        quad_at(p + 4));
}

static void show_epoll(const struct view *v)
{
    const unsigned char *p = peek(v, v->value, 12, false);

    if (p == NULL)
        put_address(v->line, v->value);
    else
        put_epoll(v, p);
}

static void show_epolls(const struct view *v)
{
    uint32_t n = v->call->result > 0 ? (uint32_t)v->call->result : 0;
    const unsigned char *p = peek(v, v->value, 12 * (n < 64 ? n : 64), true);

    if (v->call->result < 0 || (n > 0 && p == NULL)) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "[");
    for (uint32_t i = 0; i < n && i < 64; i++) {
        put(v->line, "%s", i > 0 ? ", " : "");
        put_epoll(v, p + 12 * i);
    }
    put(v->line, "]");
}

static void show_sembufs(const struct view *v)
{
    uint32_t n = next_arg(v) < 64 ? next_arg(v) : 64;
    const unsigned char *p = peek(v, v->value, 6 * n, false);

    if (p == NULL || n == 0) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "[");
    for (uint32_t i = 0; i < n; i++, p += 6)
        put(v->line, "%s{%u, %d, %#x}", i > 0 ? ", " : "", half_at(p),
            (int16_t)half_at(p + 2), half_at(p + 4));
    put(v->line, "]");
}

static void show_msgbuf(const struct view *v)
{
    bool after = v->entry->args[v->arg] == KIND_msgbuf_out;
    uint32_t n = after ? (uint32_t)v->call->result : next_arg(v);
    const struct chunk *c = find(v, v->value, 4, after);

    if (c == NULL || (after && v->call->result < 0)) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{%d, ", (int)word_at(c->bytes));
    decode_string(v->line, c->bytes + 4, n < c->nbytes - 4 ? n : c->nbytes - 4);
    put(v->line, n > c->nbytes - 4 ? "...}" : "}");
}

static void show_mqattr(const struct view *v)
{
    const unsigned char *p =
        peek(v, v->value, 32, v->entry->args[v->arg] == KIND_mqattr_out);

    if (p == NULL) {
        put_address(v->line, v->value);
        return;
    }
    put(v->line, "{mq_flags=");
    put_flags_or_0(v->line, names_pipe, word_at(p), "O_???");
    put(v->line, ", mq_maxmsg=%d, mq_msgsize=%d, mq_curmsgs=%d}",
        (int)word_at(p + 4), (int)word_at(p + 8), (int)word_at(p + 12));
}

static void show_ipcget(const struct view *v)
{
    int n = put_flags(v->line, names_ipcget, v->value & ~0777u, "IPC_???", 0);

    put(v->line, "%s%#03o", n > 0 ? "|" : "", v->value & 0777);
}

static void show_key(const struct view *v)
{
    if (v->value == 0)
        put(v->line, "IPC_PRIVATE");
    else
        put(v->line, "%#" PRIx32, v->value);
}

/* ---- what depends on the command before it ---- */

static void put_termios(const struct view *v, const unsigned char *p)
{
    put(v->line, "{c_iflag=");
    put_flags_or_0(v->line, names_iflag, word_at(p), "I???");
    put(v->line, ", c_oflag=");
    put_flags_or_0(v->line, names_oflag, word_at(p + 4), "O???");
    put(v->line, ", c_cflag=%#x, c_lflag=", word_at(p + 8));
    put_flags_or_0(v->line, names_lflag, word_at(p + 12), "L???");
    put(v->line, ", ...}");
}

static bool show_ioctl_arg(const struct view *v)
{
    uint32_t request = v->call->args[1];
    bool is_get = request == 0x5401 || request == 0x540F || request == 0x5413 ||
                  request == 0x541B || request == 0x5429 ||
                  request == 0x80045430;
    const unsigned char *p;

    if (is_get && v->call->result != 0)
        return false;
    if (request >= 0x5401 && request <= 0x5404) {
        p = peek(v, v->value, 36, is_get);
        if (p != NULL)
            put_termios(v, p);
        return p != NULL;
    }
    if (request == 0x5413 || request == 0x5414) {
        p = peek(v, v->value, 8, is_get);
        if (p != NULL)
            put(v->line, "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}",
                half_at(p), half_at(p + 2), half_at(p + 4), half_at(p + 6));
        return p != NULL;
    }
    p = is_get || request == 0x5410 || request == 0x5421
            ? peek(v, v->value, 4, is_get)
            : NULL;
    if (p != NULL)
        put(v->line, "[%d]", (int)word_at(p));
    return p != NULL;
}

static bool put_lock(const struct view *v)
{
    bool wide = v->call->args[1] >= 12;
    bool after = v->call->args[1] == 5 || v->call->args[1] == 12 ||
                 v->call->args[1] == 36;
    const unsigned char *p = peek(v, v->value, wide ? 24 : 16, after);

    if (p == NULL)
        return false;
    put(v->line, "{l_type=");
    put_name(v->line, names_lock, (int16_t)half_at(p), "F_???");
    put(v->line, ", l_whence=");
    put_name(v->line, names_whence, (int16_t)half_at(p + 2), "SEEK_???");
    if (wide)
        put(v->line, ", l_start=%" PRId64 ", l_len=%" PRId64,
            (int64_t)quad_at(p + 4), (int64_t)quad_at(p + 12));
    else
        put(v->line, ", l_start=%d, l_len=%d", (int)word_at(p + 4),
            (int)word_at(p + 8));
    if (after)
        put(v->line, ", l_pid=%d", (int)word_at(p + (wide ? 20 : 12)));
    put(v->line, "}");
    return true;
}

static bool show_fcntl_arg(const struct view *v)
{
    switch (v->call->args[1]) {
    case 0:    /* F_DUPFD */
    case 1030: /* F_DUPFD_CLOEXEC */
    case 8:    /* F_SETOWN */
    case 1031: /* F_SETPIPE_SZ */
        put(v->line, "%d", (int)v->value);
        return true;
    case 2: /* F_SETFD */
        put(v->line, v->value == 1 ? "FD_CLOEXEC" : "%#x", v->value);
        return true;
    case 4: /* F_SETFL */
        show_open(v);
        return true;
    case 5:
    case 6:
    case 7:
    case 12:
    case 13:
    case 14:
    case 36:
    case 37:
    case 38:
        return put_lock(v);
    default:
        return false;
    }
}

static void show_arg(const struct view *v)
{
    uint32_t number = v->call->number;

    if (number == NR_ioctl && show_ioctl_arg(v))
        return;
    if ((number == NR_fcntl || number == NR_fcntl64) && show_fcntl_arg(v))
        return;
    if (number == NR_ioctl)
        put_address(v->line, v->value);
    else
        show_hex(v);
}

static void show_offset(const struct view *v)
{
    if (v->call->number == NR_mmap2)
        put(v->line, v->value == 0 ? "0" : "%#" PRIx64,
            (uint64_t)v->value * 4096);
    else
        show_uint(v);
}

/* Two words as one number; the other one is left out. */
static void show_low(const struct view *v)
{
    unsigned high = v->arg > 0 && v->entry->args[v->arg - 1] == KIND_hi &&
                            v->call->number == NR__llseek
                        ? v->arg - 1
                        : v->arg + 1;

    put(v->line, "%" PRId64,
        (int64_t)(v->value | (uint64_t)v->call->args[high] << 32));
}

typedef void show_fn(const struct view *v);

static show_fn *const shows[NKINDS] = {
    [KIND_int] = show_int,
    [KIND_uint] = show_offset,
    [KIND_hex] = show_hex,
    [KIND_bytes] = show_uint,
    [KIND_count] = show_uint,
    [KIND_setsize] = show_uint,
    [KIND_fd] = show_fd,
    [KIND_newfd] = show_int,
    [KIND_dirfd] = show_dirfd,
    [KIND_pid] = show_int,
    [KIND_uid] = show_id,
    [KIND_gid] = show_id,
    [KIND_sig] = show_signal,
    [KIND_mode] = show_mode,
    [KIND_dev] = show_dev,
    [KIND_off32] = show_int,
    [KIND_lo] = show_low,
    [KIND_addr] = show_address,
    [KIND_ms] = show_int,
    [KIND_arg] = show_arg,
    [KIND_f_open] = show_open,
    [KIND_f_access] = show_access,
    [KIND_f_prot] = show_prot,
    [KIND_f_map] = show_map,
    [KIND_f_clone] = show_clone,
    [KIND_f_futex] = show_futex,
    [KIND_f_flock] = show_flock,
    [KIND_f_sock] = show_sock_type,
    [KIND_f_inject] = show_hex,
    [KIND_f_at] = show_at,
    [KIND_path] = show_path,
    [KIND_string] = show_string,
    [KIND_buf_in] = show_buffer_in,
    [KIND_buf_out] = show_buffer_out,
    [KIND_iov_in] = show_iovec,
    [KIND_iov_out] = show_iovec,
    [KIND_argv] = show_argv,
    [KIND_sigset_in] = show_sigset,
    [KIND_sigset_out] = show_sigset,
    [KIND_sigaction_in] = show_sigaction,
    [KIND_sigaction_out] = show_sigaction,
    [KIND_siginfo_in] = show_siginfo,
    [KIND_siginfo_out] = show_siginfo,
    [KIND_handler] = show_handler,
    [KIND_timespec_in] = show_timespec,
    [KIND_timespec_out] = show_timespec,
    [KIND_timespec64_in] = show_timespec64,
    [KIND_timespec64_out] = show_timespec64,
    [KIND_utimes_in] = show_utimes,
    [KIND_utimes64_in] = show_utimes,
    [KIND_timeval_in] = show_timeval,
    [KIND_timeval_out] = show_timeval,
    [KIND_itimer_in] = show_itimer,
    [KIND_itimer_out] = show_itimer,
    [KIND_rlimit_in] = show_rlimit,
    [KIND_rlimit_out] = show_rlimit,
    [KIND_rlimit64_in] = show_rlimit,
    [KIND_rlimit64_out] = show_rlimit,
    [KIND_rusage_out] = show_rusage,
    [KIND_stat_out] = show_stat,
    [KIND_statfs_out] = show_statfs,
    [KIND_statx_out] = show_statx,
    [KIND_utsname_out] = show_utsname,
    [KIND_sysinfo_out] = show_sysinfo,
    [KIND_tms_out] = show_tms,
    [KIND_fdset_io] = show_fdset,
    [KIND_pollfd_io] = show_pollfd,
    [KIND_pipe_out] = show_pipe,
    [KIND_off64_io] = show_off64,
    [KIND_int_in] = show_int_pointer,
    [KIND_int_out] = show_int_pointer,
    [KIND_ids_in] = show_ids,
    [KIND_ids_out] = show_ids,
    [KIND_stack_in] = show_stack,
    [KIND_stack_out] = show_stack,
    [KIND_user_desc_io] = show_user_desc,
    [KIND_sched_in] = show_sched,
    [KIND_sched_out] = show_sched,
    [KIND_sockaddr_in] = show_sockaddr,
    [KIND_sockaddr_out] = show_sockaddr,
    [KIND_msghdr_io] = show_msghdr,
    [KIND_mmap_in] = show_mmap,
    [KIND_sigmask6_in] = show_mask6,
    [KIND_mqname] = show_path,
    [KIND_mqattr_in] = show_mqattr,
    [KIND_mqattr_out] = show_mqattr,
    [KIND_sigevent_in] = show_sigevent,
    [KIND_itimerspec_in] = show_itimerspec,
    [KIND_itimerspec_out] = show_itimerspec,
    [KIND_itimerspec64_in] = show_itimerspec,
    [KIND_itimerspec64_out] = show_itimerspec,
    [KIND_epoll_in] = show_epoll,
    [KIND_epoll_out] = show_epolls,
    [KIND_sembuf_in] = show_sembufs,
    [KIND_msgbuf_in] = show_msgbuf,
    [KIND_msgbuf_out] = show_msgbuf,
    [KIND_timer] = show_int,
    [KIND_ipcid] = show_int,
    [KIND_ipckey] = show_key,
    [KIND_f_ipcget] = show_ipcget,
    [KIND_ptr] = show_address,
    [KIND_cpus_in] = show_cpus,
    [KIND_cpus_out] = show_cpus,
    [KIND_pages_out] = show_address,
};

/* ---- calls ---- */

/* What the kind is called, to see whether it is written by the call. */
static bool is_written(uint8_t kind)
{
    static const char *const names[] = {
#define ARGKIND(name, text) #name,
#include "include/cairn/calls.def"
    };
    size_t n = strlen(names[kind]);

    return n > 4 && strcmp(names[kind] + n - 4, "_out") == 0;
}

static bool has_device(uint32_t mode)
{
    return (mode & 0170000) == 0020000 || (mode & 0170000) == 0060000;
}

static bool is_left_out(const struct view *v)
{
    uint32_t number = v->call->number;

    if (v->entry->args[v->arg] == KIND_none)
        return true;
    if (v->entry->args[v->arg] == KIND_hi)
        return true;
    /*
     * The mode of open without O_CREAT, the argument of F_GETFD and the like.
     */
    if (v->entry->args[v->arg] == KIND_mode && v->arg > 0 &&
        v->entry->args[v->arg - 1] == KIND_f_open)
        return !(v->call->args[v->arg - 1] & 0x40) &&
               (v->call->args[v->arg - 1] & 0x410000) != 0x410000;
    if (number == NR_fcntl || number == NR_fcntl64)
        return v->arg == 2 &&
               (v->call->args[1] == 1 || v->call->args[1] == 3 ||
                v->call->args[1] == 9 || v->call->args[1] == 1034 ||
                v->call->args[1] == 1032);
    if ((number == NR_futex || number == NR_futex_time64) && v->arg >= 3) {
        uint32_t op = v->call->args[1] & 0x7F;

        return op == 1 || op == 7 || op == 8 || (op == 10 && v->arg < 5) ||
               ((op == 0 || op == 6 || op == 13) && v->arg > 3);
    }
    if (number == NR_mknod && v->arg == 2)
        return !has_device(v->call->args[1]);
    if (number == NR_mknodat && v->arg == 3)
        return !has_device(v->call->args[2]);
    if (number == NR_mremap && v->arg == 4)
        return !(v->call->args[3] & 2);
    if (number == NR_clone && v->arg >= 2)
        return !(v->call->args[0] & (v->arg == 2   ? 0x100000
                                     : v->arg == 3 ? 0x80000
                                                   : 0x1200000));
    return number == NR_prctl &&
           v->arg > (v->call->args[0] == 3 /* PR_GET_DUMPABLE */ ? 0 : 1);
}

/* clone's arguments have names, and another order. */
static void put_clone(struct view *v)
{
    uint32_t flags = v->call->args[0];
    const unsigned char *tid = peek(v, v->call->args[2], 4, true);

    put(v->line, "child_stack=");
    put_address(v->line, v->call->args[1]);
    put(v->line, ", flags=");
    v->value = flags;
    show_clone(v);
    if (flags & 0x100000 && tid != NULL)
        put(v->line, ", parent_tid=[%d]", (int)word_at(tid));
    if (flags & 0x80000) {
        put(v->line, ", tls=");
        v->value = v->call->args[3];
        show_user_desc(v);
    }
    if (flags & 0x1200000)
        put(v->line, ", child_tidptr=0x%" PRIx32, v->call->args[4]);
}

static void put_args(struct view *v, unsigned from, unsigned to)
{
    bool first = true;

    for (unsigned i = 0; i < to; i++) {
        uint8_t kind = v->entry->args[i];

        v->arg = i;
        v->value = v->call->args[i];
        if (is_left_out(v))
            continue;
        if (i >= from) {
            put(v->line, "%s", first ? "" : ", ");
            if (shows[kind] != NULL)
                shows[kind](v);
            else if (tables[kind].names == NULL)
                show_hex(v);
            else if (tables[kind].is_set)
                put_flags_or_0(v->line, tables[kind].names, v->value,
                               tables[kind].unknown);
            else
                put_name(v->line, tables[kind].names, (int32_t)v->value,
                         tables[kind].unknown);
        }
        first = false;
    }
}

static unsigned first_written(const struct call *call)
{
    unsigned i = 0;

    while (i < 6 && !is_written(call->args[i]) &&
           !(call->args[i] == KIND_arg && call->number == NR_ioctl))
        i++;
    return i;
}

static struct view view_of(struct line *line,
                           const struct cairn_trace_call *call,
                           const struct chunks *chunks,
                           const struct decode_options *options)
{
    return (struct view){.line = line,
                         .entry = call_of(call->number),
                         .call = call,
                         .chunks = chunks,
                         .options = options};
}

void decode_call(struct line *line, const struct cairn_trace_call *call,
                 const struct chunks *chunks,
                 const struct decode_options *options, bool is_exit)
{
    struct view v = view_of(line, call, chunks, options);

    if (v.entry->name != NULL)
        put(line, "%s(", v.entry->name);
    else
        put(line, "syscall_%#x(", call->number);
    if (call->number == NR_clone && is_exit) {
        put_clone(&v);
        return;
    }
    put_args(&v, 0, is_exit ? 6 : first_written(v.entry));
    if (!is_exit && first_written(v.entry) < 6)
        put(line, "%s", first_written(v.entry) > 0 ? ", " : "");
}

void decode_rest(struct line *line, const struct cairn_trace_call *call,
                 const struct chunks *chunks,
                 const struct decode_options *options)
{
    struct view v = view_of(line, call, chunks, options);
    unsigned from = first_written(v.entry);

    struct line whole = {0}, head = {0};

    v.line = &whole;
    put_args(&v, 0, 6);
    v.line = &head;
    put_args(&v, 0, from);
    if (whole.length > head.length)
        put(line, "%s",
            whole.text + head.length +
                (head.length > 0 && whole.text[head.length] == ',' ? 2 : 0));
    free(whole.text);
    free(head.text);
}

/* Calls that a signal ends with EINTR are made again in one of these ways. */
static const char *restart_name(uint32_t number)
{
    switch (number) {
    case NR_pause:
    case NR_rt_sigsuspend:
    case NR_sigsuspend:
    case NR__newselect:
    case NR_pselect6:
    case NR_pselect6_time64:
    case NR_ppoll:
    case NR_ppoll_time64:
        return "ERESTARTNOHAND (To be restarted if no handler)";
    case NR_nanosleep:
    case NR_clock_nanosleep:
    case NR_clock_nanosleep_time64:
    case NR_poll:
        return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
    case NR_rt_sigtimedwait:
    case NR_rt_sigtimedwait_time64:
        return NULL;
    default:
        return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
    }
}

static void put_error(struct line *line, const struct cairn_trace_call *call)
{
    int error = -call->result;
    const char *name = name_of(names_errno, error);

    if (error == 4 && restart_name(call->number) != NULL &&
        !(call->flags & CAIRN_TRACE_INJECTED))
        put(line, "? %s", restart_name(call->number));
    else if (name != NULL)
        put(line, "-1 %s (%s)", name, strerror(error));
    else
        put(line, "-1 (errno %d)", error);
}

/* The value of calls that show more than a number. */
static void put_value(struct view *v)
{
    const struct cairn_trace_call *call = v->call;
    uint32_t value = (uint32_t)call->result;
    bool fcntl = call->number == NR_fcntl || call->number == NR_fcntl64;

    v->value = value;
    if (fcntl && call->args[1] == 3) {
        put(v->line, "%#x (flags ", value);
        show_open(v);
        put(v->line, ")");
    } else if (fcntl && call->args[1] == 1) {
        put(v->line, value & 1 ? "0x1 (flags FD_CLOEXEC)" : "%#x", value);
    } else if (v->entry->result == KIND_addr) {
        put(v->line, "0x%" PRIx32, value);
    } else if (v->entry->result == KIND_mode) {
        put(v->line, "%#03o", value);
    } else if (v->entry->result == KIND_fd && (int32_t)value >= 0) {
        put_descriptor(v, (int)value);
    } else if (v->entry->result == KIND_handler) {
        show_handler(v);
    } else if (v->entry->result == KIND_sig) {
        put(v->line, "%u (%s)", value, decode_signal_name((int)value));
    } else {
        put(v->line, "%" PRId32, call->result);
    }
}

static void put_ready(struct view *v)
{
    static const char *const names[] = {"in", "out", "except"};
    const char *comma = "";

    if (v->call->result <= 0) {
        put(v->line, v->call->result == 0 ? " (Timeout)" : "");
        return;
    }
    put(v->line, " (");
    if (v->entry->args[0] == KIND_pollfd_io) {
        put_pollfds(v, true);
    } else {
        for (unsigned i = 0; i < 3; i++) {
            uint32_t address = v->call->args[i + 1];
            const unsigned char *p =
                address != 0 ? peek(v, address, fdset_bytes(v), true) : NULL;
            bool any = false;

            for (uint32_t at = 0; p != NULL && at < fdset_bytes(v); at++)
                any |= p[at] != 0;
            if (!any)
                continue;
            put(v->line, "%s%s ", comma, names[i]);
            put_fds(v, p);
            comma = ", ";
        }
    }
    put(v->line, ")");
}

void decode_result(struct line *line, const struct cairn_trace_call *call,
                   const struct chunks *chunks,
                   const struct decode_options *options)
{
    struct view v = view_of(line, call, chunks, options);
    bool is_error = call->result < 0 && call->result > -4096;

    if (call->number == NR_sigreturn || call->number == NR_rt_sigreturn)
        put(line, "%" PRId32, call->result);
    else if (is_error)
        put_error(line, call);
    else
        put_value(&v);
    if (!is_error && (v.entry->args[0] == KIND_pollfd_io ||
                      v.entry->args[1] == KIND_fdset_io))
        put_ready(&v);
    if (call->flags & CAIRN_TRACE_INJECTED)
        put(line, " (INJECTED)");
}
