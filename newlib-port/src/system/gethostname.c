/*
 * gethostname, getdomainname, gethostid: from uname.
 *
 * Errors: ENAMETOOLONG, with as much as fits written.
 */
#include "../call.h"
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static int copy_name(char *to, size_t nbytes, const char *from)
{
    size_t length = strlen(from) + 1;

    memcpy(to, from, length < nbytes ? length : nbytes);
    return length <= nbytes ? 0 : __cairn_fail(ENAMETOOLONG);
}

int gethostname(char *name, size_t nbytes)
{
    struct utsname all;

    return uname(&all) < 0 ? -1 : copy_name(name, nbytes, all.nodename);
}

int getdomainname(char *name, size_t nbytes)
{
    struct utsname all;

    return uname(&all) < 0 ? -1 : copy_name(name, nbytes, all.domainname);
}

/* There is no network address to be known by. */
long gethostid(void)
{
    return 0;
}
