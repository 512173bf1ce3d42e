/*
 * passwd.c - the data base of users, /etc/passwd: lines of
 *
 *     name:password:user:group:comment:home:shell
 *
 * A line that has not this form is skipped.  getpwuid, getpwnam and getpwent
 * share a buffer that the next call overwrites.
 *
 * Errors: those of fopen; ERANGE when the caller's buffer is too small.
 */
#include "../call.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD_FILE "/etc/passwd"
#define FIELDS      7

static FILE *stream; /* of getpwent */
static struct passwd shared_user;
static char *shared_line;
static size_t shared_room;

/* A whole field of digits as a number; -1 if it is none. */
static int parse_number(const char *text, unsigned long *number)
{
    char *end;

    *number = strtoul(text, &end, 10);
    return *text != '\0' && *end == '\0' ? 0 : -1;
}

/* Split a line in place; -1 if it is no user's. */
static int split(char *line, struct passwd *user)
{
    char *field[FIELDS];
    unsigned long uid;
    unsigned long gid;

    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < FIELDS; i++) {
        field[i] = strsep(&line, ":");
        if (field[i] == NULL)
            return -1;
    }
    if (*field[0] == '\0' || parse_number(field[2], &uid) < 0 ||
        parse_number(field[3], &gid) < 0)
        return -1;
    *user = (struct passwd){.pw_name = field[0],
                            .pw_passwd = field[1],
                            .pw_uid = (uid_t)uid,
                            .pw_gid = (gid_t)gid,
                            .pw_comment = field[4],
                            .pw_gecos = field[4],
                            .pw_dir = field[5],
                            .pw_shell = field[6]};
    return 0;
}

/* The next user of a file, or null. */
static struct passwd *read_user(FILE *file)
{
    do {
        if (getline(&shared_line, &shared_room, file) < 0)
            return NULL;
    } while (split(shared_line, &shared_user) < 0);
    return &shared_user;
}

/* By name, or by number when the name is null. */
static struct passwd *find(const char *name, uid_t uid)
{
    FILE *file = fopen(PASSWD_FILE, "re");
    struct passwd *user;

    if (file == NULL)
        return NULL;
    do
        user = read_user(file);
    while (user != NULL && (name != NULL ? strcmp(user->pw_name, name) != 0
                                         : user->pw_uid != uid));
    fclose(file);
    return user;
}

struct passwd *getpwuid(uid_t uid)
{
    return find(NULL, uid);
}

struct passwd *getpwnam(const char *name)
{
    return find(name, 0);
}

struct passwd *getpwent(void)
{
    if (stream == NULL)
        stream = fopen(PASSWD_FILE, "re");
    return stream != NULL ? read_user(stream) : NULL;
}

void setpwent(void)
{
    if (stream != NULL)
        rewind(stream);
}

void endpwent(void)
{
    if (stream != NULL)
        fclose(stream);
    stream = NULL;
}

/* BSD's: the file is never kept open between searches; true for success. */
int setpassent(int keep_open)
{
    (void)keep_open;
    setpwent();
    return 1;
}

/* Copy a string to *room and move that on; null when it does not fit. */
static char *store(const char *text, char **room, size_t *nbytes)
{
    size_t length = strlen(text) + 1;
    char *copy = *room;

    if (length > *nbytes)
        return NULL;
    memcpy(copy, text, length);
    *room += length;
    *nbytes -= length;
    return copy;
}

static int copy_user(const struct passwd *from, struct passwd *to, char *buffer,
                     size_t nbytes)
{
    *to = *from;
    to->pw_name = store(from->pw_name, &buffer, &nbytes);
    to->pw_passwd = store(from->pw_passwd, &buffer, &nbytes);
    to->pw_gecos = store(from->pw_gecos, &buffer, &nbytes);
    to->pw_comment = to->pw_gecos;
    to->pw_dir = store(from->pw_dir, &buffer, &nbytes);
    to->pw_shell = store(from->pw_shell, &buffer, &nbytes);
    if (to->pw_name == NULL || to->pw_passwd == NULL || to->pw_gecos == NULL ||
        to->pw_dir == NULL || to->pw_shell == NULL)
        return ERANGE;
    return 0;
}

static int find_r(const char *name, uid_t uid, struct passwd *user,
                  char *buffer, size_t nbytes, struct passwd **result)
{
    int saved = errno;
    struct passwd *found;
    int error;

    *result = NULL;
    errno = 0;
    found = find(name, uid);
    error = errno;
    errno = saved;
    if (found == NULL)
        return error == ENOENT ? 0 : error;
    error = copy_user(found, user, buffer, nbytes);
    if (error == 0)
        *result = user;
    return error;
}

int getpwnam_r(const char *name, struct passwd *user, char *buffer,
               size_t nbytes, struct passwd **result)
{
    return find_r(name, 0, user, buffer, nbytes, result);
}

int getpwuid_r(uid_t uid, struct passwd *user, char *buffer, size_t nbytes,
               struct passwd **result)
{
    return find_r(NULL, uid, user, buffer, nbytes, result);
}
