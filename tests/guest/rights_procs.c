/*
 * Processes: who may look into another one, signal it, change its limits and
 * priority; what a set-id program starts with; what only root may do
 * (docs/security.md). The program runs itself with other arguments.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "rights.h"
#include "scratch.h"

#define GET_DUMPABLE     3
#define SET_DUMPABLE     4
#define SET_NO_NEW_PRIVS 38

static long control(int option, unsigned long value)
{
    return syscall(SYS_prctl, option, value, 0, 0, 0);
}

/* ---- a process to look at ---- */

/* What a child does to its ids, and what it executes; NULL: nothing. */
struct target {
    const char *what;
    uid_t ids[3]; /* real, effective and saved, of users and groups alike */
    int chosen;   /* makes itself dumpable again */
    const char *program;
    int open; /* USER may look into it */
};

static const struct target targets[] = {
    {"a process of the user's", {USER, USER, USER}, 1, NULL, 1},
    {"one that changed its ids", {USER, USER, USER}, 0, NULL, 0},
    {"one that executed a program", {USER, USER, USER}, 0, "./plain", 1},
    {"one with a program not to be read", {USER, USER, USER}, 0, "./hidden", 0},
    {"a real root", {0, USER, USER}, 1, NULL, 0},
    {"an effective root", {USER, 0, USER}, 1, NULL, 0},
    {"a saved root", {USER, USER, 0}, 1, NULL, 0},
    {"another user's", {OTHER, OTHER, OTHER}, 1, NULL, 0},
    {"root's", {0, 0, 0}, 1, NULL, 0},
};

static int ready[2], stay[2];

/* Says that it is there, and ends when the parent closes `stay`. */
static void wait_here(int ready_fd, int stay_fd)
{
    char byte;

    if (write(ready_fd, "r", 1) == 1)
        (void)!read(stay_fd, &byte, 1);
    _exit(0);
}

static void run_target(const struct target *t)
{
    char fds[2][12];

    close(stay[1]);
    if (setgroups(0, NULL) != 0 ||
        setresgid(t->ids[0], t->ids[1], t->ids[2]) != 0 ||
        setresuid(t->ids[0], t->ids[1], t->ids[2]) != 0)
        _exit(1);
    if (t->chosen)
        control(SET_DUMPABLE, 1);
    snprintf(fds[0], sizeof(fds[0]), "%d", ready[1]);
    snprintf(fds[1], sizeof(fds[1]), "%d", stay[0]);
    if (t->program != NULL)
        execl(t->program, "target", "wait", fds[0], fds[1], NULL);
    else
        wait_here(ready[1], stay[0]);
    _exit(2);
}

static pid_t start_target(const struct target *t)
{
    char byte;
    pid_t pid;

    if (pipe(ready) != 0 || pipe(stay) != 0)
        _exit(98);
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        run_target(t);
    close(ready[1]);
    close(stay[0]);
    if (read(ready[0], &byte, 1) != 1)
        printf("# the target does not start: %s\n", t->what);
    close(ready[0]);
    return pid;
}

static int end_target(pid_t pid)
{
    close(stay[1]);
    return status_of(pid);
}

/* ---- looking into it ---- */

static pid_t looked_at;
static int expected; /* errno */

static int refused(int error)
{
    return error == EACCES || error == EPERM ? EACCES : error;
}

static int read_file(const char *name)
{
    char path[64], buf[64];
    int fd, error = 0;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)looked_at, name);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return refused(errno);
    if (read(fd, buf, sizeof(buf)) < 0)
        error = refused(errno);
    close(fd);
    return error;
}

static int read_link(const char *name)
{
    char path[64], buf[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)looked_at, name);
    if (lstat(path, &st) != 0)
        return errno == EACCES && strchr(name, '/') ? EACCES : -1;
    return readlink(path, buf, sizeof(buf)) < 0 ? refused(errno) : 0;
}

static int follow_link(const char *name)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)looked_at, name);
    return stat(path, &st) == 0 ? 0 : refused(errno);
}

static int list_files(const char *name)
{
    char path[64];
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)looked_at, name);
    dir = opendir(path);
    if (dir == NULL)
        return refused(errno);
    errno = 0;
    readdir(dir);
    closedir(dir);
    return refused(errno);
}

static const struct {
    const char *name;
    int (*look)(const char *name);
} secrets[] = {
    {"environ", read_file}, {"maps", read_file},  {"smaps", read_file},
    {"exe", read_link},     {"cwd", read_link},   {"root", read_link},
    {"exe", follow_link},   {"cwd", follow_link}, {"root", follow_link},
    {"fd", list_files},     {"fd/0", read_link},
};

static const char *const public_files[] = {"stat", "status", "cmdline",
                                           "comm", "statm",  "limits"};

/* Linux lets an effective user list the descriptors, and no more. */
static int look_around(void)
{
    int wrong = 0;

    for (unsigned i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (secrets[i].look(secrets[i].name) != expected &&
            (is_cairn() || strcmp(secrets[i].name, "fd") != 0)) {
            printf("# %s: not %d\n", secrets[i].name, expected);
            wrong = 1;
        }
    for (unsigned i = 0; i < sizeof(public_files) / sizeof(char *); i++)
        if (read_file(public_files[i]) != 0) {
            printf("# %s: cannot be read\n", public_files[i]);
            wrong = 1;
        }
    fflush(stdout);
    return wrong;
}

static void test_inspection(void)
{
    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const struct target *t = &targets[i];
        char text[100];

        looked_at = start_target(t);
        expected = t->open ? 0 : EACCES;
        snprintf(text, sizeof(text), "USER looks into %s: %s", t->what,
                 t->open ? "all" : "what is public");
        tap_line(run_as(USER, look_around) == 0, __FILE__, __LINE__, text);
        expected = 0;
        tap_line(run_as(0, look_around) == 0, __FILE__, __LINE__, "root: all");
        EQUAL(end_target(looked_at), 0);
    }
}

/* ---- what is asked of another process ---- */

static int prio_of(pid_t pid)
{
    struct sched_param param = {0};

    return refused(ERROR_OF(sched_setparam(pid, &param)));
}

static int policy_of(pid_t pid)
{
    struct sched_param param = {0};

    return refused(ERROR_OF(sched_setscheduler(pid, SCHED_OTHER, &param)));
}

static int nice_of(pid_t pid)
{
    return refused(ERROR_OF(setpriority(PRIO_PROCESS, pid, 5)));
}

static int limits_of(pid_t pid)
{
    struct rlimit old;

    return refused(ERROR_OF(prlimit(pid, RLIMIT_CORE, NULL, &old)));
}

static int set_limits_of(pid_t pid)
{
    struct rlimit new = {0, 0};

    return refused(ERROR_OF(prlimit(pid, RLIMIT_CORE, &new, NULL)));
}

static int signal_0(pid_t pid)
{
    return refused(ERROR_OF(kill(pid, 0)));
}

static int signal_winch(pid_t pid)
{
    return refused(ERROR_OF(kill(pid, SIGWINCH)));
}

static int signal_thread(pid_t pid)
{
    return refused(ERROR_OF(syscall(SYS_tgkill, pid, pid, SIGWINCH)));
}

static int signal_queued(pid_t pid)
{
    siginfo_t info = {.si_signo = SIGWINCH, .si_code = SI_QUEUE};

    return refused(
        ERROR_OF(syscall(SYS_rt_sigqueueinfo, pid, SIGWINCH, &info)));
}

enum kind { SIGNAL, SCHEDULE, LIMIT };

static const struct deed {
    const char *what;
    int (*do_it)(pid_t pid);
    enum kind kind;
} deeds[] = {
    {"kill 0", signal_0, SIGNAL},
    {"kill", signal_winch, SIGNAL},
    {"tgkill", signal_thread, SIGNAL},
    {"sigqueue", signal_queued, SIGNAL},
    {"sched_setparam", prio_of, SCHEDULE},
    {"sched_setscheduler", policy_of, SCHEDULE},
    {"setpriority", nice_of, SCHEDULE},
    {"prlimit", limits_of, LIMIT},
    {"prlimit, to set", set_limits_of, LIMIT},
};

/*
 * Real and effective id count for signals, the effective one for priorities,
 * the real one for limits. A process that could get root's rights back is
 * root's to favour or not.
 */
static int has_right(const struct deed *d, const struct target *t)
{
    const uid_t *ids = t->ids;
    uid_t real = getuid(), effective = geteuid();

    switch (d->kind) {
    case SIGNAL:
        return ids[0] == real || ids[0] == effective || ids[2] == real ||
               ids[2] == effective;
    case SCHEDULE:
        return ids[0] && ids[1] && ids[2] &&
               (ids[0] == effective || ids[1] == effective);
    default:
        return ids[0] == real && ids[1] == real && ids[2] == real;
    }
}

static const struct target *asked;

static int do_deeds(void)
{
    int wrong = 0;

    for (unsigned i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        int wanted = has_right(&deeds[i], asked) ? 0 : EACCES;
        int got = deeds[i].do_it(looked_at);

        if (got != wanted) {
            printf("# %s: %d, not %d\n", deeds[i].what, got, wanted);
            wrong = 1;
        }
    }
    fflush(stdout);
    return wrong;
}

/* The same as a set-id program of OTHER's. */
static int do_deeds_with_set_id(void)
{
    if (setgroups(0, NULL) != 0 || setresgid(USER, OTHER, OTHER) != 0 ||
        setresuid(USER, OTHER, OTHER) != 0)
        return 90;
    return do_deeds();
}

static void test_deeds(void)
{
    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char text[100];

        asked = &targets[i];
        looked_at = start_target(asked);
        snprintf(text, sizeof(text), "USER does things to %s", asked->what);
        tap_line(run_as(USER, do_deeds) == 0, __FILE__, __LINE__, text);
        snprintf(text, sizeof(text), "so does a set-id program");
        tap_line(run_as(0, do_deeds_with_set_id) == 0, __FILE__, __LINE__,
                 text);
        EQUAL(end_target(looked_at), 0);
    }
}

/* Pid 1 is root's. */
static int touch_init(void)
{
    struct sched_param param = {0};
    struct rlimit limit;
    int good = 1;

    good &= ERROR_OF(kill(1, 0)) == EPERM;
    good &= ERROR_OF(kill(1, SIGTERM)) == EPERM;
    good &= ERROR_OF(kill(1, SIGKILL)) == EPERM;
    good &= ERROR_OF(syscall(SYS_tgkill, 1, 1, 0)) == EPERM;
    good &= ERROR_OF(sched_setparam(1, &param)) == EPERM;
    good &= ERROR_OF(setpriority(PRIO_PROCESS, 1, 10)) == EPERM;
    good &= ERROR_OF(prlimit(1, RLIMIT_CORE, NULL, &limit)) == EPERM;
    good &= getpgid(1) >= 0 && getsid(1) >= 0; /* all may know that */
    return good ? 0 : 1;
}

/* To all: those of the user get it, and no others. Never on a host. */
static int kill_all(void)
{
    pid_t own = fork();

    if (own == 0) {
        pause();
        _exit(0);
    }
    if (kill(-1, SIGKILL) != 0 || status_of(own) != 256 + SIGKILL)
        return 1;
    return ERROR_OF(kill(-1, SIGKILL)) == EPERM ? 0 : 2;
}

static void test_kill_all(void)
{
    if (!is_cairn())
        return;
    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const struct target *t = &targets[i];
        int own = t->ids[0] == USER || t->ids[2] == USER;

        looked_at = start_target(t);
        if (!own)
            EQUAL(run_as(USER, kill_all), 0);
        else
            run_as(USER, kill_all);
        EQUAL(end_target(looked_at), own ? 256 + SIGKILL : 0);
    }
}

/* ---- what only root may do ---- */

static int privileged_calls(void)
{
    struct timespec ts = {1000000000, 0};
    struct timeval tv = {1000000000, 0};
    struct rlimit limit;
    gid_t group = 0;
    int wrong = 0;

#define REFUSED(call)                                  \
    do {                                               \
        int error_ = ERROR_OF(call);                   \
        if (error_ != EPERM) {                         \
            printf("# %s: errno %d\n", #call, error_); \
            wrong++;                                   \
        }                                              \
    } while (0)
    REFUSED(setuid(0));
    REFUSED(seteuid(0));
    REFUSED(setgid(0));
    REFUSED(setegid(0));
    REFUSED(setreuid(-1, 0));
    REFUSED(setregid(-1, 0));
    REFUSED(setresuid(-1, -1, 0));
    REFUSED(setresgid(-1, -1, OTHER));
    REFUSED(setgroups(1, &group));
    REFUSED(setgroups(0, NULL));
    REFUSED(chroot("/"));
    REFUSED(mknod("/tmp/rights_dev", S_IFCHR | 0666, 0x103));
    REFUSED(mknod("/tmp/rights_dev", S_IFBLK | 0666, 0x103));
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max++;
    REFUSED(setrlimit(RLIMIT_NOFILE, &limit));
    REFUSED(mount("none", "/", "tmpfs", 0, NULL));
    REFUSED(umount("/proc"));
    REFUSED(setpriority(PRIO_PROCESS, 0, -1) == -1 && errno == EACCES
                ? (errno = EPERM, -1)
                : 0);
    REFUSED(nice(-1));
    if (is_cairn()) { /* never on a host */
        REFUSED(sethostname("x", 1));
        REFUSED(syscall(SYS_setdomainname, "x", 1));
        REFUSED(settimeofday(&tv, NULL));
        REFUSED(clock_settime(CLOCK_REALTIME, &ts));
        REFUSED(reboot(RB_AUTOBOOT));
        REFUSED(reboot(RB_DISABLE_CAD));
        REFUSED(syscall(0x1001, 1, 0, 0)); /* inject */
    }
    fflush(stdout);
    return wrong;
}

/* ---- programs with set-id bits ---- */

struct report {
    uid_t uid, euid;
    gid_t gid, egid;
    int secure, dumpable;
    unsigned long alarm_left, stack_limit;
    int usr1_ignored, usr2_blocked, usr2_pending;
    int fds;         /* bits: which of 0, 1, 2 are open */
    int sees_itself; /* can read its program's file */
};

static void write_report(int fd)
{
    struct report r = {
        .uid = getuid(),
        .euid = geteuid(),
        .gid = getgid(),
        .egid = getegid(),
        .secure = getauxval(AT_SECURE) != 0,
        .dumpable = (int)control(GET_DUMPABLE, 0),
        .alarm_left = alarm(0),
    };
    struct sigaction action;
    struct rlimit limit;
    sigset_t set;

    for (int i = 0; i < 3; i++)
        r.fds |= (fcntl(i, F_GETFD) >= 0) << i;
    r.sees_itself = open("/proc/self/exe", O_RDONLY) >= 0;
    getrlimit(RLIMIT_STACK, &limit);
    r.stack_limit = limit.rlim_cur;
    sigaction(SIGUSR1, NULL, &action);
    r.usr1_ignored = action.sa_handler == SIG_IGN;
    sigprocmask(SIG_BLOCK, NULL, &set);
    r.usr2_blocked = sigismember(&set, SIGUSR2);
    sigpending(&set);
    r.usr2_pending = sigismember(&set, SIGUSR2);
    _exit(write(fd, &r, sizeof(r)) == sizeof(r) ? 0 : 3);
}

static void prepare_exec(void)
{
    struct rlimit limit;
    sigset_t set;

    alarm(1000);
    signal(SIGUSR1, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 64 << 20;
    setrlimit(RLIMIT_STACK, &limit);
}

#define NO_NEW_PRIVS 1
#define NO_STREAMS   2

/* Run a program as USER and get its report: its status. */
static int report_of(const char *path, int how, struct report *r)
{
    int fds[2], status;
    char number[12];
    pid_t pid;

    memset(r, 0, sizeof(*r));
    if (pipe(fds) != 0)
        return -1;
    snprintf(number, sizeof(number), "%d", fds[1]);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        become(USER);
        prepare_exec();
        if (how == NO_NEW_PRIVS && control(SET_NO_NEW_PRIVS, 1) != 0)
            _exit(97);
        if (how == NO_STREAMS)
            close(0), close(1), close(2);
        execl(path, path, "report", number, NULL);
        _exit(errno);
    }
    close(fds[1]);
    if (read(fds[0], r, sizeof(*r)) != sizeof(*r))
        r->uid = (uid_t)-1;
    close(fds[0]);
    status = status_of(pid);
    return status;
}

static void copy_program(const char *to, uid_t uid, gid_t gid, mode_t mode)
{
    static char buf[65536];
    int in = open("/proc/self/exe", O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0700);
    ssize_t n;

    while ((n = read(in, buf, sizeof(buf))) > 0)
        if (write(out, buf, (size_t)n) != n)
            break;
    if (n != 0 || fchown(out, uid, gid) != 0 || fchmod(out, mode) != 0)
        _exit(98);
    close(in), close(out);
}

static int set_id_works(void)
{
    struct report r;

    return report_of("./setuid", 0, &r) == 0 && r.euid == 0;
}

static void test_plain(void)
{
    struct report r;

    EQUAL(report_of("./plain", 0, &r), 0);
    EQUAL(r.euid, USER);
    EQUAL(r.secure, 0);
    EQUAL(r.dumpable, 1);
    EQUAL(r.sees_itself, 1);
    CHECK(r.alarm_left > 900);
    EQUAL(r.stack_limit, 64 << 20);
    EQUAL(report_of("./hidden", 0, &r), 0); /* executable, not readable */
    EQUAL(r.euid, USER);
    EQUAL(r.secure, 0);
    EQUAL(r.dumpable, 0);
    EQUAL(r.sees_itself, 0);
    EQUAL(report_of("./nobodys", 0, &r), EACCES);
    EQUAL(report_of("./fifo", 0, &r), EACCES); /* and does not wait */
    EQUAL(report_of(".", 0, &r), EACCES);
    EQUAL(report_of("/dev/null", 0, &r), EACCES);
}

static void test_set_id(void)
{
    struct report r;

    EQUAL(report_of("./setuid", 0, &r), 0);
    EQUAL(r.uid, USER);
    EQUAL(r.euid, 0);
    EQUAL(r.egid, USER);
    EQUAL(r.secure, 1);
    EQUAL(r.dumpable, 0);
    EQUAL(r.usr1_ignored, 1); /* goes along with it, as on Linux */
    EQUAL(r.usr2_blocked, 1);
    EQUAL(r.usr2_pending, 1);
    CHECK(r.alarm_left > 900);
    EQUAL(r.stack_limit, 8 << 20);
    EQUAL(report_of("./setgid", 0, &r), 0);
    EQUAL(r.euid, USER);
    EQUAL(r.gid, USER);
    EQUAL(r.egid, TEAM);
    EQUAL(r.secure, 1);
    EQUAL(r.dumpable, 0);
    EQUAL(report_of("./lock", 0, &r), 0); /* set-group-id without x */
    EQUAL(r.egid, USER);
    EQUAL(report_of("./own", 0, &r), 0); /* set-user-id to the same */
    EQUAL(r.euid, USER);
    EQUAL(r.secure, 0);
    EQUAL(report_of("./setuid", NO_NEW_PRIVS, &r), 0);
    EQUAL(r.euid, USER);
    EQUAL(r.secure, 0);
    EQUAL(report_of("./script", 0, &r), 0);
    EQUAL(r.euid, USER);
}

/* The C library gives a set-id program the files that it was denied. */
static void test_streams(void)
{
    struct report r;

    EQUAL(report_of("./plain", NO_STREAMS, &r), 0);
    EQUAL(r.fds, 0);
    EQUAL(report_of("./setuid", NO_STREAMS, &r), 0);
    EQUAL(r.fds, 7);
}

/* A child's last signal is not the one that its parent chose before exec. */
static int chosen_signal(void)
{
    char number[2][12];
    int go[2];
    long pid;

    if (pipe(ready) != 0 || pipe(go) != 0)
        return 1;
    pid = syscall(SYS_clone, SIGKILL, 0, 0, 0, 0);
    if (pid == 0) {
        char byte;

        close(go[1]);
        (void)!read(go[0], &byte, 1);
        _exit(0);
    }
    snprintf(number[0], sizeof(number[0]), "%d", go[1]);
    snprintf(number[1], sizeof(number[1]), "%ld", pid);
    execl("./plain", "plain", "outlive", number[0], number[1], NULL);
    return 2;
}

/* Let the child end; still there, a while later? */
static void outlive(int fd, pid_t child)
{
    int status;

    close(fd);
    _exit(waitpid(child, &status, 0x40000000 /* __WALL */) == child ? 0 : 3);
}

/* A pipe is its maker's, who can open it again. */
static int own_pipe(void)
{
    char path[40];
    struct stat st;
    int fds[2], again;

    if (pipe(fds) != 0 || fstat(fds[0], &st) != 0 || st.st_uid != geteuid())
        return 1;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
    again = open(path, O_RDONLY | O_NONBLOCK);
    return again >= 0 ? 0 : 2;
}

/* Files of /proc opened before the process becomes a set-id program. */
static void test_opened_before(void)
{
    char path[64], byte, number[2][12];
    pid_t pid;
    int files[3], fd, go[2];

    if (pipe(ready) != 0 || pipe(stay) != 0 || pipe(go) != 0)
        _exit(98);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        become(USER);
        control(SET_DUMPABLE, 1);
        close(stay[1]);
        snprintf(number[0], sizeof(number[0]), "%d", ready[1]);
        snprintf(number[1], sizeof(number[1]), "%d", stay[0]);
        if (write(ready[1], "r", 1) != 1 || read(go[0], &byte, 1) != 1)
            _exit(1);
        execl("./setuid", "target", "wait", number[0], number[1], NULL);
        _exit(2);
    }
    close(stay[0]);
    CHECK(read(ready[0], &byte, 1) == 1);
    be(USER);
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    files[0] = open(path, O_RDONLY);
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    files[1] = open(path, O_RDONLY);
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    files[2] = open(path, O_RDONLY | O_DIRECTORY);
    CHECK(files[0] >= 0 && files[1] >= 0 && files[2] >= 0);
    CHECK(write(go[1], "g", 1) == 1 && read(ready[0], &byte, 1) == 1);
    if (is_cairn()) { /* Linux reads the memory of before, which is empty */
        char entries[512];

        FAILS(read(files[0], &byte, 1), EACCES);
        FAILS(read(files[1], &byte, 1), EACCES);
        FAILS(syscall(SYS_getdents64, files[2], entries, sizeof(entries)),
              EACCES);
    }
    fd = openat(files[2], "0", O_RDONLY);
    CHECK(fd < 0 && errno == EACCES);
    for (int i = 0; i < 3; i++)
        close(files[i]);
    be_root();
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    EQUAL(end_target(pid), 0);
}

static const char *const names[] = {"plain",  "hidden", "nobodys",
                                    "setuid", "setgid", "lock",
                                    "own",    "fifo",   "script"};

static void make_programs(void)
{
    char line[128];
    int fd;

    copy_program("plain", 0, 0, 0755);
    copy_program("hidden", 0, 0, 0711);
    copy_program("nobodys", 0, 0, 0644);
    copy_program("setuid", 0, 0, 04755);
    copy_program("setgid", 0, TEAM, 02755);
    copy_program("lock", 0, TEAM, 02745);
    copy_program("own", USER, USER, 04755);
    mkfifo("fifo", 0777);
    fd = open("script", O_WRONLY | O_CREAT | O_EXCL, 0755);
    snprintf(line, sizeof(line), "#!%s/plain\n", scratch_path);
    if (write(fd, line, strlen(line)) < 0 || fchmod(fd, 04755) != 0)
        _exit(98);
    close(fd);
}

/* As "./script report N" the arguments are moved by one. */
static void run_again(char **argv)
{
    if (strcmp(argv[1], "wait") == 0)
        wait_here(atoi(argv[2]), atoi(argv[3]));
    if (strcmp(argv[1], "outlive") == 0)
        outlive(atoi(argv[2]), atoi(argv[3]));
    if (strcmp(argv[1], "report") == 0)
        write_report(atoi(argv[2]));
    if (argv[2] != NULL && strcmp(argv[2], "report") == 0)
        write_report(atoi(argv[3]));
    _exit(96);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        run_again(argv);
    scratch_enter("rights_procs");
    make_programs();
    if (may(19)) /* CAP_SYS_PTRACE */
        test_inspection();
    else
        tap_skip("inspection", "root may not look into all processes here");
    test_deeds();
    test_kill_all();
    EQUAL(run_as(USER, touch_init), 0);
    EQUAL(run_as(USER, privileged_calls), 0);
    test_plain();
    EQUAL(run_as(USER, chosen_signal), 0);
    EQUAL(run_as(USER, own_pipe), 0);
    if (set_id_works()) {
        test_set_id();
        test_streams();
        test_opened_before();
    } else {
        CHECK(!is_cairn());
        tap_skip("set-id programs", "this host has them off");
    }
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(names[i]);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
