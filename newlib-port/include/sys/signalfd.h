/*
 * Signals as a file.
 */
#ifndef _SYS_SIGNALFD_H
#define _SYS_SIGNALFD_H

#include <sys/cdefs.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/_sigset.h>
#include <cairn/event.h>

#if !defined(_SIGSET_T_DECLARED)
#    define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#define SFD_CLOEXEC  02000000
#define SFD_NONBLOCK 04000

/* As struct __cairn_signalfd_siginfo. */
struct signalfd_siginfo {
    uint32_t ssi_signo;
    int32_t ssi_errno;
    int32_t ssi_code;
    uint32_t ssi_pid;
    uint32_t ssi_uid;
    int32_t ssi_fd;
    uint32_t ssi_tid;
    uint32_t ssi_band;
    uint32_t ssi_overrun;
    uint32_t ssi_trapno;
    int32_t ssi_status;
    int32_t ssi_int;
    uint64_t ssi_ptr;
    uint64_t ssi_utime;
    uint64_t ssi_stime;
    uint64_t ssi_addr;
    uint16_t ssi_addr_lsb;
    uint16_t __pad2;
    int32_t ssi_syscall;
    uint64_t ssi_call_addr;
    uint32_t ssi_arch;
    uint8_t __pad[28];
};

__BEGIN_DECLS

int signalfd(int, const sigset_t *, int);

__END_DECLS

#endif
