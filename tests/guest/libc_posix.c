/*
 * Functions that the libc builds from several calls: directories, trees, real
 * paths, patterns, options, users, processes, time limits.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <getopt.h>
#include <glob.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <regex.h>
#include <search.h>
#include <signal.h>
#include <spawn.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char folder[] = "/tmp/libc_posix_XXXXXX";
static int visited[8];

static int visit(const char *path, const struct stat *st, int type,
                 struct FTW *place)
{
    (void)st;
    visited[type]++;
    return strcmp(path + place->base, "stop") == 0 ? 17 : 0;
}

static void test_tree(void)
{
    struct dirent **list;
    char path[PATH_MAX], name[NAME_MAX + 1];
    glob_t found;
    DIR *dir;
    long place;

    mkdir("/tmp", 01777);
    CHECK(mkdtemp(folder) != NULL);
    EQUAL(chdir(folder), 0);
    EQUAL(mkdir("sub", 0755), 0);
    EQUAL(close(creat("sub/b.txt", 0644)), 0);
    EQUAL(close(creat("sub/a.txt", 0644)), 0);
    EQUAL(close(creat("sub/c.dat", 0644)), 0);
    EQUAL(symlink("sub", "link"), 0);
    EQUAL(symlink("loop", "loop"), 0);
    EQUAL(scandir("sub", &list, NULL, alphasort), 5);
    CHECK(strcmp(list[2]->d_name, "a.txt") == 0);
    for (int i = 0; i < 5; i++)
        free(list[i]);
    free(list);
    dir = opendir("sub");
    place = telldir(dir);
    snprintf(name, sizeof(name), "%s", readdir(dir)->d_name);
    readdir(dir);
    seekdir(dir, place);
    CHECK(strcmp(readdir(dir)->d_name, name) == 0);
    EQUAL(closedir(dir), 0);
    CHECK(opendir("sub/a.txt") == NULL && errno == ENOTDIR);
    EQUAL(glob("sub/*.txt", 0, NULL, &found), 0);
    EQUAL(found.gl_pathc, 2);
    CHECK(strcmp(found.gl_pathv[1], "sub/b.txt") == 0);
    globfree(&found);
    EQUAL(glob("none*", 0, NULL, &found), GLOB_NOMATCH);
    EQUAL(nftw(folder, visit, 8, FTW_PHYS), 0);
    CHECK(visited[FTW_F] == 3 && visited[FTW_D] == 2 && visited[FTW_SL] == 2);
    CHECK(realpath("link/../sub/./a.txt", path) == path);
    snprintf(name, sizeof(name), "%s/sub/a.txt", folder);
    CHECK(strcmp(path, name) == 0);
    EQUAL(symlink("sub/a.txt", "file"), 0);
    CHECK(realpath("file", path) == path);
    CHECK(strcmp(basename(path), "a.txt") == 0);
    CHECK(realpath("file/", path) == NULL && errno == ENOTDIR);
    CHECK(realpath("link", path) == path && realpath("link/", path) == path);
    EQUAL(unlink("file"), 0);
    CHECK(realpath("loop", path) == NULL && errno == ELOOP);
    CHECK(realpath("missing/x", path) == NULL && errno == ENOENT);
    CHECK(realpath("sub/a.txt/", path) == NULL && errno == ENOTDIR);
    CHECK(getcwd(path, sizeof(path)) == path && strcmp(path, folder) == 0);
    CHECK(getcwd(path, 3) == NULL && errno == ERANGE);
    EQUAL(remove("sub/a.txt") | remove("sub/b.txt") | remove("sub/c.dat"), 0);
    EQUAL(remove("sub") | remove("link") | remove("loop"), 0);
    EQUAL(chdir("/"), 0);
    EQUAL(rmdir(folder), 0);
}

/* How many characters a pattern matches; -1 for none, -2 if it is wrong. */
static int matches(const char *pattern, const char *text, int flags)
{
    regmatch_t match;
    regex_t re;
    int result = -1;

    if (regcomp(&re, pattern, flags) != 0)
        return -2;
    if (regexec(&re, text, 1, &match, 0) == 0)
        result = (int)(match.rm_eo - match.rm_so);
    regfree(&re);
    return result;
}

static const char *dirname_of(const char *path)
{
    static char copy[64];

    return dirname(strcpy(copy, path));
}

static void test_dirname(void)
{
    CHECK(strcmp(dirname_of("a/b///c"), "a/b") == 0);
    CHECK(strcmp(dirname_of("/a//"), "/") == 0);
    CHECK(strcmp(dirname_of("///a"), "/") == 0);
    CHECK(strcmp(dirname_of("///"), "/") == 0);
    CHECK(strcmp(dirname_of("a//"), ".") == 0);
    CHECK(strcmp(dirname_of("/a/b/"), "/a") == 0);
    CHECK(strcmp(dirname_of(""), ".") == 0 && strcmp(dirname(NULL), ".") == 0);
}

static void test_patterns(void)
{
    char first[] = "/usr/lib/", second[] = "/usr/lib/";
    regmatch_t match[3];
    regex_t re;

    EQUAL(regcomp(&re, "([a-z]+)([0-9]*)", REG_EXTENDED), 0);
    EQUAL(regexec(&re, "--abc42", 3, match, 0), 0);
    CHECK(match[0].rm_so == 2 && match[0].rm_eo == 7 && match[2].rm_so == 5);
    EQUAL(regexec(&re, "123", 3, match, 0), REG_NOMATCH);
    regfree(&re);
    CHECK(regcomp(&re, "(", REG_EXTENDED) != 0);
    CHECK(matches("", "x", 0) == 0 && matches("", "x", REG_EXTENDED) == 0);
    CHECK(matches("a|", "a", REG_EXTENDED) == 1);
    CHECK(matches("a|", "b", REG_EXTENDED) == 0);
    CHECK(matches("^(|x)(y||[|)]+)$", "xy", REG_EXTENDED) == 2);
    CHECK(matches("^(|x)(y||[|)]+)$", "x|)", REG_EXTENDED) == 3);
    CHECK(matches("^(|x)(y||[|)]+)$", "", REG_EXTENDED) == 0);
    CHECK(matches("^(|x)(y||[|)]+)$", "a", REG_EXTENDED) == -1);
    CHECK(matches("[[:alpha:]|]()\\|", "b|", REG_EXTENDED) == 2);
    CHECK(matches("^a\\|b", "cb", 0) == 1 && matches("a\\|b", "c", 0) == -1);
    CHECK(matches("xa\\+y\\?$", "xaaay", 0) == 5);
    CHECK(matches("a+\\|(b)?\\|{c}", "(b)?", 0) == 4);
    CHECK(matches("\\(a\\|^*^$*b\\)$", "*^$$b", 0) == 5);
    CHECK(matches("[a\\|b]\\{3\\}\\|^c", "|\\a", 0) == 3);
    CHECK(matches("\\(a\\|\\)c", "c", 0) == 1);
    CHECK(matches("\\(.\\)\\1", "abb", 0) == 2);
    CHECK(matches("\\<b\\w*\\>", "a.bc_1 d", 0) == 4);
    CHECK(matches("\\W\\s\\S", "a. b", REG_EXTENDED) == 3);
    EQUAL(fnmatch("*.[ch]", "file.c", 0), 0);
    EQUAL(fnmatch("*", "a/b", FNM_PATHNAME), FNM_NOMATCH);
    CHECK(strcmp(basename(first), "lib") == 0);
    CHECK(strcmp(dirname(second), "/usr") == 0);
}

static void test_getopt(void)
{
    char *argv[] = {"prog", "-ab", "val", "--long=5", "rest", "-x", NULL};
    static const struct option longs[] = {{"long", 1, NULL, 'l'}, {0}};

    optind = 1;
    opterr = 0;
    EQUAL(getopt_long(6, argv, "ab:", longs, NULL), 'a');
    EQUAL(getopt_long(6, argv, "ab:", longs, NULL), 'b');
    CHECK(strcmp(optarg, "val") == 0);
    EQUAL(getopt_long(6, argv, "ab:", longs, NULL), 'l');
    CHECK(strcmp(optarg, "5") == 0);
    EQUAL(getopt_long(6, argv, "ab:", longs, NULL), '?');
    EQUAL(optopt, 'x');
    EQUAL(getopt_long(6, argv, "ab:", longs, NULL), -1);
    CHECK(strcmp(argv[optind], "rest") == 0);
}

static void test_users(void)
{
    struct passwd *user = getpwuid(0), copy, *result;
    char room[512];

    if (user == NULL) {
        tap_skip("users", "there is no /etc/passwd");
        return;
    }
    CHECK(strcmp(user->pw_name, "root") == 0 && user->pw_uid == 0);
    EQUAL(getpwnam_r("root", &copy, room, sizeof(room), &result), 0);
    CHECK(result == &copy && copy.pw_gid == 0);
    EQUAL(getpwnam_r("root", &copy, room, 3, &result), ERANGE);
    EQUAL(getpwnam_r("no such", &copy, room, sizeof(room), &result), 0);
    CHECK(result == NULL);
    CHECK(getpwnam("no such") == NULL);
}

static void test_processes(void)
{
    char *argv[] = {"/bin/sh", "-c", "exit 7", NULL}, line[16] = "";
    int status, p[2];
    siginfo_t info;
    pid_t pid;
    FILE *f;

    EQUAL(pipe(p), 0);
    pid = vfork();
    if (pid == 0)
        _exit(5);
    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    pid = fork();
    if (pid == 0) {
        (void)!write(p[1], "child", 5);
        raise(SIGTERM);
        _exit(1);
    }
    EQUAL(read(p[0], line, sizeof(line)), 5);
    EQUAL(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
    CHECK(info.si_code == CLD_KILLED && info.si_status == SIGTERM);
    FAILS(waitpid(-1, &status, 0), ECHILD);
    close(p[0]);
    close(p[1]);
    if (access("/bin/sh", X_OK) < 0) {
        tap_skip("commands", "there is no shell");
        EQUAL(system(NULL), 0);
        return;
    }
    EQUAL(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    EQUAL(WEXITSTATUS(system("exit 3")), 3);
    f = popen("echo from a pipe", "r");
    CHECK(f != NULL && fgets(line, 12, f) && strcmp(line, "from a pipe") == 0);
    EQUAL(pclose(f), 0);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int signo)
{
    (void)signo;
    alarms++;
}

static void test_waiting(void)
{
    struct itimerval soon = {.it_value = {0, 20000}};
    struct sigaction action = {.sa_handler = on_alarm};
    struct timeval none = {0, 1000};
    struct timespec moment = {0, 1000000};
    struct pollfd pfd = {.events = POLLIN};
    sigset_t set;
    fd_set fds;
    int p[2];

    EQUAL(pipe(p), 0);
    pfd.fd = p[0];
    EQUAL(poll(&pfd, 1, 1), 0);
    FD_ZERO(&fds);
    FD_SET(p[0], &fds);
    EQUAL(select(p[0] + 1, &fds, NULL, NULL, &none), 0);
    CHECK(!FD_ISSET(p[0], &fds));
    EQUAL(write(p[1], "x", 1), 1);
    FD_SET(p[0], &fds);
    EQUAL(pselect(p[0] + 1, &fds, NULL, NULL, &moment, NULL), 1);
    EQUAL(ppoll(&pfd, 1, &moment, NULL), 1);
    CHECK(pfd.revents == POLLIN);
    sigaction(SIGALRM, &action, NULL);
    EQUAL(setitimer(ITIMER_REAL, &soon, NULL), 0);
    FAILS(pause(), EINTR);
    EQUAL(alarms, 1);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    FAILS(sigtimedwait(&set, NULL, &moment), EAGAIN);
    raise(SIGUSR1);
    EQUAL(sigtimedwait(&set, NULL, &moment), SIGUSR1);
    close(p[0]);
    close(p[1]);
}

static void test_system(void)
{
    struct iovec parts[2] = {{"ab", 2}, {"c", 1}};
    struct statvfs vfs;
    struct sysinfo info;
    char name[HOST_NAME_MAX + 1], back[4] = "";
    int p[2];

    EQUAL(sysconf(_SC_PAGESIZE), 4096);
    CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    CHECK(sysconf(_SC_PHYS_PAGES) > 0 && sysconf(_SC_OPEN_MAX) >= 20);
    FAILS(sysconf(9999), EINVAL);
    EQUAL(pathconf("/", _PC_NAME_MAX), 255);
    CHECK(confstr(_CS_PATH, NULL, 0) > 4);
    EQUAL(gethostname(name, sizeof(name)), 0);
    EQUAL(statvfs("/", &vfs), 0);
    CHECK(vfs.f_bsize > 0 && vfs.f_namemax >= 255);
    EQUAL(sysinfo(&info), 0);
    CHECK(info.totalram >= info.freeram && info.mem_unit > 0);
    EQUAL(pipe(p), 0);
    EQUAL(writev(p[1], parts, 2), 3);
    EQUAL(read(p[0], back, 4), 3);
    CHECK(strcmp(back, "abc") == 0);
    CHECK(!isatty(p[0]) && errno == ENOTTY);
    FAILS(isatty(99) - 1, EBADF);
    close(p[0]);
    close(p[1]);
}

int main(void)
{
    test_tree();
    test_dirname();
    test_patterns();
    test_getopt();
    test_users();
    test_processes();
    test_waiting();
    test_system();
    return tap_done();
}
