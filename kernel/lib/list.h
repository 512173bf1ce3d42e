/*
 * Intrusive, circular, doubly linked lists.
 *
 * A struct list is both the head of a list and the link inside an element. An
 * empty list points to itself; so does a link that is on no list, if it was
 * set up by list_init or taken off by list_remove:
 *
 *        +--> head <--> first <--> ... <--> last <--+
 *        +------------------------------------------+
 *
 * Every operation takes constant time and no list is ever NULL-terminated.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct list {
    struct list *next;
    struct list *prev;
};

/* The struct of type `type` whose field `member` is at `pointer`. */
#define container_of(pointer, type, member) \
    ((type *)((char *)(pointer)-offsetof(type, member)))

/* A list defined at file scope starts empty with this. */
#define LIST_INIT(name)  \
    {                    \
        &(name), &(name) \
    }

#define list_entry(link, type, member) container_of(link, type, member)

/* Walk the links; the current one must stay on the list meanwhile. */
#define list_for_each(link, head) \
    for ((link) = (head)->next; (link) != (head); (link) = (link)->next)

/* Walk the links; the current one may be removed. `after` is scratch. */
#define list_for_each_safe(link, after, head)                             \
    for ((link) = (head)->next, (after) = (link)->next; (link) != (head); \
         (link) = (after), (after) = (link)->next)

/*
 * Walk the elements; the current one must stay on the list meanwhile. The
 * head has no element around it, so only addresses are compared.
 */
#define list_for_each_entry(element, head, type, member)                     \
    for ((element) = list_entry((head)->next, type, member);                 \
         (uintptr_t)(element) + offsetof(type, member) != (uintptr_t)(head); \
         (element) = list_entry((element)->member.next, type, member))

static inline void list_init(struct list *head)
{
    head->next = head;
    head->prev = head;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

/* Put `link`, which is on no list, between two neighbours. */
static inline void list_insert_between(struct list *link, struct list *prev,
                                       struct list *next)
{
    link->prev = prev;
    link->next = next;
    prev->next = link;
    next->prev = link;
}

static inline void list_add_head(struct list *head, struct list *link)
{
    list_insert_between(link, head, head->next);
}

static inline void list_add_tail(struct list *head, struct list *link)
{
    list_insert_between(link, head->prev, head);
}

static inline void list_add_before(struct list *where, struct list *link)
{
    list_insert_between(link, where->prev, where);
}

static inline void list_add_after(struct list *where, struct list *link)
{
    list_insert_between(link, where, where->next);
}

/* Take `link` off its list, if it is on one, and set it up again. */
static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

/* The first or last link, or NULL if the list is empty. */
static inline struct list *list_first(const struct list *head)
{
    return list_is_empty(head) ? NULL : head->next;
}

static inline struct list *list_last(const struct list *head)
{
    return list_is_empty(head) ? NULL : head->prev;
}

/* Take off and return the first link, or NULL if the list is empty. */
static inline struct list *list_take_first(struct list *head)
{
    struct list *link = list_first(head);

    if (link != NULL)
        list_remove(link);
    return link;
}

/* Append all of `from` to `head` and leave `from` empty. */
static inline void list_splice_tail(struct list *head, struct list *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = head->prev;
    from->prev->next = head;
    head->prev->next = from->next;
    head->prev = from->prev;
    list_init(from);
}

#endif
