/*
 * scandir, alphasort: a folder's entries as a sorted array, each entry and the
 * array to be freed by the caller.
 *
 * Errors: those of opendir and readdir; ENOMEM.
 */
#include "../call.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

typedef int select_entry(const struct dirent *);
typedef int compare_entries(const struct dirent **, const struct dirent **);

struct list {
    struct dirent **entries;
    size_t count;
    size_t room;
};

int alphasort(const struct dirent **a, const struct dirent **b)
{
    return strcoll((*a)->d_name, (*b)->d_name);
}

static int add(struct list *list, const struct dirent *entry)
{
    struct dirent *copy;

    if (list->count == list->room) {
        size_t room = list->room != 0 ? 2 * list->room : 16;
        struct dirent **entries =
            realloc(list->entries, room * sizeof(*entries));

        if (entries == NULL)
            return -1;
        list->entries = entries;
        list->room = room;
    }
    copy = malloc(entry->d_reclen);
    if (copy == NULL)
        return -1;
    list->entries[list->count++] = memcpy(copy, entry, entry->d_reclen);
    return 0;
}

static int collect(DIR *dir, struct list *list, select_entry *select)
{
    struct dirent *entry;

    for (;;) {
        errno = 0; /* also of what `select` left there */
        entry = readdir(dir);
        if (entry == NULL)
            return errno != 0 ? -1 : 0;
        if ((select == NULL || select(entry) != 0) && add(list, entry) < 0)
            return -1;
    }
}

int scandir(const char *path, struct dirent ***result, select_entry *select,
            compare_entries *compare)
{
    struct list list = {0};
    DIR *dir = opendir(path);
    int saved = errno;
    int failed;

    if (dir == NULL)
        return -1;
    failed = collect(dir, &list, select) < 0;
    if (failed)
        saved = errno;
    closedir(dir);
    errno = saved;
    if (failed) {
        while (list.count > 0)
            free(list.entries[--list.count]);
        free(list.entries);
        return -1;
    }
    if (compare != NULL && list.count > 1)
        qsort(list.entries, list.count, sizeof(*list.entries),
              (int (*)(const void *, const void *))(void (*)(void))compare);
    *result = list.entries;
    return (int)list.count;
}
