/*
 * issetugid: whether the program runs with more rights than its caller, by the
 * kernel's word.
 */
#include "start.h"
#include <unistd.h>

int issetugid(void)
{
    unsigned long secure = 0;

    __cairn_auxv_get(AT_SECURE, &secure);
    return secure != 0;
}
