/*
 * Descriptor tables.
 *
 *      used     0 0 1 1 0 1 1 1     a bit per number: taken
 *      cloexec  0 0 0 0 0 0 1 0     closed by exec
 *      files    . . f f . r f f     r: reserved, still NULL
 *
 * The three arrays are one piece of memory, or, for the first 32 numbers, part
 * of the table itself: most processes never need more. `hint` is a word of
 * `used` below which no number is free.
 *
 * Invariant: files[fd] != NULL implies that used has the bit.
 */
#include <cairn/errno.h>
#include "lib/bits.h"
#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/lock.h"

#define MANY 64 /* files between two chances for others */

#define WORD      32u
#define FIRST_FDS WORD

struct fdtable {
    uint32_t refs;
    uint32_t size; /* numbers there is room for: a multiple of WORD */
    uint32_t hint;
    struct file **files;
    uint32_t *used;
    uint32_t *cloexec;
    struct file *first_files[FIRST_FDS];
    uint32_t first_used;
    uint32_t first_cloexec;
};

static struct slab_cache table_cache =
    SLAB_CACHE("fdtable", sizeof(struct fdtable), sizeof(void *));

static bool bit_test(const uint32_t *words, uint32_t n)
{
    return words[n / WORD] >> (n % WORD) & 1;
}

static void bit_put(uint32_t *words, uint32_t n, bool on)
{
    uint32_t bit = 1u << (n % WORD);

    words[n / WORD] = on ? words[n / WORD] | bit : words[n / WORD] & ~bit;
}

int fdtable_create(struct fdtable **out)
{
    struct fdtable *table = slab_zalloc(&table_cache);

    if (table == NULL)
        return -ENOMEM;
    table->refs = 1;
    table->size = FIRST_FDS;
    table->files = table->first_files;
    table->used = &table->first_used;
    table->cloexec = &table->first_cloexec;
    *out = table;
    return 0;
}

/* Bytes of the three arrays for `size` numbers. */
static size_t arrays_nbytes(uint32_t size)
{
    return size * sizeof(struct file *) + 2 * (size / WORD) * sizeof(uint32_t);
}

/* Make room for number `fd`. */
static int table_grow(struct fdtable *table, uint32_t fd)
{
    uint32_t size = table->size, old = table->size;
    struct file **files;
    uint32_t *used, *cloexec;

    while (size <= fd)
        size *= 2;
    files = kzalloc(arrays_nbytes(size));
    if (files == NULL)
        return -ENOMEM;
    used = (uint32_t *)(files + size);
    cloexec = used + size / WORD;
    memcpy(files, table->files, old * sizeof(*files));
    memcpy(used, table->used, old / WORD * sizeof(*used));
    memcpy(cloexec, table->cloexec, old / WORD * sizeof(*cloexec));
    if (table->files != table->first_files)
        kfree(table->files);
    table->files = files;
    table->used = used;
    table->cloexec = cloexec;
    table->size = size;
    return 0;
}

/* One more than the highest number that is taken. */
static uint32_t used_below(const struct fdtable *table)
{
    uint32_t word = table->size / WORD;

    while (word > 0 && table->used[word - 1] == 0)
        word--;
    return word > 0
               ? (word - 1) * WORD + bits_log2_32(table->used[word - 1]) + 1
               : 0;
}

int fdtable_copy(struct fdtable *table, struct fdtable **out)
{
    struct fdtable *copy;
    uint32_t top;
    int error = fdtable_create(&copy);

    if (error < 0)
        return error;
    top = used_below(table);
    if (top > copy->size) {
        error = table_grow(copy, top - 1);
        if (error < 0) {
            slab_free(&table_cache, copy);
            return error;
        }
    }
    for (uint32_t fd = 0; fd < top; fd++) {
        if (table->used[fd / WORD] == 0) {
            fd |= WORD - 1; /* none of these */
            continue;
        }
        if (table->files[fd] == NULL)
            continue;
        copy->files[fd] = file_get(table->files[fd]);
        bit_put(copy->used, fd, true);
        bit_put(copy->cloexec, fd, bit_test(table->cloexec, fd));
        if (fd % MANY == MANY - 1)
            checkpoint();
    }
    *out = copy;
    return 0;
}

struct fdtable *fdtable_get(struct fdtable *table)
{
    table->refs++;
    return table;
}

uint32_t fdtable_refs(const struct fdtable *table)
{
    return table->refs;
}

static void close_and_pause(struct fdtable *table, uint32_t fd)
{
    (void)!fdtable_close(table, (int)fd);
    if (fd % MANY == MANY - 1)
        checkpoint();
}

void fdtable_put(struct fdtable *table)
{
    if (--table->refs > 0)
        return;
    for (uint32_t fd = 0; fd < table->size; fd++) {
        if (table->used[fd / WORD] == 0)
            fd |= WORD - 1;
        else if (table->files[fd] != NULL)
            close_and_pause(table, fd);
    }
    if (table->files != table->first_files)
        kfree(table->files);
    slab_free(&table_cache, table);
}

struct file *fdtable_peek(struct fdtable *table, int fd)
{
    return (uint32_t)fd < table->size ? table->files[fd] : NULL;
}

struct file *fdtable_file(struct fdtable *table, int fd)
{
    struct file *file = fdtable_peek(table, fd);

    return file != NULL ? file_get(file) : NULL;
}

/* The lowest number >= min that is not used; may be table->size or more. */
static uint32_t lowest_free(struct fdtable *table, uint32_t min)
{
    uint32_t word = min / WORD, words = table->size / WORD, taken;

    if (min <= table->hint * WORD)
        word = table->hint;
    for (; word < words; word++) {
        taken = table->used[word];
        if (word == min / WORD)
            taken |= (1u << (min % WORD)) - 1;
        if (taken != UINT32_MAX)
            return word * WORD + bits_lowest32(~taken);
    }
    return min > table->size ? min : table->size;
}

int fdtable_reserve(struct fdtable *table, int min, uint64_t limit)
{
    uint32_t fd;

    if (limit > FDTABLE_MAX)
        limit = FDTABLE_MAX;
    if (min < 0 || (uint64_t)min >= limit)
        return -EMFILE;
    fd = lowest_free(table, (uint32_t)min);
    if (fd >= limit)
        return -EMFILE;
    if (fd >= table->size && table_grow(table, fd) < 0)
        return -ENOMEM;
    bit_put(table->used, fd, true);
    bit_put(table->cloexec, fd, false);
    if (min == 0)
        table->hint = fd / WORD;
    return (int)fd;
}

void fdtable_install(struct fdtable *table, int fd, struct file *file,
                     bool cloexec)
{
    assert(table->files[fd] == NULL && bit_test(table->used, (uint32_t)fd));
    table->files[fd] = file;
    bit_put(table->cloexec, (uint32_t)fd, cloexec);
}

void fdtable_release(struct fdtable *table, int fd)
{
    bit_put(table->used, (uint32_t)fd, false);
    if ((uint32_t)fd / WORD < table->hint)
        table->hint = (uint32_t)fd / WORD;
}

int fdtable_add(struct fdtable *table, struct file *file, uint64_t limit,
                bool cloexec)
{
    int fd = fdtable_reserve(table, 0, limit);

    if (fd < 0)
        file_put(file);
    else
        fdtable_install(table, fd, file, cloexec);
    return fd;
}

/* A descriptor of a file is closed. */
static void let_go(struct file *file, struct fdtable *table)
{
    if (file->ops->closed != NULL && !(file->mode & FILE_PATH))
        file->ops->closed(file);
    lock_closed(file, table);
    file_put(file);
}

int fdtable_replace(struct fdtable *table, int fd, struct file *file,
                    uint64_t limit, bool cloexec)
{
    struct file *old;

    if (limit > FDTABLE_MAX)
        limit = FDTABLE_MAX;
    if (fd < 0 || (uint64_t)fd >= limit)
        return -EBADF;
    if ((uint32_t)fd >= table->size && table_grow(table, (uint32_t)fd) < 0)
        return -ENOMEM;
    old = table->files[fd];
    if (old == NULL && bit_test(table->used, (uint32_t)fd))
        return -EBUSY;
    table->files[fd] = file_get(file);
    bit_put(table->used, (uint32_t)fd, true);
    bit_put(table->cloexec, (uint32_t)fd, cloexec);
    if (old != NULL)
        let_go(old, table);
    return 0;
}

int fdtable_close(struct fdtable *table, int fd)
{
    struct file *file = fdtable_peek(table, fd);

    if (file == NULL)
        return -EBADF;
    table->files[fd] = NULL;
    fdtable_release(table, fd);
    let_go(file, table);
    return 0;
}

int fdtable_cloexec(struct fdtable *table, int fd)
{
    if (fdtable_peek(table, fd) == NULL)
        return -EBADF;
    return bit_test(table->cloexec, (uint32_t)fd);
}

int fdtable_set_cloexec(struct fdtable *table, int fd, bool on)
{
    if (fdtable_peek(table, fd) == NULL)
        return -EBADF;
    bit_put(table->cloexec, (uint32_t)fd, on);
    return 0;
}

int fdtable_unshare(struct fdtable **table)
{
    struct fdtable *own;
    int error;

    if ((*table)->refs == 1)
        return 0;
    error = fdtable_copy(*table, &own);
    if (error < 0)
        return error;
    fdtable_put(*table);
    *table = own;
    return 0;
}

void fdtable_close_exec(struct fdtable *table)
{
    for (uint32_t fd = 0; fd < table->size; fd++) {
        if (table->cloexec[fd / WORD] == 0)
            fd |= WORD - 1;
        else if (table->files[fd] != NULL && bit_test(table->cloexec, fd))
            close_and_pause(table, fd);
    }
}

int fdtable_next(struct fdtable *table, int fd)
{
    for (uint32_t n = fd < 0 ? 0 : (uint32_t)fd; n < table->size; n++) {
        if (table->used[n / WORD] == 0)
            n |= WORD - 1;
        else if (table->files[n] != NULL)
            return (int)n;
    }
    return -1;
}
