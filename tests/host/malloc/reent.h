/*
 * newlib's <reent.h> for the guest's tests on this machine: the names with a
 * reentrancy structure are the others.
 */
#ifndef TESTS_HOST_MALLOC_REENT_H
#define TESTS_HOST_MALLOC_REENT_H

#define _REENT                NULL
#define _malloc_r(r, n)       malloc(n)
#define _calloc_r(r, n, size) calloc(n, size)
#define _realloc_r(r, p, n)   realloc(p, n)
#define _memalign_r(r, a, n)  memalign(a, n)
#define _free_r(r, p)         free(p)

#endif
