/*
 * Coverage of the kernel for its fuzzer (make KCOV=1): the file /dev/kcov.
 *
 * A write says that the writing thread is the one whose way through the kernel
 * counts from now on. A read gives a bit for each KCOV_UNIT bytes of the
 * kernel's text, set where it has been since the last read from the start, and
 * starts at zero. Without KCOV there is no such file.
 */
#ifndef DEV_KCOV_H
#define DEV_KCOV_H

#include "lib/types.h"

#ifdef KCOV

/* Make the file: -ENOMEM. */
int kcov_init(void) must_check;

#else

static inline int kcov_init(void)
{
    return 0;
}

#endif
#endif
