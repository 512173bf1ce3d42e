/*
 * System V's message queues (msgop(2)).
 *
 * A queue takes as many bytes as msg_qbytes says, and a sixteenth as many
 * messages, so that empty ones do not cost more than others. A message that
 * comes wakes the first receiver that wants one of its type; a message that
 * goes wakes the senders.
 */
#include <cairn/errno.h>
#include <cairn/msg.h>

#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/sysv.h"

#define PER_MESSAGE  16u /* bytes of msg_qbytes for each */
#define MESSAGE_COST 48u /* bytes of memory, beyond its text */

struct message {
    struct list link; /* in queue.messages */
    int32_t type;
    uint32_t nbytes;
    char *bytes; /* NULL if there are none */
};

struct msg_queue {
    struct sysv_object common;
    struct list messages;
    uint32_t count, nbytes, max_bytes;
    uint64_t stime, rtime; /* of the last send and receive */
    int last_sender, last_receiver;
    struct waitq senders, receivers;
};

/* What a receiver wants. */
struct request {
    int32_t type;
    bool except;
};

static struct slab_cache queue_cache =
    SLAB_CACHE("msg queue", sizeof(struct msg_queue), 8);
static struct slab_cache message_cache =
    SLAB_CACHE("msg", sizeof(struct message), 8);

static struct msg_queue *queue_of(struct sysv_object *object)
{
    return container_of(object, struct msg_queue, common);
}

static int find(int id, struct msg_queue **out)
{
    struct sysv_object *object;
    int error = sysv_find(SYSV_MSG, id, &object);

    *out = error == 0 ? queue_of(object) : NULL;
    return error;
}

/* ---- messages ---- */

static void message_free(struct message *message)
{
    kfree(message->bytes);
    slab_free(&message_cache, message);
}

static int message_make(int32_t type, uaddr_t text, uint32_t nbytes,
                        struct message **out)
{
    struct message *message = slab_zalloc(&message_cache);
    int error = 0;

    if (message == NULL)
        return -ENOMEM;
    list_init(&message->link);
    message->type = type;
    message->nbytes = nbytes;
    if (nbytes != 0) {
        message->bytes = kmalloc(nbytes);
        error = message->bytes == NULL
                    ? -ENOMEM
                    : copy_from_user(message->bytes, text, nbytes);
    }
    if (error < 0) {
        message_free(message);
        return error;
    }
    *out = message;
    return 0;
}

static struct message *message_of(struct list *link)
{
    return list_entry(link, struct message, link);
}

/* ---- life ---- */

static void queue_put(struct msg_queue *queue)
{
    if (sysv_put(&queue->common))
        slab_free(&queue_cache, queue);
}

int msg_get(int32_t key, uint32_t flags)
{
    const uint64_t cost = MSG_QUEUE_BYTES +
                          MSG_QUEUE_BYTES / PER_MESSAGE * MESSAGE_COST +
                          sizeof(struct msg_queue);
    struct sysv_object *object;
    struct msg_queue *queue;
    int id = sysv_find_key(SYSV_MSG, key, flags, &object);

    if (id < 0)
        return id;
    if (object != NULL) {
        id = sysv_permission(object, flags & 0777);
        return id < 0 ? id : object->id;
    }
    queue = slab_zalloc(&queue_cache);
    if (queue == NULL)
        return -ENOMEM;
    list_init(&queue->messages);
    queue->max_bytes = MSG_QUEUE_BYTES;
    waitq_init(&queue->senders);
    waitq_init(&queue->receivers);
    id = sysv_add(&queue->common, SYSV_MSG, key, flags, cost);
    if (id < 0)
        slab_free(&queue_cache, queue);
    return id;
}

static void queue_remove(struct msg_queue *queue)
{
    struct list *link;

    sysv_remove(&queue->common);
    while ((link = list_take_first(&queue->messages)) != NULL)
        message_free(message_of(link));
    waitq_wake(&queue->senders);
    waitq_wake(&queue->receivers);
    queue_put(queue);
}

/* ---- sending ---- */

static bool has_room(const struct msg_queue *queue, uint32_t nbytes)
{
    return nbytes <= queue->max_bytes &&
           queue->nbytes <= queue->max_bytes - nbytes &&
           queue->count < queue->max_bytes / PER_MESSAGE;
}

/* Sleep on a queue that may be removed meanwhile: -EIDRM. */
static int sleep_on(struct msg_queue *queue, struct waitq *wq, size_t need)
{
    int error;

    queue->common.refs++;
    error = waitq_sleep_exclusive(wq, need);
    if (queue->common.removed)
        error = -EIDRM;
    queue_put(queue);
    return error;
}

static int wait_for_room(struct msg_queue *queue, uint32_t nbytes,
                         uint32_t flags)
{
    int error = sysv_permission(&queue->common, SYSV_WRITE);

    while (error == 0 && !has_room(queue, nbytes)) {
        if (flags & IPC_NOWAIT)
            return -EAGAIN;
        error = sleep_on(queue, &queue->senders, 0);
        if (error == 0)
            error = sysv_permission(&queue->common, SYSV_WRITE);
    }
    return error;
}

static bool matches(const struct message *message,
                    const struct request *request)
{
    if (request->type == 0)
        return true;
    if (request->type < 0)
        return message->type <= -(int64_t)request->type;
    return (message->type == request->type) != request->except;
}

/* For waitq_wake_one: does the receiver want this message? */
static bool wants(void *ctx, size_t need)
{
    return matches(ctx, (const struct request *)need);
}

int msg_send(int id, int32_t type, uaddr_t text, uint32_t nbytes,
             uint32_t flags)
{
    struct msg_queue *queue = NULL;
    struct message *message;
    int error;

    if (type < 1 || nbytes > MSG_MAX_BYTES || id < 0)
        return -EINVAL;
    error = message_make(type, text, nbytes, &message);
    if (error < 0)
        return error;
    error = find(id, &queue);
    if (error == 0)
        error = wait_for_room(queue, nbytes, flags);
    if (error < 0) {
        message_free(message);
        return error;
    }
    list_add_tail(&queue->messages, &message->link);
    queue->count++;
    queue->nbytes += nbytes;
    queue->last_sender = current_process()->pid;
    queue->stime = sysv_now();
    waitq_wake_one(&queue->receivers, wants, message);
    return 0;
}

/* ---- receiving ---- */

/* The message that a request gets: for a negative type the lowest first. */
static struct message *pick(const struct msg_queue *queue,
                            const struct request *request)
{
    struct message *message, *best = NULL;

    list_for_each_entry(message, &queue->messages, struct message, link)
    {
        if (!matches(message, request))
            continue;
        if (request->type >= 0)
            return message;
        if (best == NULL || message->type < best->type)
            best = message;
    }
    return best;
}

/* Wait for a message and take it out. */
static int take(struct msg_queue *queue, const struct request *request,
                uint32_t max, uint32_t flags, struct message **out)
{
    int error = sysv_permission(&queue->common, SYSV_READ);
    struct message *message;

    while (error == 0 && (message = pick(queue, request)) == NULL) {
        if (flags & IPC_NOWAIT)
            return -ENOMSG;
        error = sleep_on(queue, &queue->receivers, (size_t)request);
        if (error == -EINTR)
            waitq_wake(&queue->receivers); /* it may have been woken for one */
        if (error == 0)
            error = sysv_permission(&queue->common, SYSV_READ);
    }
    if (error < 0)
        return error;
    if (message->nbytes > max && !(flags & MSG_NOERROR))
        return -E2BIG;
    list_remove(&message->link);
    queue->count--;
    queue->nbytes -= message->nbytes;
    queue->last_receiver = current_process()->pid;
    queue->rtime = sysv_now();
    waitq_wake(&queue->senders);
    *out = message;
    return 0;
}

int msg_receive(int id, uaddr_t buf, uint32_t nbytes, int32_t type,
                uint32_t flags)
{
    struct request request = {type, (flags & MSG_EXCEPT) != 0};
    struct message *message = NULL;
    struct msg_queue *queue;
    uint32_t length;
    int error;

    if (flags & MSG_COPY)
        return -ENOSYS;
    if ((int32_t)nbytes < 0)
        return -EINVAL;
    error = find(id, &queue);
    if (error == 0)
        error = take(queue, &request, nbytes, flags, &message);
    if (error < 0)
        return error;
    length = message->nbytes < nbytes ? message->nbytes : nbytes;
    error = (int)length;
    if (put_user_word(buf, (uint32_t)message->type) != 0 ||
        (length != 0 &&
         copy_to_user(buf + sizeof(uint32_t), message->bytes, length) != 0))
        error = -EFAULT;
    message_free(message);
    return error;
}

/* ---- control ---- */

static int read_queue(struct msg_queue *queue, uaddr_t buf)
{
    struct __cairn_msqid_ds ds = {
        .msg_stime = (uint32_t)queue->stime,
        .msg_stime_high = (uint32_t)(queue->stime >> 32),
        .msg_rtime = (uint32_t)queue->rtime,
        .msg_rtime_high = (uint32_t)(queue->rtime >> 32),
        .msg_ctime = (uint32_t)queue->common.ctime,
        .msg_ctime_high = (uint32_t)(queue->common.ctime >> 32),
        .msg_cbytes = queue->nbytes,
        .msg_qnum = queue->count,
        .msg_qbytes = queue->max_bytes,
        .msg_lspid = queue->last_sender,
        .msg_lrpid = queue->last_receiver,
    };

    sysv_read_perm(&queue->common, &ds.msg_perm);
    return copy_to_user(buf, &ds, sizeof(ds));
}

static int set_queue(struct msg_queue *queue, const struct __cairn_msqid_ds *ds)
{
    int error = sysv_check_owner(&queue->common);

    if (error == 0 && ds->msg_qbytes > MSG_QUEUE_BYTES)
        error = process_is_roots() && ds->msg_qbytes <= INT32_MAX ? 0 : -EPERM;
    if (error == 0)
        error = sysv_set_perm(&queue->common, &ds->msg_perm);
    if (error < 0)
        return error;
    queue->max_bytes = ds->msg_qbytes;
    waitq_wake(&queue->senders);
    waitq_wake(&queue->receivers); /* rights may be others now */
    return 0;
}

static void sum_up(struct sysv_object *object, void *ctx)
{
    struct __cairn_msginfo *info = ctx;

    info->msgmap += (int32_t)queue_of(object)->count;
    info->msgtql += (int32_t)queue_of(object)->nbytes;
}

static int read_info(int command, uaddr_t buf)
{
    struct __cairn_msginfo info = {.msgmax = MSG_MAX_BYTES,
                                   .msgmnb = MSG_QUEUE_BYTES,
                                   .msgmni = SYSV_MAX,
                                   .msgssz = 16,
                                   .msgseg = 0xFFFF};

    if (command == MSG_INFO) {
        info.msgpool = (int32_t)sysv_count(SYSV_MSG);
        sysv_each(SYSV_MSG, sum_up, &info);
    } else {
        info.msgmap = info.msgtql = (int32_t)MSG_QUEUE_BYTES;
        info.msgpool = (int32_t)(SYSV_MAX * (MSG_QUEUE_BYTES / 1024));
    }
    if (copy_to_user(buf, &info, sizeof(info)) != 0)
        return -EFAULT;
    return sysv_last(SYSV_MSG);
}

static int read_by_index(int index, bool any, uaddr_t buf)
{
    struct sysv_object *object;
    int id, error = sysv_find_at(SYSV_MSG, index, &object);

    if (error == 0 && !any)
        error = sysv_permission(object, SYSV_READ);
    if (error < 0)
        return error;
    id = object->id;
    error = read_queue(queue_of(object), buf);
    return error < 0 ? error : id;
}

int msg_control(int id, int command, uaddr_t buf)
{
    struct __cairn_msqid_ds ds = {0};
    struct msg_queue *queue = NULL;
    int error = 0;

    if (id < 0)
        return -EINVAL;
    if (command == IPC_INFO || command == MSG_INFO)
        return read_info(command, buf);
    if (command == MSG_STAT || command == MSG_STAT_ANY)
        return read_by_index(id, command == MSG_STAT_ANY, buf);
    if (command == IPC_SET)
        error = copy_from_user(&ds, buf, sizeof(ds));
    if (error == 0)
        error = find(id, &queue);
    if (error < 0)
        return error;
    switch (command) {
    case IPC_STAT:
        error = sysv_permission(&queue->common, SYSV_READ);
        return error < 0 ? error : read_queue(queue, buf);
    case IPC_SET:
        return set_queue(queue, &ds);
    case IPC_RMID:
        error = sysv_check_owner(&queue->common);
        if (error == 0)
            queue_remove(queue);
        return error;
    default:
        return -EINVAL;
    }
}

void msg_claim(struct sysv_object *object)
{
    struct message *message;

    list_for_each_entry(message, &queue_of(object)->messages, struct message,
                        link)
    {
        kmalloc_claim(message);
        if (message->bytes != NULL)
            kmalloc_claim(message->bytes);
    }
}
