/*
 * Users: counting what belongs to each, so that none has all.
 *
 * The machine is meant for one process in 16 frames, as Linux reckons, and
 * for no more than there are kernel stacks. Half of it is what one user may
 * have by default; of all that is left, the last part is root's, so that root
 * can always log in and look.
 */
#include "proc/user.h"

#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sched/kstack.h"

#define FRAMES_PER_PROCESS 16u
#define MIN_PROCESSES      20u
#define SPARE_PART         16u /* of all processes: for root alone */

static struct user root = {.refs = 1};
static struct list users = LIST_INIT(users); /* all but root */

static struct user *find(uint32_t uid)
{
    struct user *user;

    list_for_each_entry(user, &users, struct user,
                        link) if (user->uid == uid) return user;
    return NULL;
}

int user_get(uint32_t uid, struct user **out)
{
    struct user *user = uid == 0 ? &root : find(uid);

    if (user == NULL) {
        user = kzalloc(sizeof(*user));
        if (user == NULL)
            return -ENOMEM;
        user->uid = uid;
        list_add_head(&users, &user->link);
    }
    *out = user_again(user);
    return 0;
}

void user_put(struct user *user)
{
    if (--user->refs > 0)
        return;
    list_remove(&user->link);
    kfree(user);
}

static unsigned length_of(const struct sigqueue *queue)
{
    const struct list *link;
    unsigned n = 0;

    list_for_each(link, &queue->infos) n++;
    return n - queue->nsources;
}

/*
 * Signals that are queued for a process, and its timers, each of which has one
 * to send; those of all are the user's count.
 */
static unsigned count_queued(const struct process *p)
{
    unsigned n = length_of(&p->queue) + p->timers.used;
    struct thread *t;

    list_for_each_entry(t, &p->threads, struct thread, proc_link) n +=
        length_of(&t->signals.queue);
    return n;
}

void user_drop_process(struct process *p)
{
    struct user *user = p->user;

    p->user = NULL;
    user->nprocesses--;
    user_put(user);
}

void user_take_process(struct user *user, struct process *p)
{
    uint32_t flags = irq_save();
    struct user *old = p->user;
    unsigned nqueued = count_queued(p);
    unsigned n = p->nthreads > 0 ? p->nthreads : 1;

    if (old != NULL)
        old->nsiginfos -= nqueued;
    user->nsiginfos += nqueued;
    user->nprocesses += n;
    p->user = user;
    irq_restore(flags);
    if (old != NULL) {
        old->nprocesses -= n;
        user_put(old);
    }
}

unsigned user_max_processes(void)
{
    size_t by_memory = frame_total() / FRAMES_PER_PROCESS;
    size_t by_stacks = KSTACK_MAX;
    size_t n = by_memory < by_stacks ? by_memory : by_stacks;

    return n > MIN_PROCESSES ? (unsigned)n : MIN_PROCESSES;
}

static bool is_unlimited(const struct process *p)
{
    return p->user == &root || p->creds.euid == 0;
}

bool user_may_fork(void)
{
    const struct process *p = current_process();
    unsigned max = user_max_processes();

    if (is_unlimited(p))
        return true;
    return p->user->nprocesses < p->limits[RLIMIT_NPROC].cur &&
           process_count_threads() < max - max / SPARE_PART;
}

bool user_is_over_limit(const struct process *p)
{
    return !is_unlimited(p) &&
           p->user->nprocesses > p->limits[RLIMIT_NPROC].cur;
}

void user_claim_none(void)
{
    struct user *user;

    list_for_each_entry(user, &users, struct user, link) user->claimed = false;
}

void user_claim(struct user *user)
{
    if (user == &root || user->claimed)
        return;
    user->claimed = true;
    kmalloc_claim(user);
}
