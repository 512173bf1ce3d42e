/*
 * For the tests of who may do what (docs/security.md): to be another user for
 * a while, and to run a function as one.
 *
 * USER and OTHER are two users without privilege, each in a group of the same
 * number; USER is in the group TEAM too, but only where be_member says so.
 */
#ifndef TESTS_GUEST_RIGHTS_H
#define TESTS_GUEST_RIGHTS_H

#ifndef _GNU_SOURCE
#    error "define _GNU_SOURCE first"
#endif

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define USER  1000
#define OTHER 1001
#define TEAM  2000

/* Effective ids only, so that be_root leads back. */
static inline void be_root(void)
{
    if (seteuid(0) != 0 || setegid(0) != 0 || setgroups(0, NULL) != 0)
        _exit(99);
}

static inline void be(unsigned id)
{
    be_root();
    if (setegid(id) != 0 || seteuid(id) != 0)
        _exit(99);
}

static inline void be_member(unsigned id)
{
    gid_t team = TEAM;

    be_root();
    if (setgroups(1, &team) != 0 || setegid(id) != 0 || seteuid(id) != 0)
        _exit(99);
}

/* For good, as login does it. */
static inline void become(unsigned id)
{
    if (setgroups(0, NULL) != 0 || setresgid(id, id, id) != 0 ||
        setresuid(id, id, id) != 0)
        _exit(99);
}

/* The status of a child, or 256 and its signal. */
static inline int status_of(pid_t pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

/* What `f` returns when `id` runs it: 0 to 98. */
static inline int run_as(unsigned id, int (*f)(void))
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        if (id != 0)
            become(id);
        _exit(f());
    }
    return pid < 0 ? -1 : status_of(pid);
}

/* The errno of a call that failed, 0 of one that did not. */
#define ERROR_OF(call) (errno = 0, (call) == -1 ? errno : 0)

/* A file of an owner with some bytes in it. */
static inline void make_file(const char *path, unsigned uid, unsigned gid,
                             mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

    if (fd < 0 || write(fd, "contents", 8) != 8 || fchown(fd, uid, gid) != 0 ||
        fchmod(fd, mode) != 0 || close(fd) != 0)
        _exit(98);
}

static inline void make_dir(const char *path, unsigned uid, unsigned gid,
                            mode_t mode)
{
    if (mkdir(path, 0700) != 0 || chown(path, uid, gid) != 0 ||
        chmod(path, mode) != 0)
        _exit(98);
}

static inline mode_t mode_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mode & 07777 : (mode_t)-1;
}

#endif
