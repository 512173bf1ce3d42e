/*
 * wait4, waitpid, waitid: options and the status word.
 *
 *   exited    bits 8-15 the status, bits 0-6 zero
 *   killed    bits 0-6 the signal, bit 7 set if a core was dumped
 *   stopped   bits 0-7 0x7f, bits 8-15 the signal
 *   continued 0xffff
 */
#ifndef _CAIRN_WAIT_H
#define _CAIRN_WAIT_H

#define WNOHANG     0x00000001
#define WUNTRACED   0x00000002
#define WSTOPPED    0x00000002
#define WEXITED     0x00000004
#define WCONTINUED  0x00000008
#define WNOWAIT     0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL      0x40000000
#define __WCLONE    0x80000000

/* waitid's first argument, idtype_t of POSIX. */
#define __CAIRN_P_ALL   0
#define __CAIRN_P_PID   1
#define __CAIRN_P_PGID  2
#define __CAIRN_P_PIDFD 3

#define __W_EXITED(status) (((status)&0xff) << 8)
#define __W_STOPPED(sig)   (((sig) << 8) | 0x7f)
#define __W_CONTINUED      0xffff
#define __W_CORE           0x80

#define WEXITSTATUS(s)  (((s) >> 8) & 0xff)
#define WTERMSIG(s)     ((s)&0x7f)
#define WSTOPSIG(s)     WEXITSTATUS(s)
#define WCOREDUMP(s)    (((s)&__W_CORE) != 0)
#define WIFEXITED(s)    (WTERMSIG(s) == 0)
#define WIFSTOPPED(s)   (((s)&0xff) == 0x7f)
#define WIFSIGNALED(s)  ((signed char)(((s)&0x7f) + 1) >> 1 > 0)
#define WIFCONTINUED(s) ((s) == __W_CONTINUED)

#endif
