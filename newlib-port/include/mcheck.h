/*
 * The GNU library's checks of the heap, over Cairn's own (<cairn/malloc.h>).
 */
#ifndef _MCHECK_H
#define _MCHECK_H

#include <sys/cdefs.h>

enum mcheck_status {
    MCHECK_DISABLED = -1,
    MCHECK_OK,
    MCHECK_FREE,
    MCHECK_HEAD,
    MCHECK_TAIL
};

__BEGIN_DECLS

int mcheck(void (*)(enum mcheck_status));
int mcheck_pedantic(void (*)(enum mcheck_status));
void mcheck_check_all(void);
enum mcheck_status mprobe(void *);
void mtrace(void);
void muntrace(void);

__END_DECLS

#endif
