/*
 * Running a deed.
 *
 * The fuzzer is the first program of its machine and root. For each deed it
 * makes a directory and opens descriptors 3 to 12, forks the programs, waits a
 * moment, kills everything else that lives, and clears up. Its own descriptors
 * are above FIRST_OWN and closed in the programs; numbers of processes that
 * would mean itself are replaced, since root may do anything to it.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_OWN   500
#define LAST_OWN    1023
#define MAX_FORKS   6
#define WAIT_MS     60    /* how long the programs of a deed may take */
#define PATIENCE_MS 20000 /* how long killed ones may take to end */

uint8_t run_map[MAP_BYTES];
bool run_covers;

static int out = 1, kcov = -1, engine;
static bool mounts; /* a program of this deed mounts or unmounts */

/* What all processes of a deed share. */
static volatile struct {
    uint32_t nforks, ncalls;
} * shared;

long fuzz_syscall(long number, const uint32_t *args);
long fuzz_clone(long number, const uint32_t *args);

/*
 * fuzz_clone is for calls whose child has no stack of its own: it ends at
 * once.
 */
__asm__(".text\n"
        ".macro enter\n\t"
        "push %ebp\n\tpush %ebx\n\tpush %esi\n\tpush %edi\n\t"
        "mov 20(%esp), %eax\n\tmov 24(%esp), %edi\n\t"
        "mov (%edi), %ebx\n\tmov 4(%edi), %ecx\n\tmov 8(%edi), %edx\n\t"
        "mov 12(%edi), %esi\n\tmov 20(%edi), %ebp\n\tmov 16(%edi), %edi\n\t"
        "int $0x80\n"
        ".endm\n"
        ".macro leave_\n\t"
        "pop %edi\n\tpop %esi\n\tpop %ebx\n\tpop %ebp\n\tret\n"
        ".endm\n"
        ".globl fuzz_syscall\nfuzz_syscall:\n\tenter\n\tleave_\n"
        ".globl fuzz_clone\nfuzz_clone:\n\tenter\n\t"
        "test %eax, %eax\n\tjnz 1f\n\t"
        "mov $1, %eax\n\txor %ebx, %ebx\n\tint $0x80\n"
        "1:\n\tleave_\n");

static void complain(const char *what)
{
    char text[160];
    int n = snprintf(text, sizeof(text), "# broken: %s: %s\n", what,
                     strerror(errno));

    run_say(text, (size_t)n);
    _exit(3);
}

void run_say(const char *text, size_t nbytes)
{
    while (nbytes > 0) {
        ssize_t n = write(out, text, nbytes);

        if (n < 0 && errno != EINTR)
            _exit(3);
        if (n > 0) {
            text += n;
            nbytes -= (size_t)n;
        }
    }
}

uint32_t run_ncalls(void)
{
    return shared->ncalls;
}

static int move_up(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN);

    if (moved < 0)
        complain("descriptors");
    close(fd);
    return moved;
}

void run_init(void)
{
    struct rlimit files = {LAST_OWN + 1, LAST_OWN + 1};
    sigset_t set;

    setrlimit(RLIMIT_NOFILE, &files);
    engine = getpid();
    out = move_up(1);
    kcov = open("/dev/kcov", O_RDWR);
    run_covers = kcov >= 0;
    if (kcov >= 0)
        kcov = move_up(kcov);
    for (int fd = 0; fd < 3; fd++) {
        close(fd);
        if (open("/dev/null", O_RDWR) != fd)
            complain("/dev/null");
    }
    for (int signo = 1; signo < NSIG; signo++)
        if (signo != SIGCHLD)
            signal(signo, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED ||
        mmap((void *)AREA, AREA_BYTES, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        complain("shared memory");
    umask(0);
}

/* ---- what the programs find ---- */

static void put_file(const char *name, int fd)
{
    static char data[3 * PAGE];
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0666);

    memset(data, 'x', sizeof(data));
    if (file < 0 || write(file, data, sizeof(data)) < 0)
        complain(name);
    if (fd >= 0 && file != fd) {
        dup2(file, fd);
        close(file);
    }
    if (fd < 0)
        close(file);
}

static void put_pty(int fd)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), unlocked = 0, number;
    char name[32];

    if (master != fd || ioctl(master, TIOCSPTLCK, &unlocked) < 0 ||
        ioctl(master, TIOCGPTN, &number) < 0)
        return;
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    chmod(name, 0666);
    open(name, O_RDWR | O_NOCTTY);
}

static void set_up(void)
{
    int p[2];

    mkdir("/tmp", 01777); /* a program may have renamed it */
    if (mkdir("/tmp/w", 0777) < 0 || chdir("/tmp/w") < 0)
        complain("/tmp/w");
    put_file("f", 3);
    mkdir("d", 0777);
    put_file("d/g", -1);
    symlink("f", "l");
    symlink("loop", "loop");
    mkfifo("p", 0666);
    link("/tmp/fuzz", "e");
    open(".", O_RDONLY | O_DIRECTORY);  /* 4 */
    pipe(p);                            /* 5, 6 */
    syscall(__NR_memfd_create, "m", 0); /* 7 */
    open("/dev/zero", O_RDWR);          /* 8 */
    put_pty(9);                         /* 9, 10 */
    open("p", O_RDWR | O_NONBLOCK);     /* 11 */
    open("/proc/self/maps", O_RDONLY);  /* 12 */
    memset((void *)AREA, 0, AREA_BYTES);
    shared->nforks = 0;
}

static void remove_tree(const char *path, unsigned depth)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[512];

    while (dir && depth < 16 && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (unlink(name) != 0)
            remove_tree(name, depth + 1);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void unmount_all(void)
{
    static const char *const places[] = {"/tmp/w/d",   "/tmp/w/x",
                                         "/tmp/w/y",   "/tmp/w/d/x",
                                         "/tmp/w",     "/tmp",
                                         "/dev/shm",   "/dev/pts",
                                         "/dev/shm/x", "/proc/self/fd"};

    for (unsigned round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
            umount2(places[i], 0);
}

static void clear_up(void)
{
    syscall(__NR_close_range, 3, FIRST_OWN - 1, 0);
    if (chroot("/") < 0 || chdir("/") < 0)
        complain("/");
    if (mounts)
        unmount_all();
    remove_tree("/tmp/w", 0);
    remove_tree("/dev/shm/x", 0);
    unlink("/dev/shm/x");
}

/* ---- in a program ---- */

static bool is_about_fork(int number)
{
    return number == __NR_fork || number == __NR_vfork || number == __NR_clone;
}

/* A number of a process that does not mean the fuzzer. */
static uint32_t safe_pid(uint32_t value)
{
    int pid = (int)value;

    return pid == -1 || pid == engine || pid == -engine ? 0 : value;
}

static long do_call(const struct call *call, const uint32_t *args)
{
    __sync_fetch_and_add(&shared->ncalls, 1);
    if (!is_about_fork(call->number))
        return fuzz_syscall(call->number, args);
    if (__sync_fetch_and_add(&shared->nforks, 1) >= MAX_FORKS)
        return -EAGAIN;
    if (call->number == __NR_fork ||
        (call->number == __NR_clone && !(args[0] & CLONE_VM) && args[1] == 0))
        return fuzz_syscall(call->number, args);
    return fuzz_clone(call->number, args);
}

static void run_steps(const struct program *program)
{
    long results[MAX_STEPS];

    for (unsigned i = 0; i < program->nsteps; i++) {
        const struct step *step = &program->steps[i];
        const struct call *call = &calls[step->call];
        uint32_t args[NARGS];

        for (unsigned n = 0; n < NARGS; n++) {
            const struct arg *arg = &step->args[n];

            args[n] = arg->value;
            if (arg->type == ARG_RESULT)
                args[n] = arg->value < i ? (uint32_t)results[arg->value] : 0;
            if (arg->type == ARG_BYTES)
                args[n] += AREA;
            if (call->args[n] == KIND_pid)
                args[n] = safe_pid(args[n]);
            if (arg->type == ARG_BYTES)
                memcpy((void *)args[n], arg->bytes, arg->nbytes);
        }
        results[i] = do_call(call, args);
    }
}

static void become(uint32_t uid)
{
    struct rlimit size = {4 << 20, 4 << 20}, processes = {20, 20};

    setsid();
    setrlimit(RLIMIT_FSIZE, &size);
    if (uid == 0)
        return;
    setrlimit(RLIMIT_NPROC, &processes);
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
        setresuid(uid, uid, uid) < 0)
        _exit(1);
}

static void run_program(const struct program *program, bool cover)
{
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++)
        signal(signo, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    become(program->uid);
    if (cover)
        (void)!write(kcov, "", 1);
    syscall(__NR_close_range, FIRST_OWN, LAST_OWN, 0);
    run_steps(program);
    _exit(0);
}

/* ---- outside ---- */

static uint64_t now_ms(void)
{
    struct timespec t;

    /* A program may have asked for copies to fail; a second one does not. */
    while (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        ;
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Wait for `n` children, but not long; how many are left. */
static unsigned wait_a_moment(unsigned n)
{
    uint64_t end = now_ms() + WAIT_MS;
    struct timespec t = {0, 10000000};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    while (n > 0 && now_ms() < end) {
        while (n > 0 && waitpid(-1, NULL, WNOHANG) > 0)
            n--;
        if (n > 0)
            sigtimedwait(&set, NULL, &t);
    }
    return n;
}

static unsigned count_processes(void)
{
    struct sysinfo info;

    while (sysinfo(&info) != 0)
        ;
    return info.procs;
}

/* End everything but init and us. */
static void end_all(void)
{
    uint64_t end = now_ms() + PATIENCE_MS;
    struct timespec t = {0, 1000000};

    while (count_processes() > 2) {
        kill(-1, SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (count_processes() <= 2)
            break;
        if (now_ms() > end) {
            errno = ETIMEDOUT;
            complain("a process that was killed does not end");
        }
        nanosleep(&t, NULL);
    }
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static bool uses_mounts(const struct deed *deed)
{
    for (unsigned p = 0; p < deed->nprograms; p++)
        for (unsigned i = 0; i < deed->programs[p].nsteps; i++) {
            int number = calls[deed->programs[p].steps[i].call].number;

            if (number == __NR_mount || number == __NR_umount2)
                return true;
        }
    return false;
}

void run_deed(const struct deed *deed, bool cover)
{
    unsigned n = 0; /* a program may have asked for forks to fail */

    mounts = uses_mounts(deed);
    set_up();
    for (unsigned i = 0; i < deed->nprograms; i++) {
        int pid = fork();

        if (pid == 0)
            run_program(&deed->programs[i], cover && run_covers && i == 0);
        n += pid > 0;
    }
    wait_a_moment(n);
    end_all();
    if (run_covers && cover && read(kcov, run_map, MAP_BYTES) != MAP_BYTES)
        complain("/dev/kcov");
    clear_up();
}
