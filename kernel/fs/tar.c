/*
 * Read tar archives.
 *
 * An archive is a row of members, each a header block of 512 bytes and its
 * data, padded to whole blocks; a block of zeros ends it.
 *
 *      offset length
 *           0    100  name               156   1  type
 *         100      8  mode               157 100  link name
 *         108      8  uid                257   8  magic and version
 *         116      8  gid                329   8  device major
 *         124     12  size               337   8  device minor
 *         136     12  mtime              345 155  prefix of the name
 *         148      8  checksum
 *
 * What does not fit there comes in members before it, whose data says more
 * about the next one: pax records ("27 path=some/name\n", type x; type g for
 * all that follow), or a bare long name (types L and K, by GNU). Their data is
 * read byte by byte through the one block that struct tar has, and names are
 * normalised while they are read; so no name, however long, needs a buffer.
 *
 * Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Interchange
 * Format"; GNU tar manual, "Basic Tar Format", for base-256 numbers, L and K.
 */
#include "fs/tar.h"

#include <cairn/errno.h>

#include <stdbool.h>
#include <stddef.h>

#include "lib/string.h"

enum {
    AT_NAME = 0,
    AT_MODE = 100,
    AT_UID = 108,
    AT_GID = 116,
    AT_SIZE = 124,
    AT_MTIME = 136,
    AT_CHECKSUM = 148,
    AT_TYPE = 156,
    AT_LINK = 157,
    AT_MAGIC = 257,
    AT_MAJOR = 329,
    AT_MINOR = 337,
    AT_PREFIX = 345,
};

#define NAME_BYTES   100
#define PREFIX_BYTES 155

/* Extended headers that are longer than this are nonsense. */
#define EXTENDED_MAX (1u << 20)

/* Bits of tar_override.set. NAME and LINK lie in the entry itself. */
#define SET_NAME  1u
#define SET_LINK  2u
#define SET_SIZE  4u
#define SET_MTIME 8u
#define SET_UID   16u
#define SET_GID   32u

static const char *const error_strings[TAR_NERRORS] = {
    [TAR_OK] = "no error",
    [TAR_EREAD] = "cannot be read",
    [TAR_ETRUNCATED] = "archive is truncated",
    [TAR_ENOEND] = "archive has no end mark",
    [TAR_EMAGIC] = "not a ustar header",
    [TAR_ECHECKSUM] = "wrong header checksum",
    [TAR_ENUMBER] = "bad number in header",
    [TAR_ETYPE] = "unknown member type",
    [TAR_ENAME] = "bad member name",
    [TAR_ENAMELONG] = "member name too long",
    [TAR_ELINK] = "bad link",
    [TAR_EEXTENDED] = "broken extended header",
    [TAR_ESPARSE] = "sparse files are not supported",
};

/* What is known of the member at tar->position. */
struct member {
    char type;
    bool posix;    /* the prefix field is a prefix */
    uint64_t data; /* offset of its data */
    uint64_t size; /* of its data, as the header has it */
};

/* A name in the making. */
struct name {
    char *text;    /* TAR_NAME_MAX + 1 bytes */
    size_t length; /* of what is finished, without the part */
    size_t part;   /* length of the part since the last slash */
    bool verbatim; /* a symbolic link's text: nothing is normalised */
    bool is_empty; /* nothing was given, not even a slash */
    bool slash;    /* the last character was one */
};

/* The bytes of an extended header's data. */
struct stream {
    struct tar *tar;
    uint64_t at;
    uint64_t end;
    unsigned in_block; /* bytes of tar->block that are consumed */
};

void tar_init(struct tar *tar, tar_read_fn *read, void *context,
              uint64_t nbytes)
{
    memset(tar, 0, sizeof(*tar));
    tar->read = read;
    tar->context = context;
    tar->nbytes = nbytes;
}

const char *tar_error_string(enum tar_error error)
{
    return (unsigned)error < TAR_NERRORS ? error_strings[error] : "?";
}

/* Note what is wrong and return `result`. */
static int fail(struct tar *tar, enum tar_error error, int result)
{
    tar->error = error;
    tar->result = result;
    return result;
}

/* ---- Numbers ----------------------------------------------------------- */

/* Two's complement of 8 * n - 1 bits, the highest byte first. */
static int parse_base256(const unsigned char *field, size_t n, int64_t *value)
{
    int64_t sum = field[0] & 0x40 ? -1 : 0;

    sum = (int64_t)((uint64_t)sum << 6 | (field[0] & 0x3F));
    for (size_t i = 1; i < n; i++) {
        if (sum > INT64_MAX >> 8 || sum < INT64_MIN >> 8)
            return -EOVERFLOW;
        sum = (int64_t)((uint64_t)sum << 8 | field[i]);
    }
    *value = sum;
    return 0;
}

/*
 * A number field: octal digits between blanks and a NUL or blank, or base 256
 * if its first bit is set. An empty one is 0. Twelve octal digits always fit.
 */
static int parse_field(const unsigned char *field, size_t n, int64_t *value)
{
    size_t i = 0;
    int64_t sum = 0;

    if (field[0] & 0x80)
        return parse_base256(field, n, value);
    while (i < n && field[i] == ' ')
        i++;
    for (; i < n && field[i] >= '0' && field[i] <= '7'; i++)
        sum = sum * 8 + (field[i] - '0');
    for (; i < n; i++) {
        if (field[i] != ' ' && field[i] != '\0')
            return -EINVAL;
    }
    *value = sum;
    return 0;
}

/* The same for a field of the header, which must be from 0 to max. */
static int parse_unsigned(struct tar *tar, unsigned at, size_t n, uint64_t max,
                          uint64_t *value)
{
    int64_t number;
    int result = parse_field(tar->block + at, n, &number);

    if (result != 0)
        return fail(tar, TAR_ENUMBER, result);
    if (number < 0)
        return fail(tar, TAR_ENUMBER, -EINVAL);
    if ((uint64_t)number > max)
        return fail(tar, TAR_ENUMBER, -EOVERFLOW);
    *value = (uint64_t)number;
    return 0;
}

static int parse_u32(struct tar *tar, unsigned at, uint32_t *value)
{
    uint64_t number;
    int result = parse_unsigned(tar, at, 8, UINT32_MAX, &number);

    if (result == 0)
        *value = (uint32_t)number;
    return result;
}

/*
 * A pax number: decimal, with a sign and a fraction if `is_time`; the fraction
 * is cut off towards the past.
 */
static int parse_decimal(const char *s, bool is_time, int64_t *value)
{
    bool negative = is_time && *s == '-';
    bool fraction = false;
    int64_t sum = 0;

    if (negative)
        s++;
    if (*s < '0' || *s > '9')
        return -EINVAL;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (sum > (INT64_MAX - (*s - '0')) / 10)
            return -EOVERFLOW;
        sum = sum * 10 + (*s - '0');
    }
    if (is_time && *s == '.') {
        for (s++; *s >= '0' && *s <= '9'; s++)
            fraction |= *s != '0';
    }
    if (*s != '\0')
        return -EINVAL;
    *value = negative ? -sum - fraction : sum;
    return 0;
}

/* ---- Names ------------------------------------------------------------- */

static void name_start(struct name *name, char *text, bool verbatim)
{
    *name = (struct name){.text = text, .verbatim = verbatim, .is_empty = true};
}

/*
 * End a part: "" and "." vanish with the slash before them, ".." is refused.
 * The part lies behind the finished text and, if that is not empty, a slash.
 */
static enum tar_error name_end_part(struct name *name)
{
    size_t start = name->length > 0 ? name->length + 1 : 0;
    const char *part = name->text + start;

    if (name->part == 2 && part[0] == '.' && part[1] == '.')
        return TAR_ENAME;
    if (name->part > 1 || (name->part == 1 && part[0] != '.'))
        name->length = start + name->part;
    name->part = 0;
    return TAR_OK;
}

static enum tar_error name_put(struct name *name, char c)
{
    size_t start = name->length > 0 && !name->verbatim ? name->length + 1 : 0;

    name->is_empty = false;
    name->slash = c == '/';
    if (c == '\0')
        return TAR_ENAME;
    if (c == '/' && !name->verbatim)
        return name_end_part(name);
    if (start + name->part >= TAR_NAME_MAX)
        return TAR_ENAMELONG;
    if (start > 0)
        name->text[start - 1] = '/';
    name->text[start + name->part++] = c;
    return TAR_OK;
}

/* End the name. The root, "", is a name; no character at all is none. */
static enum tar_error name_end(struct name *name)
{
    enum tar_error error = TAR_OK;

    if (name->is_empty)
        return TAR_ENAME;
    if (name->verbatim)
        name->length = name->part;
    else
        error = name_end_part(name);
    name->text[name->length] = '\0';
    return error;
}

/* Put a field of the header, up to its NUL or its end. */
static enum tar_error name_put_field(struct name *name,
                                     const unsigned char *field, size_t n)
{
    enum tar_error error = TAR_OK;

    for (size_t i = 0; i < n && field[i] != '\0' && error == TAR_OK; i++)
        error = name_put(name, (char)field[i]);
    return error;
}

static int fail_name(struct tar *tar, enum tar_error error)
{
    return fail(tar, error, error == TAR_ENAMELONG ? -ENAMETOOLONG : -EINVAL);
}

/* ---- Headers ----------------------------------------------------------- */

/* Read the block at `offset`, which lies inside the archive. */
static int read_block(struct tar *tar, uint64_t offset, size_t nbytes)
{
    int result = tar->read(tar->context, offset, tar->block, nbytes);

    if (result == 0)
        return 0;
    return fail(tar, TAR_EREAD, result < 0 ? result : -EIO);
}

static bool is_zero(const unsigned char *block)
{
    for (unsigned i = 0; i < TAR_BLOCK; i++) {
        if (block[i] != 0)
            return false;
    }
    return true;
}

/*
 * Add the sum of `nbytes` (whole words, one block at most) to *sum, and to
 * *nhigh how many of them have their highest bit set. Four bytes at a time:
 *
 *      pairs   | byte 3 + byte 2 ... | byte 1 + byte 0 ... |   16 bits each
 *      high    |  3  |  2  |  1  |  0  |                        8 bits each
 *
 * A block has 128 words, so neither field overflows.
 */
static void add_bytes(const unsigned char *bytes, size_t nbytes, uint32_t *sum,
                      uint32_t *nhigh)
{
    uint32_t pairs = 0, high = 0, word;

    for (size_t at = 0; at < nbytes; at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        pairs += (word & 0x00FF00FF) + ((word >> 8) & 0x00FF00FF);
        high += (word >> 7) & 0x01010101;
    }
    *sum += (pairs & 0xFFFF) + (pairs >> 16);
    *nhigh +=
        (high & 0xFF) + (high >> 8 & 0xFF) + (high >> 16 & 0xFF) + (high >> 24);
}

/*
 * The sum of all bytes with the checksum itself taken as blanks. Some old
 * archivers summed signed characters, and every reader lets that pass.
 */
static bool checksum_is_right(const unsigned char *block)
{
    const size_t after = AT_CHECKSUM + 8;
    uint32_t sum = 8 * ' ', nhigh = 0;
    int64_t stored;

    if (parse_field(block + AT_CHECKSUM, 8, &stored) != 0)
        return false;
    add_bytes(block, AT_CHECKSUM, &sum, &nhigh);
    add_bytes(block + after, TAR_BLOCK - after, &sum, &nhigh);
    return stored == sum || stored == (int64_t)sum - 256 * (int64_t)nhigh;
}

/* Check that a member's data lies inside the archive. */
static int check_extent(struct tar *tar, const struct member *member)
{
    if (member->size > tar->nbytes - member->data)
        return fail(tar, TAR_ETRUNCATED, -EINVAL);
    return 0;
}

/*
 * Read the header at tar->position into tar->block. Return 1 with *member
 * set, 0 at the end, or an error.
 */
static int read_header(struct tar *tar, struct member *member)
{
    const unsigned char *block = tar->block;
    int result;

    if (tar->position >= tar->nbytes)
        return fail(tar, TAR_ENOEND, -EINVAL);
    if (tar->nbytes - tar->position < TAR_BLOCK)
        return fail(tar, TAR_ETRUNCATED, -EINVAL);
    result = read_block(tar, tar->position, TAR_BLOCK);
    if (result != 0)
        return result;
    if (is_zero(block))
        return 0;
    member->posix = memcmp(block + AT_MAGIC, "ustar\0", 6) == 0;
    if (!member->posix && memcmp(block + AT_MAGIC, "ustar  \0", 8) != 0)
        return fail(tar, TAR_EMAGIC, -EINVAL);
    if (!checksum_is_right(block))
        return fail(tar, TAR_ECHECKSUM, -EINVAL);
    member->type = (char)block[AT_TYPE];
    member->data = tar->position + TAR_BLOCK;
    result = parse_unsigned(tar, AT_SIZE, 12, INT64_MAX, &member->size);
    return result == 0 ? 1 : result;
}

/* Move on to the header after a member's data, which lies inside. */
static void advance(struct tar *tar, const struct member *member, uint64_t size)
{
    uint64_t left = tar->nbytes - member->data;
    uint64_t padded = (size + TAR_BLOCK - 1) & ~(uint64_t)(TAR_BLOCK - 1);

    tar->position = member->data + (padded < left ? padded : left);
}

/* ---- Extended headers -------------------------------------------------- */

/* Read the next byte before stream->end, which must be there. */
static int stream_byte(struct stream *stream, unsigned char *byte)
{
    uint64_t left = stream->end - stream->at;
    int result;

    if (stream->in_block == TAR_BLOCK) {
        result = read_block(stream->tar, stream->at,
                            left < TAR_BLOCK ? (size_t)left : TAR_BLOCK);
        if (result != 0)
            return result;
        stream->in_block = 0;
    }
    *byte = stream->tar->block[stream->in_block++];
    stream->at++;
    return 0;
}

/* Read the bytes up to `end` into a name. */
static int stream_name(struct stream *stream, uint64_t end, struct name *name)
{
    enum tar_error error;
    unsigned char byte;
    int result;

    while (stream->at < end) {
        result = stream_byte(stream, &byte);
        if (result != 0)
            return result;
        error = name_put(name, (char)byte);
        if (error != TAR_OK)
            return fail_name(stream->tar, error);
    }
    error = name_end(name);
    return error == TAR_OK ? 0 : fail_name(stream->tar, error);
}

/*
 * GNU's L and K: the data is the name, a NUL, and nothing but NULs behind it.
 */
static int read_long_name(struct stream *stream, struct name *name)
{
    enum tar_error error = TAR_OK;
    unsigned char byte;
    bool ended = false;
    int result;

    while (stream->at < stream->end) {
        result = stream_byte(stream, &byte);
        if (result != 0)
            return result;
        if (ended && byte != '\0')
            return fail(stream->tar, TAR_EEXTENDED, -EINVAL);
        ended = byte == '\0';
        if (!ended)
            error = name_put(name, (char)byte);
        if (error != TAR_OK)
            return fail_name(stream->tar, error);
    }
    error = name_end(name);
    return error == TAR_OK ? 0 : fail_name(stream->tar, error);
}

/*
 * Read bytes up to and with `stop` into `text`, which gets a NUL instead of
 * the stop; what does not fit is dropped.
 */
static int stream_word(struct stream *stream, uint64_t end, char stop,
                       char *text, size_t size)
{
    unsigned char byte;
    size_t n = 0;
    int result;

    while (stream->at < end) {
        result = stream_byte(stream, &byte);
        if (result != 0)
            return result;
        if ((char)byte == stop) {
            text[n] = '\0';
            return 0;
        }
        if (n < size - 1)
            text[n++] = (char)byte;
    }
    return fail(stream->tar, TAR_EEXTENDED, -EINVAL);
}

/* A number among the pax records. */
static int read_pax_number(struct stream *stream, uint64_t end, unsigned key,
                           struct tar_override *over)
{
    char text[48];
    int64_t value;
    int result = stream_word(stream, end, '\n', text, sizeof(text));

    if (result != 0)
        return result;
    result = parse_decimal(text, key == SET_MTIME, &value);
    if (result == 0 && (key & (SET_UID | SET_GID)) && value > UINT32_MAX)
        result = -EOVERFLOW;
    if (result != 0)
        return fail(stream->tar, TAR_ENUMBER, result);
    if (key == SET_SIZE)
        over->size = (uint64_t)value;
    else if (key == SET_MTIME)
        over->mtime = value;
    else if (key == SET_UID)
        over->uid = (uint32_t)value;
    else
        over->gid = (uint32_t)value;
    over->set |= key;
    return 0;
}

static unsigned pax_key(const char *key)
{
    static const struct {
        const char *key;
        unsigned bit;
    } keys[] = {
        {"path", SET_NAME},   {"linkpath", SET_LINK}, {"size", SET_SIZE},
        {"mtime", SET_MTIME}, {"uid", SET_UID},       {"gid", SET_GID},
    };

    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i].key) == 0)
            return keys[i].bit;
    }
    return 0;
}

/* Read a record's value and its newline: the bytes from here to `end`. */
static int read_pax_value(struct stream *stream, uint64_t end, unsigned key,
                          struct tar_override *over, struct tar_entry *entry)
{
    struct name name;
    char rest[2];
    int result;

    if (stream->at == end - 1) {
        over->set &= ~key; /* an empty value: as if it had not been said */
        return stream_word(stream, end, '\n', rest, sizeof(rest));
    }
    if (key & (SET_SIZE | SET_MTIME | SET_UID | SET_GID))
        return read_pax_number(stream, end, key, over);
    /* Whether a link is symbolic is not known yet: keep its text as it is. */
    name_start(&name, key == SET_LINK ? entry->link : entry->name,
               key == SET_LINK);
    result = stream_name(stream, end - 1, &name);
    if (result != 0)
        return result;
    over->set |= key;
    return stream_word(stream, end, '\n', rest, sizeof(rest));
}

/* Pass over the rest of a record that is not ours. */
static int skip_pax_value(struct stream *stream, uint64_t end)
{
    unsigned char byte = 0;
    int result = 0;

    while (result == 0 && stream->at < end)
        result = stream_byte(stream, &byte);
    if (result == 0 && byte != '\n')
        result = fail(stream->tar, TAR_EEXTENDED, -EINVAL);
    return result;
}

/* One record: its length in all, a blank, key=value, a newline. */
static int read_pax_record(struct stream *stream, bool is_global,
                           struct tar_override *over, struct tar_entry *entry)
{
    uint64_t start = stream->at;
    uint64_t end;
    int64_t length;
    char text[32];
    unsigned key;
    int result = stream_word(stream, stream->end, ' ', text, sizeof(text));

    if (result != 0)
        return result;
    if (parse_decimal(text, false, &length) != 0 ||
        (uint64_t)length > stream->end - start)
        return fail(stream->tar, TAR_EEXTENDED, -EINVAL);
    end = start + (uint64_t)length;
    result = stream_word(stream, end, '=', text, sizeof(text));
    if (result != 0)
        return result;
    if (stream->at >= end)
        return fail(stream->tar, TAR_EEXTENDED, -EINVAL);
    if (strncmp(text, "GNU.sparse.", 11) == 0)
        return fail(stream->tar, TAR_ESPARSE, -ENOTSUP);
    key = pax_key(text);
    if (key == 0)
        return skip_pax_value(stream, end);
    if (is_global && (key & (SET_NAME | SET_LINK | SET_SIZE)))
        return fail(stream->tar, TAR_EEXTENDED, -ENOTSUP);
    result = read_pax_value(stream, end, key, over, entry);
    if (result == 0 && stream->at != end)
        result = fail(stream->tar, TAR_EEXTENDED, -EINVAL);
    return result;
}

static bool is_extended(char type)
{
    return type == 'x' || type == 'g' || type == 'L' || type == 'K';
}

/* Read a member that says something about the next one, and pass it. */
static int read_extended(struct tar *tar, const struct member *member,
                         struct tar_override *over, struct tar_entry *entry)
{
    struct stream stream = {tar, member->data, 0, TAR_BLOCK};
    bool is_global = member->type == 'g';
    struct name name;
    int result = check_extent(tar, member);

    if (result != 0)
        return result;
    if (member->size > EXTENDED_MAX)
        return fail(tar, TAR_EEXTENDED, -EINVAL);
    stream.end = member->data + member->size;
    if (member->type == 'L') {
        name_start(&name, entry->name, false);
        result = read_long_name(&stream, &name);
        over->set |= SET_NAME;
    } else if (member->type == 'K') {
        name_start(&name, entry->link, true);
        result = read_long_name(&stream, &name);
        over->set |= SET_LINK;
    }
    while (result == 0 && stream.at < stream.end)
        result = read_pax_record(&stream, is_global,
                                 is_global ? &tar->global : over, entry);
    if (result == 0)
        advance(tar, member, member->size);
    return result;
}

/* ---- Members ----------------------------------------------------------- */

/* Says what a member is; 7, a contiguous file, is a regular one to us. */
static bool find_type(char type, bool slash, enum tar_type *found)
{
    switch (type) {
    case '\0':
    case '0':
        /* The oldest archives mark a directory by nothing but a slash. */
        *found = slash ? TAR_DIRECTORY : TAR_REGULAR;
        return true;
    case '7':
        *found = TAR_REGULAR;
        return true;
    case '1':
        *found = TAR_HARDLINK;
        return true;
    case '2':
        *found = TAR_SYMLINK;
        return true;
    case '3':
        *found = TAR_CHAR;
        return true;
    case '4':
        *found = TAR_BLOCKDEV;
        return true;
    case '5':
        *found = TAR_DIRECTORY;
        return true;
    case '6':
        *found = TAR_FIFO;
        return true;
    default:
        return false;
    }
}

/* The name in the header: prefix, slash, name; and whether it ends in one. */
static int read_name(struct tar *tar, const struct member *member,
                     struct tar_entry *entry, bool *slash)
{
    const unsigned char *prefix = tar->block + AT_PREFIX;
    enum tar_error error = TAR_OK;
    struct name name;

    name_start(&name, entry->name, false);
    if (member->posix && prefix[0] != '\0') {
        error = name_put_field(&name, prefix, PREFIX_BYTES);
        if (error == TAR_OK)
            error = name_put(&name, '/');
    }
    if (error == TAR_OK)
        error = name_put_field(&name, tar->block + AT_NAME, NAME_BYTES);
    *slash = name.slash;
    if (error == TAR_OK)
        error = name_end(&name);
    return error == TAR_OK ? 0 : fail_name(tar, error);
}

/* Normalises, in place, the path that a hard link names. */
static enum tar_error normalise_link(char *link)
{
    struct name name;
    enum tar_error error = TAR_OK;

    /* A normalised name is never ahead of the place it is read from. */
    name_start(&name, link, false);
    for (const char *s = link; *s != '\0' && error == TAR_OK; s++)
        error = name_put(&name, *s);
    if (error == TAR_OK)
        error = name_end(&name);
    if (error == TAR_OK && link[0] == '\0')
        error = TAR_ELINK;
    return error;
}

/* The link's target, from the header unless an extended one gave it. */
static int read_link(struct tar *tar, const struct tar_override *over,
                     struct tar_entry *entry)
{
    enum tar_error error = TAR_OK;
    const unsigned char *field = tar->block + AT_LINK;

    if (!(over->set & SET_LINK)) {
        memcpy(entry->link, field, NAME_BYTES);
        entry->link[NAME_BYTES] = '\0';
    }
    if (entry->link[0] == '\0')
        return fail(tar, TAR_ELINK, -EINVAL);
    if (entry->type == TAR_HARDLINK)
        error = normalise_link(entry->link);
    return error == TAR_OK ? 0 : fail_name(tar, error);
}

/* Owner, mode and time. */
static int read_attributes(struct tar *tar, const struct tar_override *over,
                           struct tar_entry *entry)
{
    const struct tar_override *global = &tar->global;
    unsigned set = over->set | global->set;
    int result = parse_u32(tar, AT_MODE, &entry->mode);

    entry->mode &= 07777;
    if (result == 0 && !(set & SET_UID))
        result = parse_u32(tar, AT_UID, &entry->uid);
    if (result == 0 && !(set & SET_GID))
        result = parse_u32(tar, AT_GID, &entry->gid);
    if (result != 0)
        return result;
    if (!(set & SET_MTIME))
        result = parse_field(tar->block + AT_MTIME, 12, &entry->mtime);
    if (result != 0)
        return fail(tar, TAR_ENUMBER, result);
    if (set & SET_UID)
        entry->uid = over->set & SET_UID ? over->uid : global->uid;
    if (set & SET_GID)
        entry->gid = over->set & SET_GID ? over->gid : global->gid;
    if (set & SET_MTIME)
        entry->mtime = over->set & SET_MTIME ? over->mtime : global->mtime;
    return 0;
}

/* What only some types have: a link's target, a device's numbers, no data. */
static int read_special(struct tar *tar, const struct tar_override *over,
                        struct tar_entry *entry)
{
    int result = 0;

    switch (entry->type) {
    case TAR_HARDLINK:
    case TAR_SYMLINK:
        if (entry->size != 0)
            return fail(tar, TAR_ELINK, -EINVAL);
        return read_link(tar, over, entry);
    case TAR_CHAR:
    case TAR_BLOCKDEV:
        result = parse_u32(tar, AT_MAJOR, &entry->major);
        if (result == 0)
            result = parse_u32(tar, AT_MINOR, &entry->minor);
        break;
    default:
        break;
    }
    if (entry->type != TAR_REGULAR)
        entry->size = 0;
    entry->link[0] = '\0'; /* an extended header may have said something */
    return result;
}

/* Make the entry of the member whose header is in tar->block. */
static int read_member(struct tar *tar, struct member *member,
                       const struct tar_override *over, struct tar_entry *entry)
{
    bool slash = false;
    int result = 0;

    if (member->type == 'S')
        return fail(tar, TAR_ESPARSE, -ENOTSUP);
    if (!(over->set & SET_NAME))
        result = read_name(tar, member, entry, &slash);
    if (result != 0)
        return result;
    if (!find_type(member->type, slash, &entry->type))
        return fail(tar, TAR_ETYPE, -ENOTSUP);
    if (entry->name[0] == '\0' && entry->type != TAR_DIRECTORY)
        return fail(tar, TAR_ENAME, -EINVAL);
    if (over->set & SET_SIZE)
        member->size = over->size;
    entry->offset = member->data;
    entry->size = member->size;
    result = read_special(tar, over, entry);
    if (result == 0)
        result = read_attributes(tar, over, entry);
    member->size = entry->size;
    if (result == 0)
        result = check_extent(tar, member);
    if (result == 0)
        advance(tar, member, member->size);
    return result;
}

int tar_next(struct tar *tar, struct tar_entry *entry)
{
    struct tar_override over = {0};
    uint64_t start = tar->position;
    struct member member = {0};
    int result;

    if (tar->error != TAR_OK)
        return tar->result;
    memset(entry, 0, offsetof(struct tar_entry, name));
    entry->name[0] = entry->link[0] = '\0';
    for (;;) {
        result = read_header(tar, &member);
        if (result < 0)
            return result;
        if (result == 0 && over.set != 0)
            return fail(tar, TAR_EEXTENDED, -EINVAL);
        if (result == 0)
            return 0;
        if (!is_extended(member.type))
            break;
        result = read_extended(tar, &member, &over, entry);
        if (result != 0)
            return result;
    }
    entry->header = start;
    result = read_member(tar, &member, &over, entry);
    return result == 0 ? 1 : result;
}
