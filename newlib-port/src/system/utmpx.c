/*
 * utmpx.c - the file of who is logged in: records of one size, one after the
 * other.  It is opened at the first question and read from there on; a record
 * that getutxent and its kin return is overwritten by the next.
 *
 * Errors: those of open, lseek, read and write; ESRCH for a record that is not
 * there.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

static const char *path = "/var/run/utmp";
static int fd = -1;
static struct utmpx record;

static int open_file(void)
{
    if (fd < 0)
        fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -1 : 0;
}

void setutxent(void)
{
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
}

void endutxent(void)
{
    if (fd >= 0)
        close(fd);
    fd = -1;
}

int utmpxname(const char *name)
{
    static char copy[256];

    if (strlen(name) >= sizeof(copy))
        return __cairn_fail(ENAMETOOLONG);
    endutxent();
    path = strcpy(copy, name);
    return 0;
}

struct utmpx *getutxent(void)
{
    ssize_t got;

    if (open_file() < 0)
        return NULL;
    got = read(fd, &record, sizeof(record));
    if (got == (ssize_t)sizeof(record))
        return &record;
    if (got >= 0)
        errno = ESRCH;
    return NULL;
}

static int is_process(int type)
{
    return type >= INIT_PROCESS && type <= DEAD_PROCESS;
}

/* Times and run levels match by type, processes by their id. */
static int matches(const struct utmpx *found, const struct utmpx *wanted)
{
    if (!is_process(wanted->ut_type))
        return found->ut_type == wanted->ut_type;
    return is_process(found->ut_type) &&
           memcmp(found->ut_id, wanted->ut_id, sizeof(found->ut_id)) == 0;
}

struct utmpx *getutxid(const struct utmpx *wanted)
{
    struct utmpx key = *wanted; /* it may be our own record */
    struct utmpx *found;

    if (key.ut_type <= EMPTY || key.ut_type > DEAD_PROCESS) {
        errno = EINVAL;
        return NULL;
    }
    while ((found = getutxent()) != NULL && !matches(found, &key))
        ;
    return found;
}

struct utmpx *getutxline(const struct utmpx *wanted)
{
    struct utmpx key = *wanted;
    struct utmpx *found;

    while (
        (found = getutxent()) != NULL &&
        ((found->ut_type != LOGIN_PROCESS && found->ut_type != USER_PROCESS) ||
         strncmp(found->ut_line, key.ut_line, sizeof(key.ut_line)) != 0))
        ;
    return found;
}

struct utmpx *pututxline(const struct utmpx *entry)
{
    struct utmpx new = *entry;
    off_t where;

    if (open_file() < 0)
        return NULL;
    lseek(fd, 0, SEEK_SET);
    if (getutxid(&new) != NULL)
        where = lseek(fd, -(off_t)sizeof(new), SEEK_CUR);
    else if (errno == ESRCH)
        where = lseek(fd, 0, SEEK_END);
    else
        return NULL;
    if (where < 0 || write(fd, &new, sizeof(new)) != (ssize_t)sizeof(new))
        return NULL;
    record = new;
    return &record;
}

void updwtmpx(const char *name, const struct utmpx *entry)
{
    int log = open(name, O_WRONLY | O_APPEND | O_CLOEXEC);

    if (log < 0)
        return;
    (void)!write(log, entry, sizeof(*entry));
    close(log);
}
