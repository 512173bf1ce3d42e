/*
 * The strings of execve, copied before the old address space is given up.
 *
 * They are kept one behind the other in pages of the kernel's, as they will lie
 * at the top of the new stack:
 *
 *     pages[0]          pages[1]            ...
 *     ls\0-l\0PATH=/b   in\0HOME=/root\0
 */
#include <cairn/errno.h>

#include "arch/i386/ucopy.h"
#include "lib/checkpoint.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/exec.h"

#define FIRST_ROOM 8

void exec_args_init(struct exec_args *args, uint32_t stack_limit)
{
    memset(args, 0, sizeof(*args));
    args->limit = stack_limit / 4;
    if (args->limit < EXEC_ARGS_MIN)
        args->limit = EXEC_ARGS_MIN;
    if (args->limit > EXEC_ARGS_MAX)
        args->limit = EXEC_ARGS_MAX;
}

void exec_args_free(struct exec_args *args)
{
    while (args->npages > 0)
        kfree(args->pages[--args->npages]);
    kfree(args->pages);
    memset(args, 0, sizeof(*args));
}

static int grow_list(struct exec_args *args)
{
    size_t room = args->room ? args->room * 2 : FIRST_ROOM;
    char **pages = kmalloc(room * sizeof(*pages));

    if (!pages)
        return -ENOMEM;
    for (size_t i = 0; i < args->npages; i++)
        pages[i] = args->pages[i];
    kfree(args->pages);
    args->pages = pages;
    args->room = room;
    return 0;
}

static int add_page(struct exec_args *args)
{
    int error = args->npages == args->room ? grow_list(args) : 0;
    char *page;

    if (error)
        return error;
    page = kmalloc(PAGE_SIZE);
    if (!page)
        return -ENOMEM;
    args->pages[args->npages++] = page;
    return 0;
}

/* Where the next byte goes, and how many fit there in one piece. */
static int next_room(struct exec_args *args, char **at, size_t *room)
{
    size_t offset = args->nbytes % PAGE_SIZE;
    int error;

    if (args->nbytes == args->npages * PAGE_SIZE) {
        error = checkpoint() ? -EINTR : add_page(args);
        if (error)
            return error;
    }
    *at = args->pages[args->npages - 1] + offset;
    *room = PAGE_SIZE - offset;
    return 0;
}

/* True if another string of `nbytes` in all still fits what Linux allows. */
static bool fits(const struct exec_args *args, size_t nbytes)
{
    size_t pointers = (args->argc + args->envc + 1) * sizeof(uint32_t);

    return nbytes <= EXEC_STRING_MAX &&
           args->nbytes + nbytes + pointers <= args->limit;
}

static void count(struct exec_args *args, bool is_env)
{
    if (is_env)
        args->envc++;
    else
        args->argc++;
}

int exec_args_add(struct exec_args *args, const char *string, bool is_env)
{
    size_t left = strlen(string) + 1;

    if (!fits(args, left))
        return -E2BIG;
    while (left > 0) {
        size_t room;
        char *at;
        int error = next_room(args, &at, &room);

        if (error)
            return error;
        room = room < left ? room : left;
        memcpy(at, string, room);
        args->nbytes += room;
        string += room;
        left -= room;
    }
    count(args, is_env);
    return 0;
}

int exec_args_add_user(struct exec_args *args, uint32_t string, bool is_env)
{
    size_t nbytes = 0;

    for (;;) {
        size_t room;
        char *at;
        ssize_t n;
        int error = next_room(args, &at, &room);

        if (error)
            return error;
        n = copy_string_from_user(at, string, room);
        if (n == -EFAULT)
            return -EFAULT;
        if (n >= 0) {
            args->nbytes += (size_t)n + 1;
            nbytes += (size_t)n + 1;
            break;
        }
        args->nbytes += room;
        nbytes += room;
        string += room;
        if (nbytes > EXEC_STRING_MAX || !fits(args, 0))
            return -E2BIG;
    }
    if (nbytes > EXEC_STRING_MAX || !fits(args, 0))
        return -E2BIG;
    count(args, is_env);
    return 0;
}
