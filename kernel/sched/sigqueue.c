/* Queues of pending signals; the drawing is in sched/sigqueue.h. */
#include "sched/sigqueue.h"

#include <cairn/errno.h>
#include <cairn/signal.h>

#include "lib/compiler.h"
#include "mm/kmalloc.h"

_Static_assert(offsetof(struct __cairn_siginfo, si) ==
                   offsetof(struct signal_info, words),
               "a prefix of the other");

static struct slab_cache node_cache =
    SLAB_CACHE("signal", sizeof(struct sigqueue_node), 4);

static struct sigqueue_node *node_of(struct list *link)
{
    return list_entry(link, struct sigqueue_node, link);
}

void sigqueue_init(struct sigqueue *queue)
{
    queue->pending = 0;
    queue->bare = 0;
    queue->nsources = 0;
    queue->has_forgotten = false;
    list_init(&queue->infos);
    list_init(&queue->first.link);
    queue->first.source = NULL;
}

static bool is_inside(const struct sigqueue *queue,
                      const struct sigqueue_node *node)
{
    return node == &queue->first;
}

/* Unlink a node and free it, if it is not part of the queue. */
static void drop(struct sigqueue *queue, struct sigqueue_node *node,
                 unsigned *nnodes)
{
    list_remove(&node->link);
    --*nnodes;
    if (!is_inside(queue, node))
        slab_free(&node_cache, node);
}

static void unlink_own(struct sigqueue *queue, struct sigqueue_node *node)
{
    list_remove(&node->link);
    queue->nsources--;
}

void sigqueue_sweep(struct sigqueue *queue, unsigned *nnodes)
{
    struct list *link, *next;

    if (!queue->has_forgotten)
        return;
    queue->has_forgotten = false;
    list_for_each_safe(link, next, &queue->infos)
    {
        if (node_of(link)->info.signo == 0)
            drop(queue, node_of(link), nnodes);
    }
}

void sigqueue_forget(struct sigqueue *queue, uint64_t mask, unsigned *nnodes)
{
    struct list *link, *next;

    queue->pending &= ~mask;
    queue->bare &= ~mask;
    list_for_each_safe(link, next, &queue->infos)
    {
        struct sigqueue_node *node = node_of(link);

        if (node->info.signo == 0 || !sigmask_has(&mask, node->info.signo))
            continue;
        if (node->source) {
            unlink_own(queue, node);
            node->source->forgotten(node);
            continue;
        }
        if (is_inside(queue, node)) {
            drop(queue, node, nnodes);
            continue;
        }
        node->info.signo = 0;
        queue->has_forgotten = true;
    }
}

/* The node for one more signal, or NULL. */
static struct sigqueue_node *get_node(struct sigqueue *queue)
{
    if (list_is_empty(&queue->first.link))
        return &queue->first;
    return slab_alloc(&node_cache);
}

int sigqueue_add(struct sigqueue *queue, const struct signal_info *info,
                 unsigned *nnodes)
{
    struct sigqueue_node *node;

    sigqueue_sweep(queue, nnodes);
    node = get_node(queue);
    if (!node)
        return -EAGAIN;
    node->info = *info;
    node->source = NULL;
    list_add_tail(&queue->infos, &node->link);
    ++*nnodes;
    return 0;
}

/* The first node of `signo` from `link` on, or NULL. */
static struct sigqueue_node *find(struct sigqueue *queue, struct list *link,
                                  int signo)
{
    for (; link != &queue->infos; link = link->next)
        if (node_of(link)->info.signo == signo)
            return node_of(link);
    return NULL;
}

/* Is there nothing else that makes the signal of `node` pending? */
static bool is_last(struct sigqueue *queue, const struct sigqueue_node *node)
{
    int signo = node->info.signo;

    if (signo < __CAIRN_SIGRT_FIRST && queue->nsources == 0)
        return true;
    return !find(queue, queue->infos.next, signo);
}

void sigqueue_add_own(struct sigqueue *queue, struct sigqueue_node *node)
{
    list_add_tail(&queue->infos, &node->link);
    queue->nsources++;
    sigmask_add(&queue->pending, node->info.signo);
}

void sigqueue_remove_own(struct sigqueue *queue, struct sigqueue_node *node)
{
    if (list_is_empty(&node->link))
        return;
    unlink_own(queue, node);
    if (!sigmask_has(&queue->bare, node->info.signo) &&
        !find(queue, queue->infos.next, node->info.signo))
        sigmask_remove(&queue->pending, node->info.signo);
}

/* Is the oldest signal this one, in the node that is always there. */
static inline bool is_simple(const struct sigqueue *queue, int signo)
{
    return queue->infos.next == &queue->first.link &&
           queue->first.info.signo == signo && !queue->first.source &&
           queue->nsources == 0 && signo < __CAIRN_SIGRT_FIRST;
}

void sigqueue_take(struct sigqueue *queue, int signo, struct signal_info *info,
                   unsigned *nnodes)
{
    struct signal_info unneeded;
    struct sigqueue_node *node;
    const struct sigqueue_source *source;

    sigmask_remove(&queue->bare, signo);
    if (likely(is_simple(queue, signo))) {
        if (info)
            *info = queue->first.info;
        list_remove(&queue->first.link);
        --*nnodes;
        sigmask_remove(&queue->pending, signo);
        return;
    }
    if (!info)
        info = &unneeded;
    node = find(queue, queue->infos.next, signo);
    if (!node) {
        signal_info_init(info, signo, SI_KERNEL);
        sigmask_remove(&queue->pending, signo);
        return;
    }
    *info = node->info;
    source = node->source;
    if (source)
        unlink_own(queue, node);
    else
        list_remove(&node->link);
    if (is_last(queue, node))
        sigmask_remove(&queue->pending, signo);
    if (source)
        source->taken(node, info);
    else
        drop(queue, node, nnodes);
}
