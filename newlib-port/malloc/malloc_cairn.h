/*
 * What Cairn's malloc offers beyond <malloc.h> of newlib.
 */
#ifndef CAIRN_MALLOC_H
#define CAIRN_MALLOC_H

#include <stddef.h>
#include <stdio.h>
#include <malloc.h>

#ifndef __GLIBC__
/* glibc's: like mallinfo, with counters that do not wrap. */
struct mallinfo2 {
    size_t arena, ordblks, smblks, hblks, hblkhd;
    size_t usmblks, fsmblks, uordblks, fordblks, keepcost;
};
#endif

/*
 * Walk the whole heap and test every invariant that README.md states.
 *
 * Returns NULL when all hold, or the sentence of the first that does not.
 * Changes nothing, allocates nothing; may be called at any time.
 */
const char *malloc_check(void);

/*
 * Called after each operation while not NULL, once MALLOC_CONF=trace or
 * malloc_set_trace() switched tracing on: what = "malloc", "free", "realloc",
 * ...; p the result, n the size asked for, old the block given.
 */
void malloc_set_trace(void (*hook)(const char *what, void *p, size_t n,
                                   void *old));

struct mallinfo2 mallinfo2(void);
int malloc_info(int options, FILE *out);
void *reallocarray(void *p, size_t n, size_t size);
void freezero(void *p, size_t nbytes);
void free_sized(void *p, size_t nbytes);
void free_aligned_sized(void *p, size_t align, size_t nbytes);

#endif
