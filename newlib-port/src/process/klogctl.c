/*
 * klogctl: EINVAL, EFAULT, EPERM, or ENOSYS for what Cairn's log has not.
 */
#include "../call.h"
#include <sys/klog.h>

int klogctl(int action, char *buf, int nbytes)
{
    return (int)RESULT(CALL(syslog, action, buf, nbytes));
}
