/*
 * The state of an interrupted program, third argument of a handler that was
 * installed with SA_SIGINFO.
 */
#ifndef _UCONTEXT_H
#define _UCONTEXT_H

#include <sys/cdefs.h>
#define __NEED_SIGNALS
#include <sys/signal.h>
#include <signal.h>

/* Indexes into gregs, in the order of the kernel's frame. */
#if __GNU_VISIBLE
enum {
    REG_GS,
    REG_FS,
    REG_ES,
    REG_DS,
    REG_EDI,
    REG_ESI,
    REG_EBP,
    REG_ESP,
    REG_EBX,
    REG_EDX,
    REG_ECX,
    REG_EAX,
    REG_TRAPNO,
    REG_ERR,
    REG_EIP,
    REG_CS,
    REG_EFL,
    REG_UESP,
    REG_SS
};
#endif

#define NGREG 19

typedef int greg_t;
typedef greg_t gregset_t[NGREG];
typedef struct __cairn_fpstate *fpregset_t;

typedef struct {
    gregset_t gregs;
    fpregset_t fpregs;
    unsigned long oldmask;
    unsigned long cr2;
} mcontext_t;

typedef struct ucontext_t {
    unsigned long uc_flags;
    struct ucontext_t *uc_link;
    stack_t uc_stack;
    mcontext_t uc_mcontext;
    sigset_t uc_sigmask;
} ucontext_t;

_Static_assert(sizeof(ucontext_t) == sizeof(struct __cairn_ucontext),
               "ucontext_t is the kernel's");

#endif
