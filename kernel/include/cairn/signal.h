/*
 * Signals: numbers, flags and the structs of Linux i386, up to the frame that
 * a handler sees on its stack.
 *
 * All rt_ calls take the size of the signal set as their last argument, which
 * must be __CAIRN_SIGSET_BYTES.
 */
#ifndef _CAIRN_SIGNAL_H
#define _CAIRN_SIGNAL_H

#include <cairn/types.h>

#define SIGHUP    1
#define SIGINT    2
#define SIGQUIT   3
#define SIGILL    4
#define SIGTRAP   5
#define SIGABRT   6
#define SIGIOT    SIGABRT
#define SIGBUS    7
#define SIGFPE    8
#define SIGKILL   9
#define SIGUSR1   10
#define SIGSEGV   11
#define SIGUSR2   12
#define SIGPIPE   13
#define SIGALRM   14
#define SIGTERM   15
#define SIGSTKFLT 16
#define SIGCHLD   17
#define SIGCLD    SIGCHLD
#define SIGCONT   18
#define SIGSTOP   19
#define SIGTSTP   20
#define SIGTTIN   21
#define SIGTTOU   22
#define SIGURG    23
#define SIGXCPU   24
#define SIGXFSZ   25
#define SIGVTALRM 26
#define SIGPROF   27
#define SIGWINCH  28
#define SIGIO     29
#define SIGPOLL   SIGIO
#define SIGPWR    30
#define SIGSYS    31

/* Signals are 1 to 64; the queued ones begin at 32. */
#define __CAIRN_NSIG         64
#define __CAIRN_SIGRT_FIRST  32
#define __CAIRN_SIGSET_BYTES 8

/* Bit signo - 1 of the 64 stands for a signal. */
struct __cairn_sigset {
    __cairn_u32 bits[2];
};

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO   0x00000004
#define SA_RESTORER  0x04000000
#define SA_ONSTACK   0x08000000
#define SA_RESTART   0x10000000
#define SA_NODEFER   0x40000000
#define SA_RESETHAND 0x80000000
#define SA_NOMASK    SA_NODEFER
#define SA_ONESHOT   SA_RESETHAND

#define __CAIRN_SIG_DFL 0u
#define __CAIRN_SIG_IGN 1u

/* rt_sigaction. */
struct __cairn_sigaction {
    __cairn_uptr handler;
    __cairn_u32 flags;     /* SA_* */
    __cairn_uptr restorer; /* valid with SA_RESTORER */
    struct __cairn_sigset mask;
};

/* sigaltstack. */
#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ   2048
#define SIGSTKSZ      8192

struct __cairn_stack {
    __cairn_uptr ss_sp;
    __cairn_s32 ss_flags;
    __cairn_u32 ss_size;
};

/* What a sender may attach to a queued signal. */
union sigval {
    int sival_int;
    void *sival_ptr;
};

/*
 * siginfo, 128 bytes.  si_code says which part of the union is valid: below 1
 * a process sent it, above 0 the kernel did.
 */
struct __cairn_siginfo {
    __cairn_s32 si_signo;
    __cairn_s32 si_errno;
    __cairn_s32 si_code;
    union {
        __cairn_s32 pad[29];
        struct { /* kill, tgkill, sigqueue */
            __cairn_s32 pid;
            __cairn_u32 uid;
            union sigval value;
        } rt;
        struct { /* POSIX timers */
            __cairn_s32 id;
            __cairn_s32 overrun;
            union sigval value;
        } timer;
        struct { /* SIGCHLD */
            __cairn_s32 pid;
            __cairn_u32 uid;
            __cairn_s32 status;
            __cairn_s32 utime;
            __cairn_s32 stime;
        } chld;
        struct { /* SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP */
            void *addr;
        } fault;
        struct { /* SIGPOLL */
            __cairn_s32 band;
            __cairn_s32 fd;
        } poll;
    } si;
};

/* How a timer or a message queue tells that something happened. */
#define SIGEV_SIGNAL    0
#define SIGEV_NONE      1
#define SIGEV_THREAD    2
#define SIGEV_THREAD_ID 4

/* struct sigevent; what follows is the libc's, up to 64 bytes. */
struct __cairn_sigevent {
    union sigval value;
    __cairn_s32 signo;
    __cairn_s32 notify; /* SIGEV_* */
    __cairn_s32 tid;    /* of SIGEV_THREAD_ID */
};

/* si_code, any signal. */
#define SI_USER    0
#define SI_KERNEL  0x80
#define SI_QUEUE   (-1)
#define SI_TIMER   (-2)
#define SI_MESGQ   (-3)
#define SI_ASYNCIO (-4)
#define SI_SIGIO   (-5)
#define SI_TKILL   (-6)

#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define ILL_PRVREG 6
#define ILL_COPROC 7
#define ILL_BADSTK 8

#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define FPE_FLTSUB 8

#define SEGV_MAPERR 1
#define SEGV_ACCERR 2

#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_OBJERR 3

#define TRAP_BRKPT  1
#define TRAP_TRACE  2
#define TRAP_HWBKPT 4

#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

#define POLL_IN  1
#define POLL_OUT 2
#define POLL_MSG 3
#define POLL_ERR 4
#define POLL_PRI 5
#define POLL_HUP 6

/*
 * The FPU and SSE state in a signal frame: the FSAVE image of 112 bytes, then
 * the FXSAVE image of 512 when magic is 0 (0xffff: FSAVE only).  sigcontext's
 * fpstate points at it, aligned so that fxsave lies on 16 bytes.
 */
struct __cairn_fpstate {
    __cairn_u32 cw;
    __cairn_u32 sw;
    __cairn_u32 tag;
    __cairn_u32 ipoff;
    __cairn_u32 cssel;
    __cairn_u32 dataoff;
    __cairn_u32 datasel;
    __cairn_u16 st[8][5];
    __cairn_u16 status;
    __cairn_u16 magic;
    __cairn_u8 fxsave[512];
};

/* The registers of the interrupted program. */
struct __cairn_sigcontext {
    __cairn_u32 gs; /* selectors: low 16 bits */
    __cairn_u32 fs;
    __cairn_u32 es;
    __cairn_u32 ds;
    __cairn_u32 edi;
    __cairn_u32 esi;
    __cairn_u32 ebp;
    __cairn_u32 esp;
    __cairn_u32 ebx;
    __cairn_u32 edx;
    __cairn_u32 ecx;
    __cairn_u32 eax;
    __cairn_u32 trapno;
    __cairn_u32 err;
    __cairn_u32 eip;
    __cairn_u32 cs;
    __cairn_u32 eflags;
    __cairn_u32 esp_at_signal;
    __cairn_u32 ss;
    __cairn_uptr fpstate; /* struct __cairn_fpstate, or 0 */
    __cairn_u32 oldmask;
    __cairn_u32 cr2;
};

struct __cairn_ucontext {
    __cairn_u32 uc_flags;
    __cairn_uptr uc_link;
    struct __cairn_stack uc_stack;
    struct __cairn_sigcontext uc_mcontext;
    struct __cairn_sigset uc_sigmask;
};

/*
 * What lies at ESP when a handler with SA_SIGINFO starts; rt_sigreturn finds
 * it at ESP - 4, since the handler's return has popped pretcode.
 */
struct __cairn_rt_sigframe {
    __cairn_uptr pretcode; /* where the handler returns to */
    __cairn_s32 signo;
    __cairn_uptr info_ptr; /* of info below */
    __cairn_uptr uc_ptr;   /* of uc below */
    struct __cairn_siginfo info;
    struct __cairn_ucontext uc;
    __cairn_u8 retcode[8];
};

/* The same without SA_SIGINFO; sigreturn finds it at ESP - 8. */
struct __cairn_sigframe {
    __cairn_uptr pretcode;
    __cairn_s32 signo;
    struct __cairn_sigcontext sc;
    struct __cairn_fpstate fpstate_unused;
    __cairn_u32 extramask[1]; /* high half of the mask */
    __cairn_u8 retcode[8];
};

_Static_assert(sizeof(struct __cairn_sigaction) == 20, "sigaction layout");
_Static_assert(sizeof(struct __cairn_sigcontext) == 88, "sigcontext layout");
_Static_assert(sizeof(struct __cairn_ucontext) == 116, "ucontext layout");
_Static_assert(sizeof(struct __cairn_fpstate) == 624, "fpstate layout");
_Static_assert(sizeof(void *) != 4 || sizeof(struct __cairn_siginfo) == 128,
               "siginfo layout");

#endif
