/*
 * Message queues of POSIX.
 *
 *      names  by_name -> queue -> dentry -> inode     rights, times, stat
 *      file -----------> queue -> messages            by priority, then by age
 *
 * A queue is held by its name and by the files that are open on it. Its limits
 * are charged to the user who made it (RLIMIT_MSGQUEUE): what its messages may
 * take, and QUEUE_COST. The memory itself is asked for by each message.
 *
 * Each message that comes wakes one receiver, and each that goes one sender.
 * One that was woken and leaves something wakes the next.
 */
#include "proc/mqueue.h"

#include <cairn/fcntl.h>
#include "fs/claim.h"
#include "fs/fdtable.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "lib/checkpoint.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/user.h"

/* What a user pays for a queue, and for each message that it may hold. */
#define QUEUE_COST   512u
#define MESSAGE_COST 64u

/* The st_size of a queue, as on Linux. */
#define TEXT_SIZE 80

struct message {
    struct tree_node node; /* in queue.messages */
    uint32_t priority;
    uint64_t number; /* of those of the queue, in order of arrival */
    uint32_t nbytes;
    char *bytes; /* NULL if there are none */
};

struct mqueue {
    struct tree_node node; /* in `names` */
    uint32_t refs;         /* the name, and files */
    bool named;
    struct dentry *dentry; /* counted */
    struct user *user;     /* (c) counted: who pays */
    uint64_t cost;         /* (c) */
    uint32_t max, size;    /* (c) messages, and bytes of one */
    uint32_t count;
    uint64_t last_number;
    uint64_t nbytes;      /* of all messages */
    struct tree messages; /* of message.node */
    unsigned nreceivers;  /* that sleep */
    struct waitq can_receive, can_send;
    struct process *owner; /* who is to be told, watched; or NULL */
    int owner_pid;
    uint32_t owner_uid;
    struct __cairn_sigevent event;
};

static struct slab_cache queue_cache =
    SLAB_CACHE("mqueue", sizeof(struct mqueue), 8);
static struct slab_cache message_cache =
    SLAB_CACHE("mq message", sizeof(struct message), 8);

static const struct file_ops mqueue_ops;

/* ---- trees ---- */

static const char *name_of(const struct tree_node *node)
{
    return container_of(node, struct mqueue, node)->dentry->name;
}

static int compare_names(const struct tree_node *a, const struct tree_node *b)
{
    return strcmp(name_of(a), name_of(b));
}

static const struct tree_ops name_ops = {.compare = compare_names};
static struct tree names = {.ops = &name_ops};

static struct mqueue *find(const char *name)
{
    struct tree_node *node = names.root;

    while (node != NULL) {
        int order = strcmp(name, name_of(node));

        if (order == 0)
            return container_of(node, struct mqueue, node);
        node = order < 0 ? node->left : node->right;
    }
    return NULL;
}

static struct message *message_of(struct tree_node *node)
{
    return node ? container_of(node, struct message, node) : NULL;
}

static int compare_messages(const struct tree_node *a,
                            const struct tree_node *b)
{
    const struct message *x = container_of(a, struct message, node);
    const struct message *y = container_of(b, struct message, node);

    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static const struct tree_ops message_ops = {.compare = compare_messages};

/* ---- messages ---- */

static void message_free(struct message *message)
{
    kfree(message->bytes);
    slab_free(&message_cache, message);
}

/* Take a message from user space: -EFAULT, -ENOMEM. */
static int message_make(uaddr_t from, uint32_t nbytes, uint32_t priority,
                        struct message **out)
{
    struct message *message = slab_zalloc(&message_cache);
    int error = 0;

    if (message == NULL)
        return -ENOMEM;
    message->priority = priority;
    message->nbytes = nbytes;
    if (nbytes != 0) {
        message->bytes = kmalloc(nbytes);
        error = message->bytes == NULL
                    ? -ENOMEM
                    : copy_from_user(message->bytes, from, nbytes);
    }
    if (error < 0) {
        message_free(message);
        return error;
    }
    *out = message;
    return 0;
}

static void put_in(struct mqueue *queue, struct message *message)
{
    message->number = ++queue->last_number;
    tree_insert(&queue->messages, &message->node);
    queue->count++;
    queue->nbytes += message->nbytes;
}

static struct message *take_out(struct mqueue *queue)
{
    struct message *message = message_of(tree_first(&queue->messages));

    tree_remove(&queue->messages, &message->node);
    queue->count--;
    queue->nbytes -= message->nbytes;
    return message;
}

/* ---- life ---- */

static void forget_owner(struct mqueue *queue)
{
    struct process *owner = queue->owner;

    queue->owner = NULL;
    if (owner != NULL)
        process_unwatch(owner);
}

static void queue_put(struct mqueue *queue)
{
    struct dentry *dentry = queue->dentry;

    if (--queue->refs > 0)
        return;
    while (queue->messages.root != NULL) {
        message_free(take_out(queue));
        checkpoint();
    }
    forget_owner(queue);
    queue->user->mq_bytes -= queue->cost;
    user_put(queue->user);
    slab_free(&queue_cache, queue);
    dentry_put(dentry);
}

static void anonymous_release(struct mobject *obj)
{
    inode_free(inode_of(obj));
}

static const struct mobject_ops inode_mops = {.release = anonymous_release};
static const struct inode_ops inode_ops;
static struct fs mqueue_fs = {.name = "mqueue"};

/* An inode and a place in no directory, which shows the name. */
static int make_place(const char *text, uint32_t mode, struct dentry **out)
{
    const struct process *p = current_process();
    struct name name = name_make(text, strlen(text));
    struct inode *inode;
    int error;

    if (mqueue_fs.dev == 0)
        mount_number_fs(&mqueue_fs);
    error = inode_create(&mqueue_fs, S_IFREG | mode, &inode_ops, &inode_mops,
                         &inode);
    if (error < 0)
        return error;
    inode->fops = &mqueue_ops;
    inode->uid = p->creds.fsuid;
    inode->gid = p->creds.fsgid;
    inode->size = TEXT_SIZE;
    error = dentry_create(NULL, &name, inode, out);
    inode_put(inode);
    return error;
}

/* May the running process have these limits? */
static int check_limits(const struct __cairn_mq_attr *attr)
{
    bool root = current_process()->creds.euid == 0;
    int32_t max = root ? MQUEUE_ROOT_MESSAGES : MQUEUE_MAX_MESSAGES;
    int32_t size = root ? MQUEUE_ROOT_BYTES : MQUEUE_MAX_BYTES;

    if (attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0 ||
        attr->mq_maxmsg > max || attr->mq_msgsize > size)
        return -EINVAL;
    return 0;
}

static int queue_make(const char *name, uint32_t mode,
                      const struct __cairn_mq_attr *attr, struct mqueue **out)
{
    struct process *p = current_process();
    uint32_t max = (uint32_t)attr->mq_maxmsg, size = (uint32_t)attr->mq_msgsize;
    uint64_t cost = QUEUE_COST + (uint64_t)max * (size + MESSAGE_COST);
    struct mqueue *queue;
    int error;

    if (cost + p->user->mq_bytes > p->limits[RLIMIT_MSGQUEUE].cur)
        return -EMFILE;
    queue = slab_zalloc(&queue_cache);
    if (queue == NULL)
        return -ENOMEM;
    error = make_place(name, mode, &queue->dentry);
    if (error < 0) {
        slab_free(&queue_cache, queue);
        return error;
    }
    queue->refs = 1;
    queue->named = true;
    queue->user = user_again(p->user);
    queue->user->mq_bytes += cost;
    queue->cost = cost;
    queue->max = max;
    queue->size = size;
    tree_init(&queue->messages, &message_ops);
    waitq_init(&queue->can_receive);
    waitq_init(&queue->can_send);
    tree_insert(&names, &queue->node);
    *out = queue;
    return 0;
}

/* The name goes, and what it held. */
static void drop_name(struct mqueue *queue)
{
    tree_remove(&names, &queue->node);
    queue->named = false;
    queue->dentry->inode->nlink = 0;
    queue_put(queue);
}

/* ---- names ---- */

static int check_name(const char *name)
{
    if (*name == '\0')
        return -ENOENT;
    if (strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return -EACCES;
    return 0;
}

/* One more file of a queue. */
static int open_queue(struct mqueue *queue, uint32_t flags, struct file **out)
{
    int error = file_open_inode(queue->dentry->inode, queue->dentry,
                                flags & (O_ACCMODE | O_NONBLOCK), &mqueue_ops,
                                queue, out);

    if (error == 0) {
        (*out)->mode &= ~FILE_SEEKABLE;
        queue->refs++;
    }
    return error;
}

static int open_old(struct mqueue *queue, uint32_t flags, struct file **out)
{
    static const unsigned wants[] = {R_OK, W_OK, R_OK | W_OK};
    int error;

    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    if ((flags & O_ACCMODE) == O_ACCMODE)
        return -EINVAL;
    error = inode_permission(queue->dentry->inode, &current_process()->creds,
                             wants[flags & O_ACCMODE]);
    return error < 0 ? error : open_queue(queue, flags, out);
}

static int open_new(const char *name, uint32_t flags, uint32_t mode,
                    const struct __cairn_mq_attr *attr, struct file **out)
{
    static const struct __cairn_mq_attr usual = {
        .mq_maxmsg = MQUEUE_MAX_MESSAGES, .mq_msgsize = MQUEUE_MAX_BYTES};
    struct mqueue *queue;
    int error = 0;

    if (attr != NULL)
        error = check_limits(attr);
    else
        attr = &usual;
    if (error == 0 && (flags & O_ACCMODE) == O_ACCMODE)
        error = -EINVAL;
    if (error == 0)
        error = queue_make(name, mode & 0777 & ~current_process()->fs->umask,
                           attr, &queue);
    if (error < 0)
        return error;
    error = open_queue(queue, flags, out);
    if (error < 0)
        drop_name(queue);
    return error;
}

int mqueue_open(const char *name, uint32_t flags, uint32_t mode,
                const struct __cairn_mq_attr *attr, struct file **out)
{
    int error = check_name(name);
    struct mqueue *queue;

    if (error < 0)
        return error;
    queue = find(name);
    if (queue != NULL)
        return open_old(queue, flags, out);
    if (!(flags & O_CREAT))
        return -ENOENT;
    return open_new(name, flags, mode, attr, out);
}

/* As in a sticky directory: the queue's owner and root may. */
int mqueue_unlink(const char *name)
{
    int error = check_name(name);
    struct mqueue *queue;

    if (error < 0)
        return error;
    queue = find(name);
    if (queue == NULL)
        return -ENOENT;
    if (!inode_is_owner(queue->dentry->inode, &current_process()->creds))
        return -EPERM;
    drop_name(queue);
    return 0;
}

/* ---- telling ---- */

/*
 * Send the owner its signal, to the thread that it has named, if it has.
 */
static void signal_owner(struct mqueue *queue, int code)
{
    const struct process *sender = current_process();
    struct process *owner = queue->owner;
    struct thread *t = NULL;
    struct signal_info info;

    if (queue->event.notify == SIGEV_THREAD_ID) {
        t = thread_find(queue->event.tid);
        if (t == NULL || t->process != owner)
            return;
    }
    signal_info_init(&info, queue->event.signo, code);
    info.words[SIGNAL_PID] = (uint32_t)sender->pid;
    info.words[SIGNAL_UID] = sender->creds.uid;
    info.words[SIGNAL_VALUE] = (uint32_t)queue->event.value.sival_int;
    (void)!signal_send_info(owner, t, &info);
}

/* A message has come to the empty queue: who asked is told, once. */
static void tell_owner(struct mqueue *queue)
{
    if (queue->owner == NULL)
        return;
    if (queue->event.notify != SIGEV_NONE && queue->event.signo != 0)
        signal_owner(queue, SI_MESGQ);
    forget_owner(queue);
}

/* There will be no message for the owner: a thread that waits is told. */
static void drop_owner(struct mqueue *queue)
{
    if (queue->owner != NULL && queue->event.notify == SIGEV_THREAD_ID)
        signal_owner(queue, SI_KERNEL);
    forget_owner(queue);
}

/* Is it an event that a queue can tell? */
static int check_event(const struct __cairn_sigevent *event)
{
    const struct thread *t;

    switch (event->notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_SIGNAL:
        return event->signo < 0 || event->signo > __CAIRN_NSIG ? -EINVAL : 0;
    case SIGEV_THREAD_ID: /* not on Linux: for the C library's SIGEV_THREAD */
        t = thread_find(event->tid);
        return t == NULL || t->process != current_process() ||
                       event->signo < 1 || event->signo > __CAIRN_NSIG
                   ? -EINVAL
                   : 0;
    default:
        return event->notify == SIGEV_THREAD ? -ENOSYS : -EINVAL;
    }
}

int mqueue_notify(struct file *file, const struct __cairn_sigevent *event)
{
    struct mqueue *queue = file->private;
    struct process *p = current_process();
    int error;

    if (event == NULL) {
        if (queue->owner == p)
            drop_owner(queue);
        return 0;
    }
    error = check_event(event);
    if (error < 0)
        return error;
    if (queue->owner != NULL)
        return -EBUSY;
    process_watch(p);
    queue->owner = p;
    queue->event = *event;
    return 0;
}

/* Any descriptor that the owner closes ends it, as POSIX has it. */
static void mqueue_closed(struct file *file)
{
    struct mqueue *queue = file->private;

    if (queue->owner == current_process())
        drop_owner(queue);
}

/* ---- sending and receiving ---- */

/* Sleep for a turn unless the file says otherwise. */
static int wait_on(const struct file *file, struct waitq *wq, uint64_t deadline)
{
    if (file->flags & O_NONBLOCK)
        return -EAGAIN;
    return waitq_sleep_exclusive_until(wq, 0, deadline);
}

/* Wait until one more message fits. */
static int wait_for_room(const struct file *file, struct mqueue *queue,
                         uint64_t deadline)
{
    int error = 0;

    while (queue->count == queue->max) {
        if (error < 0)
            return error;
        error = wait_on(file, &queue->can_send, deadline);
    }
    return 0;
}

static void mark_change(struct mqueue *queue)
{
    struct inode *inode = queue->dentry->inode;

    inode->mtime_ns = inode->ctime_ns = inode_now();
}

static int wait_for_message(const struct file *file, struct mqueue *queue,
                            uint64_t deadline)
{
    int error = 0;

    while (queue->count == 0) {
        if (error < 0)
            return error;
        queue->nreceivers++;
        error = wait_on(file, &queue->can_receive, deadline);
        queue->nreceivers--;
    }
    return 0;
}

int mqueue_send(struct file *file, uaddr_t from, uint32_t nbytes,
                uint32_t priority, uint64_t deadline_ns)
{
    struct mqueue *queue = file->private;
    struct message *message;
    int error;

    if (!(file->mode & FILE_WRITE))
        return -EBADF;
    if (nbytes > queue->size)
        return -EMSGSIZE;
    error = message_make(from, nbytes, priority, &message);
    if (error < 0)
        return error;
    error = wait_for_room(file, queue, deadline_ns);
    if (error < 0) {
        message_free(message);
    } else {
        put_in(queue, message);
        if (queue->count == 1 && queue->nreceivers == 0)
            tell_owner(queue);
        mark_change(queue);
        waitq_wake_first(&queue->can_receive);
    }
    if (queue->count < queue->max)
        waitq_wake_first(&queue->can_send);
    return error;
}

/* Copy a message out; it is gone in any case, as on Linux. */
static ssize_t give(struct message *message, uaddr_t to, uaddr_t priority)
{
    ssize_t result = (ssize_t)message->nbytes;

    if (priority != 0 && put_user_word(priority, message->priority) != 0)
        result = -EFAULT;
    if (message->nbytes != 0 &&
        copy_to_user(to, message->bytes, message->nbytes) != 0)
        result = -EFAULT;
    message_free(message);
    return result;
}

ssize_t mqueue_receive(struct file *file, uaddr_t to, uint32_t nbytes,
                       uaddr_t priority, uint64_t deadline_ns)
{
    struct mqueue *queue = file->private;
    struct message *message = NULL;
    int error;

    if (!(file->mode & FILE_READ))
        return -EBADF;
    if (nbytes < queue->size)
        return -EMSGSIZE;
    error = wait_for_message(file, queue, deadline_ns);
    if (error == 0) {
        message = take_out(queue);
        mark_change(queue);
        waitq_wake_first(&queue->can_send);
    }
    if (queue->count != 0)
        waitq_wake_first(&queue->can_receive);
    return error < 0 ? error : give(message, to, priority);
}

/* ---- the queue as a file ---- */

bool mqueue_is(const struct file *file)
{
    return file->ops == &mqueue_ops && !(file->mode & FILE_PATH);
}

void mqueue_get(const struct file *file, struct __cairn_mq_attr *attr)
{
    const struct mqueue *queue = file->private;

    *attr = (struct __cairn_mq_attr){.mq_flags =
                                         (int32_t)(file->flags & O_NONBLOCK),
                                     .mq_maxmsg = (int32_t)queue->max,
                                     .mq_msgsize = (int32_t)queue->size,
                                     .mq_curmsgs = (int32_t)queue->count};
}

/* What a program sees that reads the descriptor as a file. */
static ssize_t mqueue_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    const struct mqueue *queue = file->private;
    bool owned = queue->owner != NULL;
    char text[TEXT_SIZE + 1];
    size_t length, moved;

    length = (size_t)ksnprintf(
        text, sizeof(text),
        "QSIZE:%-10u NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
        (unsigned)queue->nbytes, owned ? queue->event.notify : 0,
        owned && queue->event.notify == SIGEV_SIGNAL ? queue->event.signo : 0,
        owned ? queue->owner->pid : 0);
    if (*pos >= length)
        return 0;
    moved = uio_copy_out(uio, text + *pos, length - (size_t)*pos);
    *pos += moved;
    return uio_result(uio, moved, 0);
}

static unsigned mqueue_poll(struct file *file, struct poll_set *set)
{
    struct mqueue *queue = file->private;
    unsigned events = 0;

    poll_wait(set, &queue->can_receive);
    poll_wait(set, &queue->can_send);
    if (queue->count != 0)
        events |= POLLIN | POLLRDNORM;
    if (queue->count < queue->max)
        events |= POLLOUT | POLLWRNORM;
    return events;
}

static void mqueue_release(struct file *file)
{
    queue_put(file->private);
}

static const struct file_ops mqueue_ops = {
    .open = file_open_made,
    .release = mqueue_release,
    .read = mqueue_read,
    .poll = mqueue_poll,
    .closed = mqueue_closed,
};

/* ---- leak checks ---- */

static void claim_messages(struct mqueue *queue)
{
    struct tree_node *node;

    for (node = tree_first(&queue->messages); node; node = tree_next(node)) {
        kmalloc_claim(message_of(node));
        if (message_of(node)->bytes != NULL)
            kmalloc_claim(message_of(node)->bytes);
    }
}

void mqueue_claim(struct fs_claims *claims)
{
    struct tree_node *node;

    for (node = tree_first(&names); node; node = tree_next(node)) {
        struct mqueue *queue = container_of(node, struct mqueue, node);

        kmalloc_claim(queue);
        claim_messages(queue);
        user_claim(queue->user);
        claims->loose_places--;
        claims->dentry_refs--;
    }
}
