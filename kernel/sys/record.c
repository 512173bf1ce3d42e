/* Records for the host, built in a buffer of the channel; see lab.h. */
#include <cairn/errno.h>

#include "arch/i386/ucopy.h"
#include "dev/channel.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sys/lab.h"

/* Injected faults of copies are for the program's, not for these. */
static struct thread *reader;

bool record_is_reading(void)
{
    return reader == current;
}

static uint32_t begin_reading(void)
{
    uint32_t saved = ucopy_fail_in;

    ucopy_fail_in = 0;
    reader = current;
    return saved;
}

static void end_reading(uint32_t saved)
{
    reader = NULL;
    if (saved != 0)
        ucopy_fail_in = saved;
}

void record_begin(struct record *r, unsigned type)
{
    struct cairn_record head = {
        .type = (uint16_t)type,
        .pid = current->process ? current_process()->pid : 0,
        .tid = current->tid,
        .ns = clock_monotonic_ns(),
    };

    r->bytes = channel_trace_begin();
    r->used = 0;
    record_add(r, &head, sizeof(head));
}

static size_t left(const struct record *r)
{
    return r->bytes ? CHANNEL_TRACE_BYTES - r->used : 0;
}

size_t record_room(const struct record *r)
{
    size_t n = left(r);

    return n > sizeof(struct cairn_chunk) + 4
               ? n - sizeof(struct cairn_chunk) - 4
               : 0;
}

char *record_place(struct record *r, size_t nbytes)
{
    if (nbytes > left(r))
        return NULL;
    r->used += nbytes;
    return r->bytes + r->used - nbytes;
}

void record_add(struct record *r, const void *bytes, size_t nbytes)
{
    char *place = record_place(r, nbytes);

    if (place)
        memcpy(place, bytes, nbytes);
}

static void pad(struct record *r)
{
    while (r->bytes && (r->used & 3) && left(r) > 0)
        r->bytes[r->used++] = '\0';
}

void record_add_string(struct record *r, const char *s)
{
    size_t n = strlen(s) + 1;

    if (n + 4 > left(r))
        return;
    record_add(r, s, n);
    pad(r);
}

void record_end(struct record *r)
{
    uint32_t nbytes = (uint32_t)r->used;

    if (!r->bytes)
        return;
    memcpy(r->bytes + offsetof(struct cairn_record, nbytes), &nbytes, 4);
    channel_trace_end(r->bytes, r->used);
    r->bytes = NULL;
}

/* Where the bytes of a chunk go; close_chunk says how many there are. */
static char *open_chunk(struct record *r)
{
    return r->bytes + r->used + sizeof(struct cairn_chunk);
}

static void close_chunk(struct record *r, unsigned kind, uint32_t address,
                        size_t nbytes)
{
    struct cairn_chunk chunk = {address, (uint16_t)kind, (uint16_t)nbytes};

    record_add(r, &chunk, sizeof(chunk));
    r->used += nbytes;
    pad(r);
}

void record_memory(struct record *r, uint32_t address, size_t nbytes)
{
    size_t room = record_room(r), n;
    uint32_t saved;

    if (nbytes > room)
        nbytes = room;
    if (nbytes == 0)
        return;
    saved = begin_reading();
    n = copy_from_user_some(open_chunk(r), address, nbytes);
    end_reading(saved);
    if (n > 0)
        close_chunk(r, CAIRN_CHUNK_MEMORY, address, n);
}

void record_string(struct record *r, uint32_t address, size_t most)
{
    size_t room = record_room(r);
    uint32_t saved;
    ssize_t n;

    if (most > room)
        most = room;
    if (most == 0)
        return;
    saved = begin_reading();
    n = copy_string_from_user(open_chunk(r), address, most);
    end_reading(saved);
    if (n >= 0)
        close_chunk(r, CAIRN_CHUNK_MEMORY, address, (size_t)n + 1);
    else if (n == -ENAMETOOLONG)
        close_chunk(r, CAIRN_CHUNK_MEMORY, address, most);
}

void record_word(struct record *r, unsigned kind, uint32_t address,
                 uint32_t word)
{
    if (record_room(r) < sizeof(word))
        return;
    memcpy(open_chunk(r), &word, sizeof(word));
    close_chunk(r, kind, address, sizeof(word));
}

void record_descriptor(struct record *r, int fd)
{
    size_t room = record_room(r), n;
    struct file *file;
    char *path;

    if (room < 64 || fd < 0 || !current_process()->files)
        return;
    file = fdtable_file(current_process()->files, fd);
    if (!file)
        return;
    if (room > PATH_MAX)
        room = PATH_MAX;
    path = dentry_path(file->dentry, current_process()->fs->root, open_chunk(r),
                       room);
    if (path) {
        n = strlen(path);
        memmove(open_chunk(r), path, n);
        close_chunk(r, CAIRN_CHUNK_PATH, (uint32_t)fd, n);
    }
    file_put(file);
}
