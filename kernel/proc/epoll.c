/*
 * Sets of files to watch.
 *
 *      set    items   by (file, descriptor)
 *             ready   items that may have events: to be asked
 *      item   places  in the wait queues of its file
 *      file   watches the items of all sets that watch it
 *
 * An item is always either in the queues of its file, or ready, or both. When
 * one of the queues is woken, it becomes ready, and who waits for the set is
 * woken. Who takes events asks each ready item: its file says which events hold
 * and the item joins the queues again. An item with events stays ready, at the
 * end of the list, if it is level-triggered; else, and if there are no events,
 * it is no longer ready.
 *
 * An item does not hold its file: when that goes, file_watched_gone takes the
 * item out. So an item may go whenever its holder sleeps; who sleeps has a
 * cursor on the set, which says if it did.
 *
 * Sets may watch sets, without circles, and EPOLL_DEPTH above each other at
 * most. Waking goes up without recursion: a set whose turn it is goes to
 * `to_wake`, and the outermost call wakes them one after the other.
 */
#include "proc/epoll.h"

#include "arch/i386/cpu.h"
#include "fs/poll_set.h"
#include "lib/checkpoint.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "proc/user.h"

#define ALWAYS (POLLERR | POLLHUP)
#define PRIVATE                                                            \
    (__CAIRN_EPOLLEXCLUSIVE | __CAIRN_EPOLLWAKEUP | __CAIRN_EPOLLONESHOT | \
     __CAIRN_EPOLLET)
#define MANY 64 /* items between two chances for others */

/* All items of a user are this part of memory at most, as on Linux. */
#define USER_PART 25u

struct epoll {
    struct file *file;     /* not counted: it is the file's */
    struct waitq wq;       /* who waits for events */
    struct tree items;     /* of epoll_item.node */
    struct list ready;     /* (i) of epoll_item.ready_link */
    unsigned nready;       /* (i) */
    struct list wake_link; /* (i) in to_wake */
    struct list cursors;   /* of cursor.link */
    struct user *user;     /* (c) counted: who made it */
    uint32_t seen;         /* by the walk of this number ... */
    unsigned height;       /* ... which found so many sets below */
};

struct epoll_item {
    struct tree_node node;
    struct epoll *ep;                 /* (c) */
    struct file *file;                /* (c) not counted */
    int fd;                           /* (c) */
    struct __cairn_epoll_event event; /* what the user asked for */
    struct list ready_link;           /* (i) */
    struct list file_link;            /* in file.watches */
    struct poll_set set;
};

/* On the stack of who may sleep while it uses an item. */
struct cursor {
    struct list link;
    struct epoll_item *item; /* NULL: it has gone */
};

static struct slab_cache epoll_cache =
    SLAB_CACHE("epoll", sizeof(struct epoll), 8);
static struct slab_cache item_cache =
    SLAB_CACHE("epoll item", sizeof(struct epoll_item), 8);

static const struct file_ops epoll_ops;

/* ---- becoming ready ---- */

static struct list to_wake = LIST_INIT(to_wake); /* (i) */
static bool is_waking;                           /* (i) */

/* Wake who waits for the set, and for sets that watch it. */
static void wake_waiters(struct epoll *ep)
{
    struct list *link;

    if (list_is_empty(&ep->wake_link))
        list_add_tail(&to_wake, &ep->wake_link);
    if (is_waking)
        return;
    is_waking = true;
    while ((link = list_take_first(&to_wake)) != NULL)
        waitq_wake_first(&list_entry(link, struct epoll, wake_link)->wq);
    is_waking = false;
}

static bool is_ready(const struct epoll_item *item)
{
    return !list_is_empty(&item->ready_link);
}

/* Interrupts are off. */
static void set_ready(struct epoll_item *item)
{
    if (!is_ready(item)) {
        list_add_tail(&item->ep->ready, &item->ready_link);
        item->ep->nready++;
    }
}

static void clear_ready(struct epoll_item *item)
{
    uint32_t flags = irq_save();

    if (is_ready(item)) {
        list_remove(&item->ready_link);
        item->ep->nready--;
    }
    irq_restore(flags);
}

static void on_woken(struct waiter *w)
{
    struct epoll_item *item = w->owner;

    set_ready(item);
    wake_waiters(item->ep);
}

/* Which events hold that the item asks for; it is in the queues from now on. */
static uint32_t ask(struct epoll_item *item)
{
    uint32_t wanted = item->event.events & ~PRIVATE;

    poll_set_clear(&item->set);
    if (wanted == 0) /* after EPOLLONESHOT */
        return 0;
    return file_poll(item->file, &item->set) & wanted;
}

/* Look at an item that is new or changed. */
static void begin_watch(struct epoll_item *item)
{
    uint32_t flags;

    if (ask(item) == 0)
        return;
    flags = irq_save();
    set_ready(item);
    wake_waiters(item->ep);
    irq_restore(flags);
}

/* What the user asks for; errors are always told. */
static void set_event(struct epoll_item *item,
                      const struct __cairn_epoll_event *event)
{
    item->event = *event;
    item->event.events |= ALWAYS;
}

/* ---- items ---- */

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    const struct epoll_item *x = container_of(a, struct epoll_item, node);
    const struct epoll_item *y = container_of(b, struct epoll_item, node);

    if (x->file != y->file)
        return (uintptr_t)x->file < (uintptr_t)y->file ? -1 : 1;
    return (x->fd > y->fd) - (x->fd < y->fd);
}

static const struct tree_ops item_tree = {.compare = compare};

static struct epoll_item *find_item(struct epoll *ep, struct file *file, int fd)
{
    struct epoll_item key = {.file = file, .fd = fd};
    struct tree_node *node = ep->items.root;

    while (node != NULL) {
        int order = compare(&key.node, node);

        if (order == 0)
            return container_of(node, struct epoll_item, node);
        node = order < 0 ? node->left : node->right;
    }
    return NULL;
}

static void item_destroy(struct epoll_item *item)
{
    struct cursor *cursor;

    list_for_each_entry(cursor, &item->ep->cursors, struct cursor,
                        link) if (cursor->item == item) cursor->item = NULL;
    poll_set_clear(&item->set);
    clear_ready(item);
    tree_remove(&item->ep->items, &item->node);
    list_remove(&item->file_link);
    item->ep->user->nwatches--;
    slab_free(&item_cache, item);
}

void file_watched_gone(struct file *file)
{
    while (!list_is_empty(&file->watches)) {
        item_destroy(
            list_entry(file->watches.next, struct epoll_item, file_link));
        checkpoint();
    }
}

/* ---- circles ---- */

static uint32_t walk;

/*
 * How many sets are above each other from `ep` down, itself counted; more than
 * EPOLL_DEPTH if `top` is among them.
 */
static unsigned height_of(struct epoll *ep, const struct epoll *top)
{
    struct tree_node *node;
    unsigned height = 0;

    if (ep == top)
        return EPOLL_DEPTH + 1;
    if (ep->seen == walk)
        return ep->height;
    for (node = tree_first(&ep->items); node; node = tree_next(node)) {
        struct file *file = container_of(node, struct epoll_item, node)->file;
        unsigned below = epoll_of(file) ? height_of(epoll_of(file), top) : 0;

        height = below > height ? below : height;
    }
    ep->seen = walk;
    ep->height = height + 1;
    return ep->height;
}

/* How many sets are above `ep`. */
static unsigned sets_above(struct epoll *ep)
{
    struct epoll_item *item;
    unsigned n = 0;

    if (ep->seen == walk)
        return ep->height;
    list_for_each_entry(item, &ep->file->watches, struct epoll_item, file_link)
    {
        unsigned above = sets_above(item->ep) + 1;

        n = above > n ? above : n;
    }
    ep->seen = walk;
    ep->height = n;
    return n;
}

/* May `ep` watch `file`? */
static int check_depth(struct epoll *ep, struct file *file)
{
    struct epoll *below = epoll_of(file);
    unsigned height, above;

    if (below == NULL)
        return 0;
    walk++;
    height = height_of(below, ep);
    walk++;
    above = sets_above(ep);
    return height + above + 1 > EPOLL_DEPTH ? -ELOOP : 0;
}

/* ---- changing a set ---- */

static unsigned max_watches(void)
{
    return (unsigned)(frame_total() * (PAGE_SIZE / USER_PART) /
                      sizeof(struct epoll_item));
}

int epoll_add(struct epoll *ep, struct file *file, int fd,
              const struct __cairn_epoll_event *event)
{
    struct epoll_item *item;
    int error;

    if (file->ops->poll == NULL)
        return -EPERM;
    if (find_item(ep, file, fd))
        return -EEXIST;
    error = check_depth(ep, file);
    if (error < 0)
        return error;
    if (ep->user->nwatches >= max_watches())
        return -ENOSPC;
    item = slab_alloc(&item_cache);
    if (item == NULL)
        return -ENOMEM;
    item->ep = ep;
    item->file = file;
    item->fd = fd;
    set_event(item, event);
    list_init(&item->ready_link);
    poll_set_init_notify(&item->set, on_woken, item);
    tree_insert(&ep->items, &item->node);
    list_add_tail(&file->watches, &item->file_link);
    ep->user->nwatches++;
    begin_watch(item);
    return 0;
}

int epoll_modify(struct epoll *ep, struct file *file, int fd,
                 const struct __cairn_epoll_event *event)
{
    struct epoll_item *item = find_item(ep, file, fd);

    if (item == NULL)
        return -ENOENT;
    if ((item->event.events | event->events) & __CAIRN_EPOLLEXCLUSIVE)
        return -EINVAL;
    set_event(item, event);
    clear_ready(item);
    begin_watch(item);
    return 0;
}

int epoll_remove(struct epoll *ep, struct file *file, int fd)
{
    struct epoll_item *item = find_item(ep, file, fd);

    if (item == NULL)
        return -ENOENT;
    item_destroy(item);
    return 0;
}

/* ---- taking events ---- */

/* The first item that is ready, no longer so, or NULL. */
static struct epoll_item *take_ready(struct epoll *ep)
{
    uint32_t flags = irq_save();
    struct list *link = list_take_first(&ep->ready);

    if (link != NULL)
        ep->nready--;
    irq_restore(flags);
    return link ? list_entry(link, struct epoll_item, ready_link) : NULL;
}

/* Events of an item have been told. */
static void told(struct epoll_item *item)
{
    uint32_t flags = irq_save();

    if (item->event.events & __CAIRN_EPOLLONESHOT)
        item->event.events &= PRIVATE;
    else if (!(item->event.events & __CAIRN_EPOLLET))
        set_ready(item);
    irq_restore(flags);
}

/* Tell the events of one item: how many structs, 0 or 1, or -EFAULT. */
static int tell(struct epoll_item *item, uaddr_t address)
{
    struct epoll *ep = item->ep;
    struct cursor cursor = {.item = item};
    struct __cairn_epoll_event event = item->event;
    uint32_t flags;
    int error;

    event.events = ask(item);
    if (event.events == 0)
        return 0;
    list_add_tail(&ep->cursors, &cursor.link);
    error = copy_to_user(address, &event, sizeof(event));
    list_remove(&cursor.link);
    if (cursor.item == NULL)
        return error < 0 ? error : 1;
    if (error < 0) {
        flags = irq_save();
        set_ready(item);
        irq_restore(flags);
        return error;
    }
    told(item);
    return 1;
}

/* Tell up to `max` events, asking each item that is ready once. */
static int take_events(struct epoll *ep, uaddr_t events, uint32_t max)
{
    unsigned left = ep->nready;
    uint32_t n = 0;

    while (n < max && left-- > 0) {
        struct epoll_item *item = take_ready(ep);
        int result;

        if (item == NULL)
            break;
        result = tell(item, events + n * sizeof(struct __cairn_epoll_event));
        if (result < 0)
            return n > 0 ? (int)n : result;
        n += (uint32_t)result;
        if (left % MANY == 0)
            checkpoint();
    }
    return (int)n;
}

/* Sleep unless an item is ready: 0, -EINTR, -ETIMEDOUT. */
static int sleep_on(struct epoll *ep, uint64_t deadline_ns)
{
    uint32_t flags = irq_save();
    int error = 0;

    if (ep->nready == 0)
        error = waitq_sleep_exclusive_until(&ep->wq, 0, deadline_ns);
    irq_restore(flags);
    return error;
}

/* Wake the next thread that waits if events are left. */
static void pass_on(struct epoll *ep)
{
    if (ep->nready != 0)
        waitq_wake_first(&ep->wq);
}

int epoll_wait_events(struct epoll *ep, uaddr_t events, uint32_t max,
                      uint64_t deadline_ns)
{
    int error = deadline_ns == 0 ? -ETIMEDOUT : 0;
    bool slept = false;
    int n;

    for (;;) {
        n = take_events(ep, events, max);
        if (n != 0 || error < 0)
            break;
        error = sleep_on(ep, deadline_ns);
        slept = true;
    }
    if (slept)
        pass_on(ep);
    if (n != 0 || error == -ETIMEDOUT)
        return n;
    return error;
}

/* ---- the set as a file ---- */

/*
 * An item that is ready may have lost its events: ask until one has some. The
 * depth of sets bounds the recursion.
 */
static unsigned epoll_poll(struct file *file, struct poll_set *set)
{
    struct epoll *ep = file->private;
    struct epoll_item *item;
    unsigned left = ep->nready;
    uint32_t flags;

    poll_wait(set, &ep->wq);
    while (left-- > 0 && (item = take_ready(ep)) != NULL) {
        if (ask(item) == 0)
            continue;
        flags = irq_save();
        set_ready(item);
        irq_restore(flags);
        return POLLIN | POLLRDNORM;
    }
    return 0;
}

static void epoll_release(struct file *file)
{
    struct epoll *ep = file->private;
    struct tree_node *node;
    uint32_t flags;

    while ((node = ep->items.root) != NULL) {
        item_destroy(container_of(node, struct epoll_item, node));
        checkpoint();
    }
    flags = irq_save();
    list_remove(&ep->wake_link);
    irq_restore(flags);
    user_put(ep->user);
    slab_free(&epoll_cache, ep);
}

static const struct file_ops epoll_ops = {
    .open = file_open_made,
    .release = epoll_release,
    .poll = epoll_poll,
};

struct epoll *epoll_of(struct file *file)
{
    return file->ops == &epoll_ops && !(file->mode & FILE_PATH) ? file->private
                                                                : NULL;
}

int epoll_create(struct file **out)
{
    struct epoll *ep = slab_zalloc(&epoll_cache);
    int error;

    if (ep == NULL)
        return -ENOMEM;
    waitq_init(&ep->wq);
    tree_init(&ep->items, &item_tree);
    list_init(&ep->ready);
    list_init(&ep->wake_link);
    list_init(&ep->cursors);
    error = file_open_anonymous("eventpoll", 0600, O_RDWR, &epoll_ops, ep, out);
    if (error < 0) {
        slab_free(&epoll_cache, ep);
        return error;
    }
    ep->file = *out;
    ep->user = user_again(current_process()->user);
    return 0;
}
