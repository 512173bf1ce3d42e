/*
 * initgroups: make the groups that list a user this process's.
 *
 * Errors: those of setgroups; ENOMEM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdlib.h>

int initgroups(const char *user, gid_t group)
{
    gid_t *list = NULL;
    int count = 16;
    int result;

    for (;;) {
        int room = count;
        gid_t *longer = reallocarray(list, (size_t)room, sizeof(*list));

        if (longer == NULL) {
            free(list);
            return -1;
        }
        list = longer;
        result = getgrouplist(user, group, list, &count);
        if (result >= 0 || count <= room)
            break;
    }
    if (result >= 0)
        result = setgroups((size_t)result, list);
    free(list);
    return result;
}
