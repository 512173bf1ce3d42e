/*
 * Signals: newlib's <signal.h> includes this.
 *
 * A program of ISO C alone sees the six signals of that standard, as long as it
 * includes no header that wants more, which then defines __NEED_SIGNALS.
 */
#include "_ansi.h"
#include <sys/cdefs.h>
#include <sys/features.h>

#ifndef _SIG_FUNC_PTR_DECLARED
#    define _SIG_FUNC_PTR_DECLARED
typedef void (*_sig_func_ptr)(int);
#endif

#if !__POSIX_VISIBLE && !defined(__NEED_SIGNALS)
#    ifndef SIGINT
#        define SIGINT  2
#        define SIGILL  4
#        define SIGABRT 6
#        define SIGFPE  8
#        define SIGSEGV 11
#        define SIGTERM 15
#    endif
#elif !defined(_SYS_SIGNAL_H)
#    define _SYS_SIGNAL_H

#    include <sys/types.h>
#    include <sys/_sigset.h>
#    include <sys/_timespec.h>
#    include <cairn/signal.h>

__BEGIN_DECLS

#    if !defined(_SIGSET_T_DECLARED)
#        define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#    endif

#    define NSIG     (__CAIRN_NSIG + 1)
#    define _NSIG    NSIG

/* The first two queued signals are kept for threads, as other libcs do. */
#    define SIGRTMIN (__CAIRN_SIGRT_FIRST + 2)
#    define SIGRTMAX __CAIRN_NSIG

typedef struct __cairn_siginfo siginfo_t;

#    define si_pid     si.rt.pid
#    define si_uid     si.rt.uid
#    define si_value   si.rt.value
#    define si_int     si.rt.value.sival_int
#    define si_ptr     si.rt.value.sival_ptr
#    define si_timerid si.timer.id
#    define si_overrun si.timer.overrun
#    define si_status  si.chld.status
#    define si_utime   si.chld.utime
#    define si_stime   si.chld.stime
#    define si_addr    si.fault.addr
#    define si_band    si.poll.band
#    define si_fd      si.poll.fd

struct sigaction {
    union {
        _sig_func_ptr __handler;
        void (*__sigaction)(int, siginfo_t *, void *);
    } __sa;
    sigset_t sa_mask;
    int sa_flags;
};

#    define sa_handler   __sa.__handler
#    define sa_sigaction __sa.__sigaction

typedef struct sigaltstack {
    void *ss_sp;
    int ss_flags;
    size_t ss_size;
} stack_t;

/* 64 bytes, as the kernel knows it. */
struct sigevent {
    union sigval sigev_value;
    int sigev_signo;
    int sigev_notify;
    union {
        char __pad[52];
        int __tid;
        struct {
            void (*__function)(union sigval);
            void *__attributes;
        } __call;
    } __sev;
};

#    define sigev_notify_function   __sev.__call.__function
#    define sigev_notify_attributes __sev.__call.__attributes
#    define sigev_notify_thread_id  __sev.__tid

#    if __POSIX_VISIBLE
int kill(pid_t, int);
int sigaction(int, const struct sigaction *__restrict,
              struct sigaction *__restrict);
int sigaddset(sigset_t *, int);
int sigdelset(sigset_t *, int);
int sigemptyset(sigset_t *);
int sigfillset(sigset_t *);
int sigismember(const sigset_t *, int);
int sigpending(sigset_t *);
int sigprocmask(int, const sigset_t *__restrict, sigset_t *__restrict);
int sigsuspend(const sigset_t *);
int sigwait(const sigset_t *__restrict, int *__restrict);
#    endif

#    if __POSIX_VISIBLE >= 199309
int sigqueue(pid_t, int, union sigval);
#        if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
#            define SIG2STR_MAX 17
int sig2str(int, char *);
int str2sig(const char *__restrict, int *__restrict);
#        endif
int sigtimedwait(const sigset_t *__restrict, siginfo_t *__restrict,
                 const struct timespec *__restrict);
int sigwaitinfo(const sigset_t *__restrict, siginfo_t *__restrict);
#    endif

#    if __POSIX_VISIBLE >= 199506
int pthread_sigmask(int, const sigset_t *__restrict, sigset_t *__restrict);
#        ifdef _SYS__PTHREADTYPES_H_
int pthread_kill(pthread_t, int);
#        endif
#    endif

#    if __BSD_VISIBLE || __XSI_VISIBLE >= 4
int killpg(pid_t, int);
int siginterrupt(int, int);
#    endif

#    if __BSD_VISIBLE || __XSI_VISIBLE >= 4 || __POSIX_VISIBLE >= 200809
int sigaltstack(const stack_t *__restrict, stack_t *__restrict);
void psiginfo(const siginfo_t *, const char *);
#    endif

#    if __XSI_VISIBLE || __GNU_VISIBLE
#        define SIG_HOLD ((_sig_func_ptr)2)
int sighold(int);
int sigignore(int);
int sigrelse(int);
_sig_func_ptr sigset(int, _sig_func_ptr);
/* System V's: it takes a signal, not a mask. */
int sigpause(int) __asm__("__xpg_sigpause");
#    elif __BSD_VISIBLE
int sigpause(int);
#    endif

#    if __BSD_VISIBLE
#        define sigmask(sig) (1 << ((sig)-1))
int sigblock(int);
int sigsetmask(int);
int siggetmask(void);
extern const char *const sys_siglist[];
#    endif

#    if __GNU_VISIBLE
int sigisemptyset(const sigset_t *);
int sigandset(sigset_t *, const sigset_t *, const sigset_t *);
int sigorset(sigset_t *, const sigset_t *, const sigset_t *);
int tgkill(pid_t, pid_t, int);
#    endif

__END_DECLS

#    ifndef _SIGNAL_H_
/* Some still include this file alone. */
#        include <signal.h>
#    endif

#    if __BSD_VISIBLE || __XSI_VISIBLE >= 4 || __POSIX_VISIBLE >= 200809
#        include <ucontext.h>
#    endif

#endif
