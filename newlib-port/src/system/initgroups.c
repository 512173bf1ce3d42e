/*
 * initgroups: the groups that list a user become this process's.
 *
 * Errors: ENOMEM, EPERM; EINVAL for more groups than there may be.
 */
#include "../call.h"
#include <grp.h>
#include <string.h>
#include <unistd.h>

#define GROUPS_MAX 64

static int has_member(const struct group *group, const char *user)
{
    for (char **member = group->gr_mem; *member != NULL; member++) {
        if (strcmp(*member, user) == 0)
            return 1;
    }
    return 0;
}

int initgroups(const char *user, gid_t first)
{
    gid_t groups[GROUPS_MAX] = {first};
    int count = 1;
    struct group *group;

    setgrent();
    while ((group = getgrent()) != NULL) {
        if (group->gr_gid == first || !has_member(group, user))
            continue;
        if (count == GROUPS_MAX) {
            endgrent();
            return __cairn_fail(EINVAL);
        }
        groups[count++] = group->gr_gid;
    }
    endgrent();
    return setgroups(count, groups);
}
