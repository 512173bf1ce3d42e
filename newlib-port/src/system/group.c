/*
 * group.c - the data base of groups, /etc/group: lines of
 *
 *     name:password:number:member,member,...
 *
 * A line that has not this form is skipped.  getgrgid, getgrnam and getgrent
 * share a buffer that the next call overwrites.
 *
 * Errors: those of fopen; ERANGE when the caller's buffer is too small.
 */
#include "../call.h"
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUP_FILE "/etc/group"

static FILE *stream; /* of getgrent */
static struct group shared_group;
static char *shared_line;
static size_t shared_room;
static char **shared_members;

/* Cut the text at its next colon; returns what is behind it, or null. */
static char *cut(char *text)
{
    char *colon = strchr(text, ':');

    if (colon != NULL)
        *colon++ = '\0';
    return colon;
}

/*
 * Split a line in place.  Returns the list of members, or null if the line is
 * no group's.
 */
static char *split(char *line, struct group *group)
{
    char *number;
    char *members;
    char *end;

    line[strcspn(line, "\n")] = '\0';
    group->gr_name = line;
    group->gr_passwd = cut(line);
    if (group->gr_passwd == NULL)
        return NULL;
    number = cut(group->gr_passwd);
    if (number == NULL)
        return NULL;
    members = cut(number);
    if (members == NULL || *number == '\0' || *line == '\0')
        return NULL;
    group->gr_gid = (gid_t)strtoul(number, &end, 10);
    return *end == '\0' ? members : NULL;
}

static size_t count_members(const char *members)
{
    size_t count = 0;

    for (; *members != '\0'; members++)
        count += *members == ',';
    return count + 1;
}

/* Cut the list at its commas; the array has room for all and a null. */
static void split_members(char *members, char **array)
{
    while (*members != '\0') {
        char *comma = strchr(members, ',');

        if (*members != ',')
            *array++ = members;
        if (comma == NULL)
            break;
        *comma = '\0';
        members = comma + 1;
    }
    *array = NULL;
}

/* The next group of a file into the shared buffer, or null. */
static struct group *read_group(FILE *file)
{
    char *members;
    char **array;

    do {
        if (getline(&shared_line, &shared_room, file) < 0)
            return NULL;
        members = split(shared_line, &shared_group);
    } while (members == NULL);
    array = reallocarray(shared_members, count_members(members) + 1,
                         sizeof(*array));
    if (array == NULL)
        return NULL;
    shared_members = array;
    split_members(members, array);
    shared_group.gr_mem = array;
    return &shared_group;
}

static int matches(const struct group *group, const char *name, gid_t gid)
{
    if (name != NULL)
        return strcmp(group->gr_name, name) == 0;
    return group->gr_gid == gid;
}

/* By name, or by number when the name is null. */
static struct group *find(const char *name, gid_t gid)
{
    FILE *file = fopen(GROUP_FILE, "re");
    struct group *group;

    if (file == NULL)
        return NULL;
    do
        group = read_group(file);
    while (group != NULL && !matches(group, name, gid));
    fclose(file);
    return group;
}

struct group *getgrgid(gid_t gid)
{
    return find(NULL, gid);
}

struct group *getgrnam(const char *name)
{
    return find(name, 0);
}

struct group *getgrent(void)
{
    if (stream == NULL)
        stream = fopen(GROUP_FILE, "re");
    return stream != NULL ? read_group(stream) : NULL;
}

void setgrent(void)
{
    if (stream != NULL)
        rewind(stream);
}

void endgrent(void)
{
    if (stream != NULL)
        fclose(stream);
    stream = NULL;
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

/* The array of members at the buffer's aligned start, the strings behind. */
static int copy_group(const struct group *from, struct group *to, char *buffer,
                      size_t nbytes)
{
    size_t padding = -(uintptr_t)buffer % sizeof(char *);
    size_t count = 0;
    size_t taken;

    while (from->gr_mem[count] != NULL)
        count++;
    taken = padding + (count + 1) * sizeof(char *);
    if (taken > nbytes)
        return ERANGE;
    to->gr_gid = from->gr_gid;
    to->gr_mem = (char **)(buffer + padding);
    buffer += taken;
    nbytes -= taken;
    for (size_t i = 0; i < count; i++) {
        to->gr_mem[i] = store(from->gr_mem[i], &buffer, &nbytes);
        if (to->gr_mem[i] == NULL)
            return ERANGE;
    }
    to->gr_mem[count] = NULL;
    to->gr_name = store(from->gr_name, &buffer, &nbytes);
    to->gr_passwd = store(from->gr_passwd, &buffer, &nbytes);
    return to->gr_name != NULL && to->gr_passwd != NULL ? 0 : ERANGE;
}

static int find_r(const char *name, gid_t gid, struct group *group,
                  char *buffer, size_t nbytes, struct group **result)
{
    int saved = errno;
    struct group *found;
    int error;

    *result = NULL;
    errno = 0;
    found = find(name, gid);
    error = errno;
    errno = saved;
    if (found == NULL)
        return error == ENOENT ? 0 : error;
    error = copy_group(found, group, buffer, nbytes);
    if (error == 0)
        *result = group;
    return error;
}

int getgrnam_r(const char *name, struct group *group, char *buffer,
               size_t nbytes, struct group **result)
{
    return find_r(name, 0, group, buffer, nbytes, result);
}

int getgrgid_r(gid_t gid, struct group *group, char *buffer, size_t nbytes,
               struct group **result)
{
    return find_r(NULL, gid, group, buffer, nbytes, result);
}
