/*
 * tools/pack.c - the writer of initrd archives
 *
 * The kernel maps a program's pages straight from the archive in memory, so
 * every file with content starts on a 4 KiB boundary of the archive.  To any
 * tar program it is a plain POSIX archive all the same:
 *
 *     offset      content
 *     0x0000      directories, links, empty files: one 512-byte header each
 *     ...         filler: a pax global header ('g') whose data is one record,
 *                 "comment=" and blanks, which all readers pass over in
 *                 silence
 *     0x0e00      the file's header, ending right at the boundary
 *     0x1000      the file's data ...
 *     0x2345      ... its end, then zeros up to a multiple of 512
 *     0x2400      the next headers and filler
 *     0x2e00      the next file's header
 *     0x3000      the next file's data
 *
 * A tar archive cannot hold zeros from a file's end up to the page's: after
 * the data comes the next header, and a block of zeros ends the archive.
 * What this layout gives instead is that between the end of a file's data
 * and the next boundary there are only headers and filler, never another
 * file's data.  A reader that has been through all headers may therefore
 * write zeros there, and the kernel does before it maps a last page.
 *
 * A path beyond what name and prefix of a ustar header hold (255 bytes, cut
 * at a slash), and a link's target beyond 100, go into a pax extended header
 * ('x': records "path" and "linkpath") before the member's own; filler is
 * measured so that both end at the boundary.  The header then has the first
 * 100 bytes, for readers without pax.
 *
 * The archive ends with two blocks of zeros, filled up to a whole page.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header
 * Block".
 */
#define _GNU_SOURCE /* tdestroy() */

#include "pack.h"

#include "ustar.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE      4096u
#define BLOCK     USTAR_BLOCK
#define NAME_TOP  255
#define PATH_TOP  4095
#define SIZE_TOP  077777777777ll /* eleven octal digits */
#define MODE_BITS 07777u

struct pack {
    FILE *out;
    int64_t mtime;
    uint64_t offset;      /* bytes written so far */
    int error;            /* the stream's first error, negative, or 0 */
    void *names;          /* a tsearch() tree of struct known */
    const char *left_out; /* a name that trees are taken without, or NULL */
    bool keeps_first;     /* a file of a name that is taken is left out */
};

/* A name that the archive has. */
struct known {
    bool is_dir;
    char name[];
};

/* What goes into a member's header. */
struct member {
    const char *name; /* clean: no leading or doubled slashes */
    const char *link;
    char type;
    unsigned mode;
    uint64_t size;
};

/* ---- the stream -------------------------------------------------------- */

static int put_bytes(struct pack *pack, const void *data, size_t nbytes)
{
    if (pack->error)
        return pack->error;
    errno = 0;
    if (nbytes && fwrite(data, 1, nbytes, pack->out) != nbytes)
        pack->error = errno ? -errno : -EIO;
    pack->offset += nbytes;
    return pack->error;
}

static int put_zeros_up_to(struct pack *pack, unsigned boundary)
{
    static const char zeros[PAGE];
    unsigned past = pack->offset % boundary;

    return put_bytes(pack, zeros, past ? boundary - past : 0);
}

/* ---- headers ----------------------------------------------------------- */

static uint64_t round_up_block(uint64_t nbytes)
{
    return (nbytes + BLOCK - 1) / BLOCK * BLOCK;
}

static void set_octal(char *field, int ndigits, uint64_t value)
{
    field[ndigits] = '\0';
    while (ndigits--) {
        field[ndigits] = '0' + value % 8;
        value /= 8;
    }
}

static int put_header(struct pack *pack, struct ustar_header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    unsigned sum = 0;

    set_octal(header->uid, 7, 0);
    set_octal(header->gid, 7, 0);
    set_octal(header->mtime, 11, (uint64_t)pack->mtime);
    memcpy(header->magic, "ustar\00000", 8);
    memset(header->checksum, ' ', 8);
    for (unsigned i = 0; i < BLOCK; i++)
        sum += bytes[i];
    set_octal(header->checksum, 6, sum);
    return put_bytes(pack, header, BLOCK);
}

/*
 * Splits a path between the fields prefix and name: at the first slash that
 * leaves a name short enough.  Says whether it fitted.
 */
static bool set_name(struct ustar_header *header, const char *path)
{
    size_t len = strlen(path);
    const char *slash;

    if (len <= sizeof(header->name)) {
        memcpy(header->name, path, len);
        return true;
    }
    /* A directory's closing slash must stay in the name. */
    slash = strchr(path + len - 1 - sizeof(header->name), '/');
    if (!slash || !slash[1] || slash == path ||
        slash - path > (ptrdiff_t)sizeof(header->prefix)) {
        memcpy(header->name, path, sizeof(header->name));
        return false;
    }
    memcpy(header->prefix, path, slash - path);
    memcpy(header->name, slash + 1, path + len - slash - 1);
    return true;
}

static bool set_link(struct ustar_header *header, const char *target)
{
    size_t len = strlen(target);
    size_t room = sizeof(header->link);

    memcpy(header->link, target, len < room ? len : room);
    return len <= room;
}

static size_t count_digits(size_t n)
{
    size_t ndigits = 1;

    while (n /= 10)
        ndigits++;
    return ndigits;
}

/* The length of the record "LENGTH KEY=VALUE\n", which counts itself. */
static size_t record_len(size_t keylen, size_t valuelen)
{
    size_t rest = keylen + valuelen + 3;
    size_t len = rest + count_digits(rest);

    return rest + count_digits(len);
}

static char *add_record(char *at, const char *key, const char *value)
{
    size_t keylen = strlen(key), len = strlen(value);

    at += sprintf(at, "%zu %s=", record_len(keylen, len), key);
    memcpy(at, value, len);
    at[len] = '\n';
    return at + len + 1;
}

/* Writes NBYTES, a multiple of BLOCK, that readers pass over. */
static int put_filler(struct pack *pack, unsigned nbytes)
{
    struct ustar_header header = {.name = "././@Filler", .type = 'g'};
    char body[PAGE];
    int len;

    if (nbytes == 0)
        return 0;
    nbytes -= BLOCK;
    set_octal(header.mode, 7, 0644);
    set_octal(header.size, 11, nbytes);
    put_header(pack, &header);
    if (nbytes) {
        memset(body, ' ', sizeof(body));
        len = sprintf(body, "%u comment=", nbytes);
        body[len] = ' ';
        body[nbytes - 1] = '\n';
    }
    return put_bytes(pack, body, nbytes);
}

/*
 * Writes all that comes before a member's data: filler where the data must
 * start a page, the extended header where names are long, the header.
 */
static int put_member(struct pack *pack, const struct member *member)
{
    struct ustar_header header = {.type = member->type};
    struct ustar_header extended = {.name = "././@PaxHeader", .type = 'x'};
    char records[2 * (PATH_TOP + 32)], *end = records;
    uint64_t before = BLOCK;

    if (!set_name(&header, member->name))
        end = add_record(end, "path", member->name);
    if (!set_link(&header, member->link))
        end = add_record(end, "linkpath", member->link);
    if (end > records)
        before += BLOCK + round_up_block(end - records);
    if (member->size)
        put_filler(pack, (PAGE - (pack->offset + before) % PAGE) % PAGE);
    if (end > records) {
        set_octal(extended.mode, 7, 0644);
        set_octal(extended.size, 11, end - records);
        put_header(pack, &extended);
        put_bytes(pack, records, end - records);
        put_zeros_up_to(pack, BLOCK);
    }
    set_octal(header.mode, 7, member->mode & MODE_BITS);
    set_octal(header.size, 11, member->size);
    put_header(pack, &header);
    assert(!member->size || pack->offset % PAGE == 0);
    return pack->error;
}

/* ---- names ------------------------------------------------------------- */

/*
 * Copies NAME to CLEAN without empty and "." components.  CLEAN has room for
 * PATH_TOP + 2 bytes: one more for a directory's closing slash.
 */
static int clean_name(const char *name, char *clean)
{
    size_t used = 0;

    while (*name) {
        size_t len = strcspn(name, "/");

        if (len == 2 && memcmp(name, "..", 2) == 0)
            return -EINVAL;
        if (len > NAME_TOP || len + 1 > PATH_TOP - used)
            return -ENAMETOOLONG;
        if (len && !(len == 1 && name[0] == '.')) {
            if (used)
                clean[used++] = '/';
            memcpy(clean + used, name, len);
            used += len;
        }
        name += len + (name[len] == '/');
    }
    clean[used] = '\0';
    return 0;
}

static int compare_known(const void *a, const void *b)
{
    const struct known *left = a, *right = b;

    return strcmp(left->name, right->name);
}

/* Notes a name: 0 if it is new, -EEXIST if not, and *WAS_DIR says as what. */
static int note_name(struct pack *pack, const char *name, bool is_dir,
                     bool *was_dir)
{
    struct known *known = malloc(sizeof(*known) + strlen(name) + 1);
    struct known **place;
    bool is_new;

    if (!known)
        return -ENOMEM;
    known->is_dir = is_dir;
    strcpy(known->name, name);
    place = tsearch(known, &pack->names, compare_known);
    is_new = place && *place == known;
    if (!is_new)
        free(known);
    if (!place)
        return -ENOMEM;
    *was_dir = (*place)->is_dir;
    return is_new ? 0 : -EEXIST;
}

/* Adds the directory CLEAN, which has room for one byte more. */
static int add_one_dir(struct pack *pack, char *clean, unsigned mode)
{
    struct member member = {clean, "", '5', mode, 0};
    bool was_dir;
    int error = note_name(pack, clean, true, &was_dir);

    if (error == -EEXIST)
        return was_dir ? 0 : -ENOTDIR;
    if (error)
        return error;
    strcat(clean, "/");
    error = put_member(pack, &member);
    clean[strlen(clean) - 1] = '\0';
    return error;
}

static int add_parents(struct pack *pack, const char *clean)
{
    char parent[PATH_TOP + 2];
    const char *slash = clean;
    int error = 0;

    while (!error && (slash = strchr(slash, '/')) != NULL) {
        memcpy(parent, clean, slash - clean);
        parent[slash - clean] = '\0';
        /* Where a file lies in /tmp, all may make others, as everywhere. */
        error = add_one_dir(pack, parent,
                            strcmp(parent, "tmp") == 0 ? 01777 : 0755);
        slash++;
    }
    return error;
}

void pack_leave_out(struct pack *pack, const char *name)
{
    pack->left_out = name;
}

void pack_keep_first(struct pack *pack)
{
    pack->keeps_first = true;
}

/* What comes back from claim_name when the member is to be left out. */
#define LEFT_OUT 1

/*
 * Clean a name, add the directories above it and note it as a file or link.
 * Return LEFT_OUT when the archive has such a file and keeps the first.
 */
static int claim_name(struct pack *pack, const char *name, char *clean)
{
    bool was_dir;
    int error = clean_name(name, clean);

    if (error)
        return error;
    if (!clean[0])
        return -EINVAL;
    error = add_parents(pack, clean);
    if (error)
        return error;
    error = note_name(pack, clean, false, &was_dir);
    if (error == -EEXIST && pack->keeps_first && !was_dir)
        return LEFT_OUT;
    return error;
}

/* ---- members ----------------------------------------------------------- */

int pack_open(FILE *out, int64_t mtime, struct pack **packp)
{
    *packp = NULL;
    if (mtime < 0 || mtime > SIZE_TOP)
        return -EINVAL;
    *packp = calloc(1, sizeof(**packp));
    if (!*packp)
        return -ENOMEM;
    (*packp)->out = out;
    (*packp)->mtime = mtime;
    return 0;
}

int64_t pack_default_mtime(void)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    long long value = text ? strtoll(text, NULL, 10) : 0;

    return value < 0 || value > SIZE_TOP ? 0 : value;
}

int pack_add_dir(struct pack *pack, const char *name, unsigned mode)
{
    char clean[PATH_TOP + 2];
    int error = clean_name(name, clean);

    if (!error && !clean[0])
        error = -EINVAL;
    if (!error)
        error = add_parents(pack, clean);
    return error ? error : add_one_dir(pack, clean, mode);
}

int pack_add_bytes(struct pack *pack, const char *name, unsigned mode,
                   const void *data, size_t nbytes)
{
    char clean[PATH_TOP + 2];
    struct member member = {clean, "", '0', mode, nbytes};
    int error;

    if (nbytes > SIZE_TOP)
        return -EFBIG;
    error = claim_name(pack, name, clean);
    if (error)
        return error == LEFT_OUT ? 0 : error;
    put_member(pack, &member);
    put_bytes(pack, data, nbytes);
    return put_zeros_up_to(pack, BLOCK);
}

int pack_add_symlink(struct pack *pack, const char *name, const char *target)
{
    char clean[PATH_TOP + 2];
    struct member member = {clean, target, '2', 0777, 0};
    int error;

    if (!target[0])
        return -EINVAL;
    if (strlen(target) > PATH_TOP)
        return -ENAMETOOLONG;
    error = claim_name(pack, name, clean);
    if (error)
        return error == LEFT_OUT ? 0 : error;
    return put_member(pack, &member);
}

/* ---- files of the host ------------------------------------------------- */

static unsigned choose_mode(unsigned mode, mode_t host_mode)
{
    if (mode == PACK_MODE_HOST)
        return host_mode & MODE_BITS & ~(unsigned)(S_ISUID | S_ISGID);
    if (mode == PACK_MODE_PLAIN)
        return S_ISDIR(host_mode) || (host_mode & 0111) ? 0755 : 0644;
    return mode;
}

/* read() until NBYTES are there or the file ends; the number read. */
static ssize_t read_full(int fd, char *buffer, size_t nbytes)
{
    size_t done = 0;

    while (done < nbytes) {
        ssize_t n = read(fd, buffer + done, nbytes - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += n;
    }
    return done;
}

/* Adds a file of known size as a stream, without holding it in memory. */
static int add_sized(struct pack *pack, const char *name, unsigned mode, int fd,
                     uint64_t size)
{
    char clean[PATH_TOP + 2], buffer[16 * PAGE];
    struct member member = {clean, "", '0', mode, size};
    int error;

    if (size > SIZE_TOP)
        return -EFBIG;
    error = claim_name(pack, name, clean);
    if (error)
        return error == LEFT_OUT ? 0 : error;
    put_member(pack, &member);
    while (size && !pack->error) {
        size_t want = size < sizeof(buffer) ? size : sizeof(buffer);
        ssize_t n = read_full(fd, buffer, want);

        if (n < (ssize_t)want) {
            /* The header has promised more: the archive is lost. */
            pack->error = n < 0 ? (int)n : -EIO;
            break;
        }
        put_bytes(pack, buffer, n);
        size -= n;
    }
    return put_zeros_up_to(pack, BLOCK);
}

/* Adds what a descriptor yields up to its end, held in memory meanwhile. */
static int add_unsized(struct pack *pack, const char *name, unsigned mode,
                       int fd)
{
    size_t room = 0, used = 0;
    char *data = NULL;
    int error = 0;

    for (;;) {
        ssize_t n;

        if (used == room) {
            char *bigger = realloc(data, room = room ? 2 * room : PAGE);

            if (!bigger) {
                error = -ENOMEM;
                break;
            }
            data = bigger;
        }
        n = read_full(fd, data + used, room - used);
        if (n <= 0) {
            error = n;
            break;
        }
        used += n;
    }
    if (!error)
        error = pack_add_bytes(pack, name, mode, data, used);
    free(data);
    return error;
}

int pack_add_file(struct pack *pack, const char *name, unsigned mode,
                  const char *host_path)
{
    int fd = open(host_path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    int error;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        error = -errno;
    else if (S_ISDIR(st.st_mode))
        error = -EISDIR;
    else if (S_ISREG(st.st_mode) && st.st_size > 0)
        error = add_sized(pack, name, choose_mode(mode, st.st_mode), fd,
                          st.st_size);
    else
        error = add_unsized(pack, name, choose_mode(mode, st.st_mode), fd);
    close(fd);
    return error;
}

static int add_host_link(struct pack *pack, const char *name,
                         const char *host_path)
{
    char target[PATH_TOP + 1];
    ssize_t len = readlink(host_path, target, sizeof(target));

    if (len < 0)
        return -errno;
    if (len == sizeof(target))
        return -ENAMETOOLONG;
    target[len] = '\0';
    return pack_add_symlink(pack, name, target);
}

/* Adds one entry of a directory of the host, whatever it is. */
static int add_host_entry(struct pack *pack, const char *name, unsigned mode,
                          const char *host_path)
{
    struct stat st;
    int error;

    if (lstat(host_path, &st) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return add_host_link(pack, name, host_path);
    if (S_ISREG(st.st_mode))
        return pack_add_file(pack, name, mode, host_path);
    if (!S_ISDIR(st.st_mode))
        return -ENOTSUP;
    error = pack_add_dir(pack, name, choose_mode(mode, st.st_mode));
    return error ? error : pack_add_tree(pack, name, mode, host_path);
}

/* alphasort() goes by the locale; bytes are the same everywhere. */
static int compare_dirents(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_real_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* Joins a directory and a name with a slash; NULL without memory. */
static char *join_path(const char *dir, const char *name)
{
    char *path = malloc(strlen(dir) + strlen(name) + 2);

    if (path)
        sprintf(path, "%s/%s", dir, name);
    return path;
}

int pack_add_tree(struct pack *pack, const char *name, unsigned mode,
                  const char *host_dir)
{
    struct dirent **entries;
    int n = scandir(host_dir, &entries, is_real_entry, compare_dirents);
    int error = 0;

    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++) {
        char *guest = join_path(name, entries[i]->d_name);
        char *host = join_path(host_dir, entries[i]->d_name);

        bool left_out =
            pack->left_out && !strcmp(entries[i]->d_name, pack->left_out);

        if (!guest || !host)
            error = -ENOMEM;
        if (!error && !left_out)
            error = add_host_entry(pack, guest, mode, host);
        free(guest);
        free(host);
        free(entries[i]);
    }
    free(entries);
    return error;
}

/* ---- a whole archive --------------------------------------------------- */

/* Notes a directory that an archive brings, so that it is not added again. */
static int note_dir(void *context, const char *name)
{
    char clean[PATH_TOP + 2];
    bool was_dir;
    int error = clean_name(name, clean);

    if (error || !clean[0])
        return error;
    error = note_name(context, clean, true, &was_dir);
    return error == -EEXIST ? 0 : error;
}

static int add_archive_bytes(struct pack *pack, const char *bytes,
                             size_t nbytes)
{
    ssize_t used = ustar_scan(bytes, nbytes, note_dir, pack);

    return used < 0 ? (int)used : put_bytes(pack, bytes, used);
}

int pack_add_archive(struct pack *pack, const char *host_path)
{
    int fd = open(host_path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *bytes;
    int error;

    assert(pack->offset == 0);
    if (fd < 0)
        return -errno;
    error = fstat(fd, &st) < 0 ? -errno : 0;
    if (!error && st.st_size == 0)
        error = -EINVAL;
    if (!error) {
        bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        error = bytes == MAP_FAILED
                    ? -errno
                    : add_archive_bytes(pack, bytes, st.st_size);
        if (bytes != MAP_FAILED)
            munmap(bytes, st.st_size);
    }
    close(fd);
    return error;
}

int pack_close(struct pack *pack)
{
    static const char end[2 * BLOCK];
    int error;

    put_bytes(pack, end, sizeof(end));
    put_zeros_up_to(pack, PAGE);
    errno = 0;
    if (!pack->error && fflush(pack->out) != 0)
        pack->error = errno ? -errno : -EIO;
    error = pack->error;
    tdestroy(pack->names, free);
    free(pack);
    return error;
}
