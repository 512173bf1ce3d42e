/*
 * System V's sets of semaphores (semop(2)).
 *
 *      set      sems      values, and who changed each last
 *               waiting   calls that could not be done, the oldest first
 *               undos     one for each process that has used SEM_UNDO on it
 *      process  sem_undos the same undos
 *
 * The operations of a call are tried as a whole: those before one that cannot
 * be done are taken back. Whoever changes a set does at once what waiting calls
 * wanted and can have now, on their behalf, and wakes them with the result.
 *
 * Many may wait with many operations each, so who does that lets others run in
 * between: it holds the set, and starts over if that has changed.
 */
#include <cairn/errno.h>
#include <cairn/sem.h>

#include "lib/checkpoint.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/sysv.h"
#include "proc/user.h"

#define PENDING   1     /* no result yet: an errno is negative */
#define MANY      10000 /* operations between two chances for others */
#define UNDO_COST 64u   /* bytes, beyond two for each semaphore */

struct semaphore {
    int32_t value;
    int32_t pid;
};

struct sem_undo {
    struct list set_link;     /* in set.undos */
    struct list process_link; /* in process.sem_undos */
    struct sem_set *set;      /* (c) holds a reference */
    struct user *user;        /* (c) counted: who pays */
    uint64_t cost;            /* (c) */
    int16_t adjust[];         /* to be added when the process ends */
};

struct sem_set {
    struct sysv_object common;
    uint64_t otime;   /* of the last semop */
    uint32_t count;   /* (c) */
    uint32_t version; /* how often it has changed */
    struct list waiting;
    struct list undos;
    struct semaphore sems[];
};

/* A call of semop, on the stack of who makes it. */
struct sem_call {
    struct list link; /* in set.waiting */
    const struct __cairn_sembuf *ops;
    uint32_t nops;
    const struct __cairn_sembuf *blocking; /* the one that could not be done */
    struct sem_undo *undo;                 /* NULL: nothing is to be undone */
    int pid;
    int result; /* PENDING, or what the call returns */
    struct waitq wq;
};

static struct sem_set *set_of(struct sysv_object *object)
{
    return container_of(object, struct sem_set, common);
}

static int find(int id, struct sem_set **out)
{
    struct sysv_object *object;
    int error = sysv_find(SYSV_SEM, id, &object);

    *out = error == 0 ? set_of(object) : NULL;
    return error;
}

static void set_put(struct sem_set *set)
{
    if (sysv_put(&set->common))
        kfree(set);
}

/* ---- operations ---- */

/* What an operation on a semaphore leads to: 0, PENDING, -ERANGE. */
static int check_op(const struct sem_set *set, const struct sem_call *call,
                    const struct __cairn_sembuf *op)
{
    int32_t value = set->sems[op->sem_num].value, adjust;

    if (op->sem_op == 0)
        return value == 0 ? 0 : PENDING;
    if (value + op->sem_op < 0)
        return PENDING;
    if (value + op->sem_op > SEM_MAX_VALUE)
        return -ERANGE;
    if (!(op->sem_flg & SEM_UNDO))
        return 0;
    adjust = call->undo->adjust[op->sem_num] - op->sem_op;
    return adjust < -SEM_MAX_VALUE - 1 || adjust > SEM_MAX_VALUE ? -ERANGE : 0;
}

static void apply(struct sem_set *set, const struct sem_call *call,
                  const struct __cairn_sembuf *op, int sign)
{
    set->sems[op->sem_num].value += sign * op->sem_op;
    if (op->sem_flg & SEM_UNDO)
        call->undo->adjust[op->sem_num] =
            (int16_t)(call->undo->adjust[op->sem_num] - sign * op->sem_op);
}

/* Do all of a call, or nothing: 0, PENDING (blocking is set), -errno. */
static int try_call(struct sem_set *set, struct sem_call *call)
{
    uint32_t done;
    int result = 0;

    for (done = 0; done < call->nops; done++) {
        result = check_op(set, call, &call->ops[done]);
        if (result != 0)
            break;
        apply(set, call, &call->ops[done], 1);
    }
    if (result != 0) {
        call->blocking = &call->ops[done];
        while (done-- > 0)
            apply(set, call, &call->ops[done], -1);
        return result;
    }
    for (done = 0; done < call->nops; done++)
        set->sems[call->ops[done].sem_num].pid = call->pid;
    set->otime = sysv_now();
    return 0;
}

static bool alters(const struct __cairn_sembuf *ops, uint32_t nops)
{
    for (uint32_t i = 0; i < nops; i++)
        if (ops[i].sem_op != 0)
            return true;
    return false;
}

static void finish(struct sem_call *call, int result)
{
    list_remove(&call->link);
    call->result = result;
    waitq_wake(&call->wq);
}

/*
 * Try those that wait, the oldest first. True if one was done that changed
 * values, or others have changed the set meanwhile.
 */
static bool try_waiting(struct sem_set *set, uint32_t *noperations)
{
    uint32_t version = set->version;
    struct list *link, *next;

    list_for_each_safe(link, next, &set->waiting)
    {
        struct sem_call *call = list_entry(link, struct sem_call, link);
        int result = try_call(set, call);

        *noperations += call->nops;
        if (result != PENDING) {
            finish(call, result);
            if (result == 0 && alters(call->ops, call->nops))
                set->version++;
        }
        if (*noperations < MANY)
            continue;
        *noperations = 0;
        checkpoint();
        if (set->version != version)
            return !set->common.removed;
    }
    return set->version != version;
}

/* The values have changed: do what waiting calls can have now. */
static void changed(struct sem_set *set)
{
    uint32_t noperations = 0;

    set->version++;
    set->common.refs++;
    while (try_waiting(set, &noperations))
        continue;
    set_put(set);
}

/* ---- undoing ---- */

static struct sem_undo *find_undo(struct sem_set *set, struct process *p)
{
    struct sem_undo *undo;

    list_for_each_entry(undo, &p->sem_undos, struct sem_undo,
                        process_link) if (undo->set == set) return undo;
    return NULL;
}

/* The undo of the current process for a set, made if there is none. */
static int get_undo(struct sem_set *set, struct sem_undo **out)
{
    uint64_t cost = UNDO_COST + set->count * sizeof(int16_t);
    struct process *p = current_process();
    struct sem_undo *undo = find_undo(set, p);
    int error;

    *out = undo;
    if (undo != NULL)
        return 0;
    error = sysv_charge(p->user, cost);
    if (error < 0)
        return error;
    undo = kzalloc(sizeof(*undo) + set->count * sizeof(int16_t));
    if (undo == NULL) {
        p->user->ipc_bytes -= cost;
        return -ENOMEM;
    }
    undo->set = set;
    set->common.refs++;
    undo->user = user_again(p->user);
    undo->cost = cost;
    list_add_tail(&set->undos, &undo->set_link);
    list_add_tail(&p->sem_undos, &undo->process_link);
    *out = undo;
    return 0;
}

static void undo_free(struct sem_undo *undo)
{
    struct sem_set *set = undo->set;

    list_remove(&undo->set_link);
    list_remove(&undo->process_link);
    undo->user->ipc_bytes -= undo->cost;
    user_put(undo->user);
    kfree(undo);
    set_put(set);
}

static void undo_all(struct sem_undo *undo, int pid)
{
    struct sem_set *set = undo->set;

    for (uint32_t i = 0; i < set->count; i++) {
        int32_t value = set->sems[i].value + undo->adjust[i];

        if (undo->adjust[i] == 0)
            continue;
        if (value < 0)
            value = 0;
        set->sems[i].value = value > SEM_MAX_VALUE ? SEM_MAX_VALUE : value;
        set->sems[i].pid = pid;
    }
    set->otime = sysv_now();
    changed(set);
}

void sem_exit(struct process *p)
{
    while (!list_is_empty(&p->sem_undos)) {
        struct sem_undo *undo =
            list_entry(p->sem_undos.next, struct sem_undo, process_link);

        /* It is nobody else's from now on: undoing may sleep. */
        list_remove(&undo->process_link);
        list_remove(&undo->set_link);
        if (!undo->set->common.removed)
            undo_all(undo, p->pid);
        undo_free(undo);
    }
}

/* A value was set: nothing that was done to it before is undone. */
static void forget_undos(struct sem_set *set, uint32_t first, uint32_t n)
{
    struct sem_undo *undo;

    list_for_each_entry(undo, &set->undos, struct sem_undo, set_link)
        memset(undo->adjust + first, 0, n * sizeof(int16_t));
}

/* ---- life ---- */

int sem_get(int32_t key, int nsems, uint32_t flags)
{
    size_t nbytes = sizeof(struct sem_set);
    struct sysv_object *object;
    struct sem_set *set;
    int id;

    if (nsems < 0 || (uint32_t)nsems > SEM_MAX_COUNT)
        return -EINVAL;
    id = sysv_find_key(SYSV_SEM, key, flags, &object);
    if (id < 0)
        return id;
    if (object != NULL) {
        if ((uint32_t)nsems > set_of(object)->count)
            return -EINVAL;
        id = sysv_permission(object, flags & 0777);
        return id < 0 ? id : object->id;
    }
    if (nsems == 0)
        return -EINVAL;
    nbytes += (size_t)nsems * sizeof(struct semaphore);
    set = kzalloc(nbytes);
    if (set == NULL)
        return -ENOMEM;
    set->count = (uint32_t)nsems;
    list_init(&set->waiting);
    list_init(&set->undos);
    id = sysv_add(&set->common, SYSV_SEM, key, flags, nbytes);
    if (id < 0)
        kfree(set);
    return id;
}

static void set_remove(struct sem_set *set)
{
    sysv_remove(&set->common);
    set->version++;
    while (!list_is_empty(&set->undos))
        undo_free(list_entry(set->undos.next, struct sem_undo, set_link));
    while (!list_is_empty(&set->waiting))
        finish(list_entry(set->waiting.next, struct sem_call, link), -EIDRM);
    set_put(set);
}

/* ---- semop ---- */

/* Does a call name only semaphores that there are, and may it be made? */
static int check_call(const struct sem_set *set,
                      const struct __cairn_sembuf *ops, uint32_t nops,
                      bool *undoes)
{
    *undoes = false;
    for (uint32_t i = 0; i < nops; i++) {
        if (ops[i].sem_num >= set->count)
            return -EFBIG;
        *undoes |= (ops[i].sem_flg & SEM_UNDO) != 0;
    }
    return sysv_permission(&set->common,
                           alters(ops, nops) ? SYSV_WRITE : SYSV_READ);
}

/* Wait for a result: a change of the set, its removal, a signal, the time. */
static int wait_for_result(struct sem_set *set, struct sem_call *call,
                           uint64_t deadline_ns)
{
    int error = 0;

    if (call->blocking->sem_flg & IPC_NOWAIT)
        return -EAGAIN;
    waitq_init(&call->wq);
    list_add_tail(&set->waiting, &call->link);
    while (call->result == PENDING && error == 0)
        error = waitq_sleep(&call->wq, true, deadline_ns);
    if (call->result != PENDING)
        return call->result;
    list_remove(&call->link);
    set->version++;
    return error == -ETIMEDOUT ? -EAGAIN : error;
}

int sem_operate(int id, const struct __cairn_sembuf *ops, uint32_t nops,
                uint64_t deadline_ns)
{
    struct sem_call call = {.ops = ops, .nops = nops};
    struct sem_set *set;
    bool undoes;
    int error = find(id, &set);

    if (error == 0)
        error = check_call(set, ops, nops, &undoes);
    if (error == 0 && undoes)
        error = get_undo(set, &call.undo);
    if (error < 0)
        return error;
    call.pid = current_process()->pid;
    call.result = try_call(set, &call);
    if (call.result == PENDING)
        return wait_for_result(set, &call, deadline_ns);
    if (call.result == 0 && alters(ops, nops))
        changed(set);
    return call.result;
}

/* ---- semctl ---- */

static int read_set(struct sem_set *set, uaddr_t buf)
{
    struct __cairn_semid_ds ds = {
        .sem_otime = (uint32_t)set->otime,
        .sem_otime_high = (uint32_t)(set->otime >> 32),
        .sem_ctime = (uint32_t)set->common.ctime,
        .sem_ctime_high = (uint32_t)(set->common.ctime >> 32),
        .sem_nsems = set->count,
    };

    sysv_read_perm(&set->common, &ds.sem_perm);
    return copy_to_user(buf, &ds, sizeof(ds));
}

static void count_sems(struct sysv_object *object, void *ctx)
{
    *(uint32_t *)ctx += set_of(object)->count;
}

static int read_info(int command, uaddr_t buf)
{
    struct __cairn_seminfo info = {
        .semmap = INT32_MAX,
        .semmni = SYSV_MAX,
        .semmns = (int32_t)(SYSV_MAX * SEM_MAX_COUNT),
        .semmnu = INT32_MAX,
        .semmsl = SEM_MAX_COUNT,
        .semopm = SEM_MAX_OPS,
        .semume = SEM_MAX_OPS,
        .semusz = 20,
        .semvmx = SEM_MAX_VALUE,
        .semaem = SEM_MAX_VALUE,
    };
    uint32_t nsems = 0;

    if (command == SEM_INFO) {
        sysv_each(SYSV_SEM, count_sems, &nsems);
        info.semusz = (int32_t)sysv_count(SYSV_SEM);
        info.semaem = (int32_t)nsems;
    }
    if (copy_to_user(buf, &info, sizeof(info)) != 0)
        return -EFAULT;
    return sysv_last(SYSV_SEM);
}

static int read_by_index(int index, bool any, uaddr_t buf)
{
    struct sysv_object *object;
    int id, error = sysv_find_at(SYSV_SEM, index, &object);

    if (error == 0 && !any)
        error = sysv_permission(object, SYSV_READ);
    if (error < 0)
        return error;
    id = object->id;
    error = read_set(set_of(object), buf);
    return error < 0 ? error : id;
}

/* How many wait for a semaphore to grow, or to be 0. */
static int count_waiting(const struct sem_set *set, uint32_t number, bool zero)
{
    const struct sem_call *call;
    int n = 0;

    list_for_each_entry(call, &set->waiting, struct sem_call, link) n +=
        call->blocking->sem_num == number &&
        (call->blocking->sem_op == 0) == zero;
    return n;
}

static int set_value(struct sem_set *set, uint32_t number, int32_t value)
{
    if (value < 0 || value > SEM_MAX_VALUE)
        return -ERANGE;
    set->sems[number].value = value;
    set->sems[number].pid = current_process()->pid;
    set->common.ctime = sysv_now();
    forget_undos(set, number, 1);
    changed(set);
    return 0;
}

/* Commands on one semaphore. */
static int control_one(struct sem_set *set, int number, int command,
                       int32_t value)
{
    bool writes = command == SETVAL;
    int error = sysv_permission(&set->common, writes ? SYSV_WRITE : SYSV_READ);

    if (number < 0 || (uint32_t)number >= set->count)
        return -EINVAL;
    if (error < 0)
        return error;
    switch (command) {
    case GETVAL:
        return set->sems[number].value;
    case GETPID:
        return set->sems[number].pid;
    case GETNCNT:
        return count_waiting(set, (uint32_t)number, false);
    case GETZCNT:
        return count_waiting(set, (uint32_t)number, true);
    default:
        return set_value(set, (uint32_t)number, value);
    }
}

static int get_all(struct sem_set *set, uint16_t *values, uaddr_t buf,
                   uint32_t nbytes)
{
    int error = sysv_permission(&set->common, SYSV_READ);

    if (error < 0)
        return error;
    for (uint32_t i = 0; i < set->count; i++)
        values[i] = (uint16_t)set->sems[i].value;
    return copy_to_user(buf, values, nbytes);
}

static int set_all(struct sem_set *set, uint16_t *values, uaddr_t buf,
                   uint32_t nbytes)
{
    int error = sysv_permission(&set->common, SYSV_WRITE);

    if (error == 0)
        error = copy_from_user(values, buf, nbytes);
    if (error == 0 && set->common.removed)
        error = -EIDRM;
    for (uint32_t i = 0; error == 0 && i < set->count; i++)
        if (values[i] > SEM_MAX_VALUE)
            error = -ERANGE;
    if (error < 0)
        return error;
    for (uint32_t i = 0; i < set->count; i++) {
        set->sems[i].value = values[i];
        set->sems[i].pid = current_process()->pid;
    }
    set->common.ctime = sysv_now();
    forget_undos(set, 0, set->count);
    changed(set);
    return 0;
}

/* Commands on all: the copies may sleep, so the set is held. */
static int control_all(struct sem_set *set, int command, uaddr_t buf)
{
    uint32_t nbytes = set->count * (uint32_t)sizeof(uint16_t);
    uint16_t *values = kmalloc(nbytes);
    int error;

    if (values == NULL)
        return -ENOMEM;
    set->common.refs++;
    error = command == GETALL ? get_all(set, values, buf, nbytes)
                              : set_all(set, values, buf, nbytes);
    set_put(set);
    kfree(values);
    return error;
}

/* Commands on the set itself. */
static int control_set(struct sem_set *set, int command,
                       const struct __cairn_semid_ds *ds, uaddr_t buf)
{
    int error;

    if (command == IPC_STAT) {
        error = sysv_permission(&set->common, SYSV_READ);
        return error < 0 ? error : read_set(set, buf);
    }
    error = sysv_check_owner(&set->common);
    if (error < 0)
        return error;
    if (command == IPC_SET)
        return sysv_set_perm(&set->common, &ds->sem_perm);
    set_remove(set);
    return 0;
}

int sem_control(int id, int number, int command, uint32_t arg)
{
    struct __cairn_semid_ds ds = {0};
    struct sem_set *set = NULL;
    int error = 0;

    if (id < 0)
        return -EINVAL;
    if (command == IPC_INFO || command == SEM_INFO)
        return read_info(command, arg);
    if (command == SEM_STAT || command == SEM_STAT_ANY)
        return read_by_index(id, command == SEM_STAT_ANY, arg);
    if (command == IPC_SET)
        error = copy_from_user(&ds, arg, sizeof(ds));
    if (error == 0)
        error = find(id, &set);
    if (error < 0)
        return error;
    switch (command) {
    case IPC_STAT:
    case IPC_SET:
    case IPC_RMID:
        return control_set(set, command, &ds, arg);
    case GETALL:
    case SETALL:
        return control_all(set, command, arg);
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
    case SETVAL:
        return control_one(set, number, command, (int32_t)arg);
    default:
        return -EINVAL;
    }
}

void sem_claim(struct sysv_object *object)
{
    (void)object; /* undos go with their processes */
}
