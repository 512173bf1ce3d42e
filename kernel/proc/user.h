/*
 * What a user has of the things that there are only so many of. A user is a
 * real user id: who starts a set-id program pays for it.
 */
#ifndef PROC_USER_H
#define PROC_USER_H

#include "lib/list.h"
#include "lib/types.h"
#include "proc/process.h"

struct user {
    struct list link;    /* in the list of users */
    uint32_t uid;        /* (c) */
    unsigned refs;       /* processes and terminals */
    unsigned nprocesses; /* threads of them; a zombie counts as one */
    unsigned nsiginfos;  /* (i) queued signals, of all its processes */
    unsigned nptys;      /* terminals that it has opened */
    unsigned nwatches;   /* of epoll */
    uint64_t mq_bytes;   /* what its message queues may hold */
    uint64_t ipc_bytes;  /* what System V's objects of its may take */
    bool claimed;        /* see user_claim */
};

/* The user of this id, counted: -ENOMEM. Root is always there. */
int user_get(uint32_t uid, struct user **out) must_check;
void user_put(struct user *user);

/* Another reference. */
static inline struct user *user_again(struct user *user)
{
    user->refs++;
    return user;
}

/*
 * Make `user`, whose reference passes on, the user of a process, which has
 * one already or (NULL) is new. Processes and queued signals are counted.
 */
void user_take_process(struct user *user, struct process *p);

/* The process is gone. */
void user_drop_process(struct process *p);

/* May the process queue one more signal (RLIMIT_SIGPENDING)? */
static inline bool user_may_queue(const struct process *p)
{
    return p->user->nsiginfos < p->limits[RLIMIT_SIGPENDING].cur;
}

/*
 * May the running process have one more child or thread: RLIMIT_NPROC, and for
 * users together a part of what the machine can hold. Root may.
 */
bool user_may_fork(void);

/* Has the user of the process more than RLIMIT_NPROC allows? */
bool user_is_over_limit(const struct process *p);

/* For leak checks: claim who holds something that stays, each once. */
void user_claim_none(void);
void user_claim(struct user *user);

/* How many processes the machine is meant for, by the size of its memory. */
unsigned user_max_processes(void);

#endif
