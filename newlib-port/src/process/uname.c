/*
 * uname: EFAULT.
 */
#include "../call.h"
#include <sys/utsname.h>

int uname(struct utsname *name)
{
    return (int)RESULT(CALL(uname, name));
}
