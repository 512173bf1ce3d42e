/*
 * Programs started in a new process.
 */
#ifndef _SPAWN_H
#define _SPAWN_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_sigset.h>
#include <sys/sched.h>

#ifndef _SIGSET_T_DECLARED
#    define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

typedef struct {
    short __flags;
    pid_t __group;
    sigset_t __defaults;
    sigset_t __mask;
    int __policy;
    int __priority;
    void *__spare[8];
} posix_spawnattr_t;

typedef struct {
    struct __spawn_action *__first;
    struct __spawn_action **__end;
    void *__spare[6];
} posix_spawn_file_actions_t;

#define POSIX_SPAWN_RESETIDS      0x01
#define POSIX_SPAWN_SETPGROUP     0x02
#define POSIX_SPAWN_SETSIGDEF     0x04
#define POSIX_SPAWN_SETSIGMASK    0x08
#define POSIX_SPAWN_SETSCHEDPARAM 0x10
#define POSIX_SPAWN_SETSCHEDULER  0x20
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
#    define POSIX_SPAWN_SETSID 0x80
#endif
#if __GNU_VISIBLE
#    define POSIX_SPAWN_USEVFORK 0x40
#endif

__BEGIN_DECLS

int posix_spawn(pid_t *__restrict, const char *__restrict,
                const posix_spawn_file_actions_t *,
                const posix_spawnattr_t *__restrict, char *const[],
                char *const[]);
int posix_spawnp(pid_t *__restrict, const char *__restrict,
                 const posix_spawn_file_actions_t *,
                 const posix_spawnattr_t *__restrict, char *const[],
                 char *const[]);

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *);
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *__restrict,
                                     int, const char *__restrict, int, mode_t);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *, int, int);
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *, int);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t *__restrict,
                                      const char *__restrict);
int posix_spawn_file_actions_addfchdir(posix_spawn_file_actions_t *, int);
#endif
#if __MISC_VISIBLE
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *__restrict,
                                         const char *__restrict);
int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *, int);
#endif

int posix_spawnattr_init(posix_spawnattr_t *);
int posix_spawnattr_destroy(posix_spawnattr_t *);
int posix_spawnattr_getflags(const posix_spawnattr_t *__restrict,
                             short *__restrict);
int posix_spawnattr_setflags(posix_spawnattr_t *, short);
int posix_spawnattr_getpgroup(const posix_spawnattr_t *__restrict,
                              pid_t *__restrict);
int posix_spawnattr_setpgroup(posix_spawnattr_t *, pid_t);
int posix_spawnattr_getschedparam(const posix_spawnattr_t *__restrict,
                                  struct sched_param *__restrict);
int posix_spawnattr_setschedparam(posix_spawnattr_t *__restrict,
                                  const struct sched_param *__restrict);
int posix_spawnattr_getschedpolicy(const posix_spawnattr_t *__restrict,
                                   int *__restrict);
int posix_spawnattr_setschedpolicy(posix_spawnattr_t *, int);
int posix_spawnattr_getsigdefault(const posix_spawnattr_t *__restrict,
                                  sigset_t *__restrict);
int posix_spawnattr_setsigdefault(posix_spawnattr_t *__restrict,
                                  const sigset_t *__restrict);
int posix_spawnattr_getsigmask(const posix_spawnattr_t *__restrict,
                               sigset_t *__restrict);
int posix_spawnattr_setsigmask(posix_spawnattr_t *__restrict,
                               const sigset_t *__restrict);

__END_DECLS

#endif
