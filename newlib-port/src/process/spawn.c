/*
 * spawn.c - posix_spawn: a program in a new process, in one call.
 *
 * The child is made by vfork, so that the cost does not grow with the caller's
 * memory, and writes the error that stops it where the caller looks.  Until
 * exec it shares the caller's memory: all signals are blocked, and none has a
 * handler any more when the program's own mask is set.
 *
 * The list of file actions is a chain of blocks, in the order of the calls.
 *
 * Errors are returned, not set: those of vfork, of execve, and of the calls that
 * the attributes and actions stand for; EBADF for a descriptor below 0 or beyond
 * the limit, EINVAL for unknown flags, ENOMEM.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { OPEN, DUP2, CLOSE, CHDIR, FCHDIR, CLOSEFROM, TCSETPGRP };

struct __spawn_action {
    struct __spawn_action *next;
    enum kind kind;
    int fd;
    int target; /* of DUP2 */
    int flags;  /* of OPEN */
    mode_t mode;
    char path[];
};

#define ALL_FLAGS                                                           \
    (POSIX_SPAWN_RESETIDS | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | \
     POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSCHEDPARAM |                   \
     POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETSID | POSIX_SPAWN_USEVFORK)

/* ---- the child ----------------------------------------------------------- */

static int do_open(const struct __spawn_action *action)
{
    int fd;
    int result;

    close(action->fd);
    fd = open(action->path, action->flags, action->mode);
    if (fd < 0 || fd == action->fd)
        return fd;
    result = dup2(fd, action->fd);
    close(fd);
    return result;
}

/* A descriptor that becomes itself is to stay open. */
static int do_dup2(const struct __spawn_action *action)
{
    int flags;

    if (action->fd != action->target)
        return dup2(action->fd, action->target);
    flags = fcntl(action->fd, F_GETFD);
    return flags < 0 ? -1 : fcntl(action->fd, F_SETFD, flags & ~FD_CLOEXEC);
}

static int do_action(const struct __spawn_action *action)
{
    switch (action->kind) {
    case OPEN:
        return do_open(action);
    case DUP2:
        return do_dup2(action);
    case CLOSE:
        close(action->fd);
        return 0;
    case CHDIR:
        return chdir(action->path);
    case FCHDIR:
        return fchdir(action->fd);
    case CLOSEFROM:
        closefrom(action->fd);
        return 0;
    case TCSETPGRP:
        return tcsetpgrp(action->fd, getpgrp());
    }
    return 0;
}

static int set_schedule(const posix_spawnattr_t *attributes)
{
    struct sched_param param = {.sched_priority = attributes->__priority};

    if (attributes->__flags & POSIX_SPAWN_SETSCHEDULER)
        return sched_setscheduler(0, attributes->__policy, &param);
    if (attributes->__flags & POSIX_SPAWN_SETSCHEDPARAM)
        return sched_setparam(0, &param);
    return 0;
}

static int set_attributes(const posix_spawnattr_t *attributes)
{
    short flags = attributes->__flags;

    if ((flags & POSIX_SPAWN_SETSID) && setsid() < 0)
        return -1;
    if ((flags & POSIX_SPAWN_SETPGROUP) && setpgid(0, attributes->__group) < 0)
        return -1;
    if (set_schedule(attributes) < 0)
        return -1;
    if ((flags & POSIX_SPAWN_RESETIDS) &&
        (setegid(getgid()) < 0 || seteuid(getuid()) < 0))
        return -1;
    return 0;
}

/* Take away every handler, and what the attributes want to be the default. */
static void reset_signals(const posix_spawnattr_t *attributes)
{
    struct sigaction action;

    for (int signo = 1; signo < NSIG; signo++) {
        int is_default = attributes->__flags & POSIX_SPAWN_SETSIGDEF &&
                         sigismember(&attributes->__defaults, signo) == 1;

        if (!is_default &&
            (sigaction(signo, NULL, &action) < 0 ||
             action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN))
            continue;
        memset(&action, 0, sizeof(action));
        action.sa_handler = SIG_DFL;
        sigaction(signo, &action, NULL);
    }
}

struct start {
    const char *path;
    int (*exec)(const char *, char *const *, char *const *);
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
    char *const *argv;
    char *const *envp;
    sigset_t mask; /* of the caller */
};

/* In the child: start the program. Return only on failure, with errno. */
static void run(const struct start *start)
{
    static const posix_spawnattr_t none;
    const posix_spawnattr_t *attributes =
        start->attributes != NULL ? start->attributes : &none;
    const sigset_t *mask = attributes->__flags & POSIX_SPAWN_SETSIGMASK
                               ? &attributes->__mask
                               : &start->mask;

    reset_signals(attributes);
    if (set_attributes(attributes) < 0)
        return;
    if (start->actions != NULL) {
        for (struct __spawn_action *a = start->actions->__first; a; a = a->next)
            if (do_action(a) < 0)
                return;
    }
    sigprocmask(SIG_SETMASK, mask, NULL);
    start->exec(start->path, start->argv, start->envp);
}

static int spawn(pid_t *result, struct start *start)
{
    volatile int error = 0;
    int saved = errno;
    sigset_t all;
    pid_t pid;

    if (start->envp == NULL)
        start->envp = environ;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &start->mask);
    pid = vfork();
    if (pid == 0) {
        run(start);
        error = errno;
        _exit(127);
    }
    if (pid < 0)
        error = errno;
    else if (error != 0)
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    else if (result != NULL)
        *result = pid;
    sigprocmask(SIG_SETMASK, &start->mask, NULL);
    errno = saved;
    return error;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes,
                char *const argv[], char *const envp[])
{
    struct start start = {.path = path,
                          .exec = execve,
                          .actions = actions,
                          .attributes = attributes,
                          .argv = argv,
                          .envp = envp};

    return spawn(pid, &start);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes,
                 char *const argv[], char *const envp[])
{
    struct start start = {.path = file,
                          .exec = execvpe,
                          .actions = actions,
                          .attributes = attributes,
                          .argv = argv,
                          .envp = envp};

    return spawn(pid, &start);
}

/* ---- file actions -------------------------------------------------------- */

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
    actions->__first = NULL;
    actions->__end = NULL;
    return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
    struct __spawn_action *action = actions->__first;

    while (action != NULL) {
        struct __spawn_action *next = action->next;

        free(action);
        action = next;
    }
    return posix_spawn_file_actions_init(actions);
}

static int is_bad(int fd)
{
    long limit = sysconf(_SC_OPEN_MAX);

    return fd < 0 || (limit >= 0 && fd >= limit);
}

/* Append an action. `path` is copied, unless it is NULL. */
static int add(posix_spawn_file_actions_t *actions,
               const struct __spawn_action *action, const char *path)
{
    int saved = errno;
    size_t length = path != NULL ? strlen(path) + 1 : 0;
    struct __spawn_action *copy = malloc(sizeof(*copy) + length);

    if (copy == NULL) {
        errno = saved;
        return ENOMEM;
    }
    *copy = *action;
    copy->next = NULL;
    if (path != NULL)
        memcpy(copy->path, path, length);
    if (actions->__first == NULL)
        actions->__first = copy;
    else
        *actions->__end = copy;
    actions->__end = &copy->next;
    return 0;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict to,
                                     int fd, const char *restrict path,
                                     int flags, mode_t mode)
{
    struct __spawn_action action = {.kind = OPEN,
                                    .fd = fd,
                                    .flags = flags,
                                    .mode = mode};

    return is_bad(fd) ? EBADF : add(to, &action, path);
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *to, int fd,
                                     int target)
{
    struct __spawn_action action = {.kind = DUP2, .fd = fd, .target = target};

    return is_bad(fd) || is_bad(target) ? EBADF : add(to, &action, NULL);
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *to, int fd)
{
    struct __spawn_action action = {.kind = CLOSE, .fd = fd};

    return is_bad(fd) ? EBADF : add(to, &action, NULL);
}

int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t *restrict to,
                                      const char *restrict path)
{
    struct __spawn_action action = {.kind = CHDIR};

    return add(to, &action, path);
}

int posix_spawn_file_actions_addfchdir(posix_spawn_file_actions_t *to, int fd)
{
    struct __spawn_action action = {.kind = FCHDIR, .fd = fd};

    return is_bad(fd) ? EBADF : add(to, &action, NULL);
}

int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *restrict to, const char *restrict path)
{
    return posix_spawn_file_actions_addchdir(to, path);
}

int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *to,
                                          int fd)
{
    return posix_spawn_file_actions_addfchdir(to, fd);
}

int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *to,
                                             int fd)
{
    struct __spawn_action action = {.kind = CLOSEFROM, .fd = fd};

    return fd < 0 ? EBADF : add(to, &action, NULL);
}

int posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *to,
                                             int fd)
{
    struct __spawn_action action = {.kind = TCSETPGRP, .fd = fd};

    return is_bad(fd) ? EBADF : add(to, &action, NULL);
}

/* ---- attributes ---------------------------------------------------------- */

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
    memset(attributes, 0, sizeof(*attributes));
    return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes)
{
    (void)attributes;
    return 0;
}

int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags)
{
    if (flags & ~ALL_FLAGS)
        return EINVAL;
    attributes->__flags = flags;
    return 0;
}

int posix_spawnattr_setschedparam(posix_spawnattr_t *restrict attributes,
                                  const struct sched_param *restrict param)
{
    attributes->__priority = param->sched_priority;
    return 0;
}

int posix_spawnattr_getschedparam(const posix_spawnattr_t *restrict attributes,
                                  struct sched_param *restrict param)
{
    param->sched_priority = attributes->__priority;
    return 0;
}

#define GETTER(name, type, field)                                           \
    int posix_spawnattr_get##name(                                          \
        const posix_spawnattr_t *restrict attributes, type *restrict value) \
    {                                                                       \
        *value = attributes->field;                                         \
        return 0;                                                           \
    }
#define SETTER(name, type, field)                                            \
    int posix_spawnattr_set##name(posix_spawnattr_t *attributes, type value) \
    {                                                                        \
        attributes->field = value;                                           \
        return 0;                                                            \
    }
#define SET_SETTER(name, field)                                           \
    int posix_spawnattr_set##name(posix_spawnattr_t *restrict attributes, \
                                  const sigset_t *restrict value)         \
    {                                                                     \
        attributes->field = *value;                                       \
        return 0;                                                         \
    }

GETTER(flags, short, __flags)
GETTER(pgroup, pid_t, __group)
GETTER(schedpolicy, int, __policy)
GETTER(sigdefault, sigset_t, __defaults)
GETTER(sigmask, sigset_t, __mask)
SETTER(pgroup, pid_t, __group)
SETTER(schedpolicy, int, __policy)
SET_SETTER(sigdefault, __defaults)
SET_SETTER(sigmask, __mask)
