/*
 * gettid: cannot fail.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

pid_t gettid(void)
{
    return (pid_t)CALL(gettid);
}
