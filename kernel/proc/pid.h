/*
 * The numbers of processes, of threads, of groups and of sessions.
 *
 * The first thread of a process has the process's number, and exec gives that
 * to the thread that calls it. A group and a session have the pid of the
 * process that made them and go on after it. So a number is one object, which
 * knows its process, the members of its group and of its session; the number is
 * free again when all of these and the terminals that name it are gone.
 */
#ifndef PROC_PID_H
#define PROC_PID_H

#include "lib/list.h"
#include "lib/types.h"

struct process;
struct thread;
struct tty;

struct pid {
    int number;              /* (c) */
    struct process *process; /* (i) whose pid it is, or NULL */
    struct thread *thread;   /* (i) whose tid it is, or NULL */
    struct list group;       /* (i) of process.group_link, zombies too */
    unsigned nmembers;       /* (i) of the group */
    struct list session;     /* (i) of process.session_link */
    unsigned nanchors;       /* of the group: members that keep it from being
                                orphaned, see group.c */
    unsigned nterminals;     /* whose foreground group it is */
    struct tty *terminal;    /* of the session, or NULL; dev/tty.c owns it */
    uint64_t late;           /* (i) signals for the group: signal_send_late */
    struct list late_link;   /* (i) in the list of those that have some */
};

/* A number that nothing uses yet, going round: -EAGAIN if none is free. */
int pid_create(struct pid **out) must_check;

/* The object of a number in use, else NULL. Interrupt-safe. */
struct pid *pid_find(int number);

/* That of the lowest number in use from `number` on, or NULL. */
struct pid *pid_next(int number);

/* Free the number if nothing uses it any more; it may be free already. */
void pid_release(int number);

/* A terminal's foreground group has this number, or has it no longer. */
void pid_hold(int number);
void pid_drop(int number);

/* The number given out last. */
int pid_newest(void);

/* Walk the table: NULL, or what is broken. */
const char *pid_check(void);

#endif
