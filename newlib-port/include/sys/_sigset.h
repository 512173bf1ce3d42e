/* A set of 64 signals; bit signo - 1 stands for signo. */
#ifndef _SYS__SIGSET_H_
#define _SYS__SIGSET_H_

typedef struct {
    unsigned long __bits[2];
} __sigset_t;

#endif
