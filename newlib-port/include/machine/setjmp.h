/*
 * Buffers of setjmp and of sigsetjmp, which also holds a signal mask.
 */
#ifndef _MACHINE_SETJMP_H
#define _MACHINE_SETJMP_H

#include <sys/cdefs.h>
#include <sys/_sigset.h>

/* eax ebx ecx edx esi edi ebp esp eip, in the order of newlib's setjmp.S. */
#define _JBLEN 9
typedef int jmp_buf[_JBLEN];

#if __POSIX_VISIBLE
typedef struct {
    jmp_buf __registers;
    int __mask_was_saved;
    __sigset_t __mask;
} sigjmp_buf[1];

__BEGIN_DECLS

int sigsetjmp(sigjmp_buf, int) __attribute__((__returns_twice__));
void siglongjmp(sigjmp_buf, int) __attribute__((__noreturn__));
#    if __MISC_VISIBLE || __XSI_VISIBLE
int _setjmp(jmp_buf) __attribute__((__returns_twice__));
void _longjmp(jmp_buf, int) __attribute__((__noreturn__));
#    endif

__END_DECLS
#endif

#endif
