/*
 * Edges of the C library: the environment, names of temporary files, modes of
 * streams, folders, macros, and calls that fail.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <mntent.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "tap.h"

static char folder[] = "/tmp/edgesXXXXXX";

static void test_environment(void)
{
    static char text[] = "PUT=first";
    char *own[] = {(char *)"A=1", (char *)"B=2", NULL};

    CHECK(setenv("X", "1", 1) == 0 && clearenv() == 0);
    CHECK(getenv("X") == NULL && setenv("X", "2", 1) == 0);
    CHECK(strcmp(getenv("X"), "2") == 0);
    environ = own;
    CHECK(setenv("C", "3", 1) == 0 && setenv("A", "4", 1) == 0);
    CHECK(!strcmp(getenv("A"), "4") && !strcmp(getenv("C"), "3"));
    CHECK(!strcmp(getenv("B"), "2"));
    environ = NULL;
    CHECK(unsetenv("A") == 0 && getenv("A") == NULL);
    CHECK(putenv(text) == 0 && !strcmp(getenv("PUT"), "first"));
    memcpy(text + 4, "SECON", 5);
    CHECK(!strcmp(getenv("PUT"), "SECON"));
    FAILS(setenv("", "x", 1), EINVAL);
    FAILS(setenv("a=b", "x", 1), EINVAL);
    for (int i = 0; i < 1000; i++)
        setenv("LOOP", i % 2 ? "a much longer value than before" : "x", 1);
    CHECK(!strcmp(getenv("LOOP"), "a much longer value than before"));
}

/* Put `text` and its zero at the end of a page that has nothing after it. */
static char *at_end(const char *text)
{
    static char *page;
    size_t nbytes = strlen(text) + 1;

    if (page == NULL) {
        page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(page + 4096, 4096);
    }
    return memcpy(page + 4096 - nbytes, text, nbytes);
}

/* What reads numbers never looks past the zero. */
static int try_numbers(void)
{
    static const char *const texts[] = {"",    "1",     "-",    "1.5",  "1e",
                                        "1e+", "0x",    "0x1.", "0x1p", "inf",
                                        "nan", "infin", "nan(", ".",    "1."};
    char *end, *s;
    float f;
    int n;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        s = at_end(texts[i]);
        strtod(s, &end);
        strtof(s, &end);
        strtold(s, &end);
        strtol(s, &end, 0);
        strtoull(s, &end, 16);
        sscanf(s, "%f", &f);
        sscanf(s, "%i", &n);
        atof(s);
        atoi(s);
    }
    return 7;
}

static void test_temporary_names(void)
{
    char five[] = "/tmp/aXXXXX";
    char suffix[] = "/tmp/aXXXXXX.c";
    char first[] = "/tmp/aXXXXXX", second[] = "/tmp/aXXXXXX";
    int fd;

    FAILS(mkstemp(five), EINVAL);
    CHECK(strcmp(five, "/tmp/aXXXXX") == 0);
    FAILS(mkstemp((char *)"XXX"), EINVAL);
    fd = mkstemps(suffix, 2);
    CHECK(fd >= 0 && strcmp(suffix + strlen(suffix) - 2, ".c") == 0);
    close(fd);
    unlink(suffix);
    close(mkstemp(first));
    close(mkostemp(second, O_CLOEXEC));
    CHECK(strcmp(first, second) != 0);
    unlink(first);
    unlink(second);
    CHECK(mkdtemp(folder) != NULL);
}

static int has_cloexec(FILE *file)
{
    int flags = fcntl(fileno(file), F_GETFD);

    fclose(file);
    return (flags & FD_CLOEXEC) != 0;
}

static void test_streams(void)
{
    FILE *file = fopen("/dev/null", "re");
    char byte = 'x';

    CHECK(has_cloexec(file));
    CHECK(!has_cloexec(fopen("/dev/null", "r")));
    CHECK(has_cloexec(freopen("/dev/null", "r+e", fopen("/dev/null", "r"))));
    CHECK(fopen("/dev/null", "q") == NULL && errno == EINVAL);
    CHECK(fopen("/dev/null", "wx") == NULL && errno == EEXIST);
    file = fopen("/dev/null", "w");
    EQUAL(fwrite(&byte, 0, 17, file), 0);
    EQUAL(fwrite(&byte, 17, 0, file), 0);
    EQUAL(fwrite(&byte, 1, 1, file), 1);
    fclose(file);
}

static int reject_last(const struct dirent *entry)
{
    errno = EBUSY;
    return strcmp(entry->d_name, "a") == 0;
}

static void test_folders(void)
{
    struct {
        struct dirent entry;
        char after[16];
    } room;
    struct dirent **list, *result;
    char name[NAME_MAX + 1];
    char path[PATH_MAX];
    DIR *dir;
    int clean = 1;

    memset(name, 'n', NAME_MAX);
    name[NAME_MAX] = '\0';
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    memset(&room, 0x5a, sizeof(room));
    dir = opendir(folder);
    while (readdir_r(dir, &room.entry, &result) == 0 && result != NULL)
        if (room.entry.d_name[0] == 'n')
            EQUAL(strlen(room.entry.d_name), NAME_MAX);
    closedir(dir);
    for (size_t i = 0; i < sizeof(room.after); i++)
        clean &= room.after[i] == 0x5a;
    CHECK(clean);
    unlink(path);
    for (const char *c = "abc"; *c != '\0'; c++) {
        snprintf(path, sizeof(path), "%s/%c", folder, *c);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    EQUAL(scandir(folder, &list, reject_last, alphasort), 1);
    free(list[0]);
    free(list);
    for (const char *c = "abc"; *c != '\0'; c++) {
        snprintf(path, sizeof(path), "%s/%c", folder, *c);
        unlink(path);
    }
    dir = opendir(folder);
    rmdir(folder);
    errno = 0;
    while (readdir(dir) != NULL)
        ;
    EQUAL(errno, 0);
    closedir(dir);
}

static int calls;

static int count(void)
{
    calls++;
    return SIGKILL;
}

static void test_macros(void)
{
    struct {
        cpu_set_t set;
        unsigned long after;
    } room = {.after = 77};
    unsigned cpu = 3;
    struct cmsghdr header = {.cmsg_len = (socklen_t)0xffffffff};
    struct msghdr message = {.msg_control = &header,
                             .msg_controllen = sizeof(header)};

    CPU_ZERO(&room.set);
    CPU_SET(CPU_SETSIZE, &room.set);
    CPU_SET(CPU_SETSIZE + 5, &room.set);
    EQUAL(room.after, 77);
    CPU_SET(cpu++, &room.set);
    CHECK(cpu == 4 && CPU_ISSET(3, &room.set) && CPU_COUNT(&room.set) == 1);
    CHECK(WIFSIGNALED(count()) && calls == 1);
    CHECK(!WIFSIGNALED(0x7f) && !WIFSIGNALED(0) && !WIFSIGNALED(0xffff));
    CHECK(CMSG_NXTHDR(&message, &header) == NULL);
    EQUAL(HZ, sysconf(_SC_CLK_TCK));
    EQUAL(_POSIX_TIMERS, sysconf(_SC_TIMERS));
    EQUAL(sched_get_priority_max(SCHED_FIFO), 99);
    EQUAL(sched_get_priority_min(SCHED_RR), 1);
    FAILS(sched_get_priority_max(77), EINVAL);
    errno = 0;
    CHECK(wcstol(L"12", NULL, 37) == 0 && errno == EINVAL);
    CHECK(strrchr("abc", 0x100) != NULL && *strrchr("abc", 0x100) == '\0');
}

static void test_terminals(void)
{
    struct termios attributes = {0};
    int fd = open("/dev/null", O_RDWR);
    char mounts[] = "/dev/full";
    struct mntent entry = {(char *)"a", (char *)"b", (char *)"c",
                           (char *)"d", 0,           0};
    FILE *full = fopen(mounts, "w");

    FAILS(grantpt(fd), EINVAL);
    close(fd);
    CHECK(cfsetspeed(&attributes, 115200) == 0 &&
          cfgetospeed(&attributes) == B115200);
    FAILS(cfsetspeed(&attributes, 12345), EINVAL);
    if (full != NULL) {
        EQUAL(addmntent(full, &entry), 1);
        fclose(full);
    }
}

static int try_processes(void)
{
    struct rlimit none = {0, 0};
    char *argv[] = {(char *)"true", NULL};
    pid_t pid;

    if (setgid(1000) != 0 || setuid(1000) != 0)
        return 0;
    setrlimit(RLIMIT_NPROC, &none);
    errno = 0;
    pid = vfork();
    if (pid == 0)
        _exit(9);
    if (pid != -1 || errno != EAGAIN)
        return 1;
    pid = 55;
    return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) == EAGAIN
               ? 0
               : 2;
}

/* A program of no kind that the kernel knows goes to the shell. */
static int run_without_argv(void)
{
    char path[] = "/tmp/scriptXXXXXX";
    char *argv[] = {NULL};
    int fd = mkstemp(path);

    if (write(fd, "exit 5\n", 7) != 7 || fchmod(fd, 0700) != 0)
        return 1;
    close(fd);
    execvp(path, argv);
    unlink(path);
    return errno == ENOENT || errno == ENOEXEC || errno == EINVAL ? 5 : 1;
}

static int status_of(int (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(run());
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_addresses(void)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
    struct addrinfo *info;

    EQUAL(getaddrinfo("127.0.0.1 evil", "80", &hints, &info), EAI_NONAME);
    hints.ai_flags |= AI_CANONNAME;
    EQUAL(getaddrinfo("127.0.0.1", "80", &hints, &info), 0);
    CHECK(info->ai_canonname != NULL &&
          strcmp(info->ai_canonname, "127.0.0.1") == 0);
    freeaddrinfo(info);
    hints.ai_flags = 0x40000000;
    EQUAL(getaddrinfo("127.0.0.1", "80", &hints, &info), EAI_BADFLAGS);
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = 77;
    EQUAL(getaddrinfo("127.0.0.1", "80", &hints, &info), EAI_SOCKTYPE);
}

int main(void)
{
    test_environment();
    test_temporary_names();
    test_streams();
    test_folders();
    test_macros();
    test_terminals();
    test_addresses();
    EQUAL(status_of(try_numbers), 7);
    EQUAL(status_of(try_processes), 0);
    EQUAL(status_of(run_without_argv), 5);
    return tap_done();
}
