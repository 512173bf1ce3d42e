/*
 * kernel/fs/tar.c: archives made by hand, field by field, good and bad; by the
 * host's tar in all its formats; cut at every place; with reads that fail; and
 * with random damage, where what comes out must still be safe.
 */
#include <cairn/errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"
#include "tar_oracle.h"

#include "fs/tar.h"

#define BLOCK       TAR_BLOCK
#define ARCHIVE_MAX (1 << 20)

static unsigned char archive[ARCHIVE_MAX];
static size_t nbytes;

static struct tar tar;
static struct tar_entry entry;

/* ---- Reading ----------------------------------------------------------- */

/* Reads from a copy of exactly nbytes, so that sanitizers see every slip. */
struct source {
    const unsigned char *bytes;
    size_t nbytes;
    long fail_at; /* this read fails; -1 for none */
    int error;
    long nreads;
};

static int read_source(void *context, uint64_t offset, void *buf, size_t n)
{
    struct source *source = context;

    CHECK(n > 0 && n <= BLOCK);
    CHECK(offset <= source->nbytes && n <= source->nbytes - offset);
    if (source->nreads++ == source->fail_at)
        return source->error;
    memcpy(buf, source->bytes + offset, n);
    return 0;
}

static struct source source;

static void open_archive(void)
{
    source = (struct source){archive, nbytes, -1, 0, 0};
    tar_init(&tar, read_source, &source, nbytes);
}

/* ---- Making archives --------------------------------------------------- */

static void reset(void)
{
    memset(archive, 0, sizeof(archive));
    nbytes = 0;
}

/* Sets the checksum right. */
static void seal(unsigned char *header)
{
    unsigned sum = 0;

    memset(header + 148, ' ', 8);
    for (int i = 0; i < BLOCK; i++)
        sum += header[i];
    sprintf((char *)header + 148, "%06o", sum);
}

/* Appends a header alone. */
static unsigned char *add_header(const char *name, char type,
                                 unsigned long long size)
{
    unsigned char *header = archive + nbytes;

    strncpy((char *)header, name, 100);
    sprintf((char *)header + 100, "%07o", 0644u);
    sprintf((char *)header + 108, "%07o", 1000u);
    sprintf((char *)header + 116, "%07o", 100u);
    snprintf((char *)header + 124, 12, "%011llo", size);
    sprintf((char *)header + 136, "%011o", 1234567890u);
    header[156] = (unsigned char)type;
    memcpy(header + 257, "ustar\00000", 8);
    seal(header);
    nbytes += BLOCK;
    return header;
}

/* Appends a member with its data, padded. */
static unsigned char *add(const char *name, char type, const void *data,
                          size_t size)
{
    unsigned char *header = add_header(name, type, size);

    memcpy(archive + nbytes, data, size);
    nbytes += (size + BLOCK - 1) / BLOCK * BLOCK;
    return header;
}

static unsigned char *add_text(const char *name, char type, const char *text)
{
    return add(name, type, text, strlen(text));
}

/* A link, whose target is in the header. */
static unsigned char *add_link(const char *name, char type, const char *target)
{
    unsigned char *header = add_header(name, type, 0);

    strncpy((char *)header + 157, target, 100);
    seal(header);
    return header;
}

/* A pax header with one record. */
static void add_pax(char type, const char *key, const char *value)
{
    char record[TAR_NAME_MAX + 64];
    size_t length = strlen(key) + strlen(value) + 3;
    size_t digits = 1;

    while (snprintf(NULL, 0, "%zu", length + digits) > (int)digits)
        digits++;
    sprintf(record, "%zu %s=%s\n", length + digits, key, value);
    add_text("pax", type, record);
}

static void finish(void)
{
    nbytes += 2 * BLOCK;
}

static void make_long(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text[i] = i % 51 == 50 ? '/' : (char)('a' + i % 26);
    text[length] = '\0';
}

/* ---- Expectations ------------------------------------------------------ */

/* The next member must be this one. */
static void expect(const char *name, enum tar_type type)
{
    if (!CHECK_EQ(tar_next(&tar, &entry), 1)) {
        tap_note("at %s: %s", name, tar_error_string(tar.error));
        return;
    }
    CHECK_STR(entry.name, name);
    CHECK_EQ(entry.type, type);
}

static void expect_end(void)
{
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(tar_next(&tar, &entry), 0);
        CHECK_EQ(tar.error, TAR_OK);
    }
}

/* The walk must end here, with this error, for good. */
static void expect_error(enum tar_error error, int result, uint64_t position)
{
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(tar_next(&tar, &entry), result);
        CHECK_STR(tar_error_string(tar.error), tar_error_string(error));
        CHECK_EQ(tar.position, position);
    }
}

/* An archive whose first header is as changed must be refused. */
static void expect_bad(enum tar_error error, int result)
{
    finish();
    open_archive();
    expect_error(error, result, 0);
}

/* ---- Good archives ----------------------------------------------------- */

static void test_types(void)
{
    unsigned char *header;

    reset();
    add_text("file", '0', "hello");
    add_text("old", '\0', "world");
    add_text("contiguous", '7', "x");
    add_link("hard", '1', "/file");
    add_link("soft", '2', "../x//y");
    header = add_header("tty", '3', 0);
    sprintf((char *)header + 329, "%07o", 4u);
    sprintf((char *)header + 337, "%07o", 64u);
    seal(header);
    add_header("disk", '4', 0);
    add_header("dir/", '5', 0);
    add_header("pipe", '6', 0);
    add_header("olddir/", '\0', 0);
    finish();
    open_archive();
    expect("file", TAR_REGULAR);
    CHECK_EQ(entry.size, 5);
    CHECK_EQ(entry.offset, 512);
    CHECK_EQ(entry.header, 0);
    CHECK_EQ(entry.mode, 0644);
    CHECK_EQ(entry.uid, 1000);
    CHECK_EQ(entry.gid, 100);
    CHECK_EQ(entry.mtime, 1234567890);
    CHECK_STR(entry.link, "");
    expect("old", TAR_REGULAR);
    CHECK_EQ(entry.offset, 3 * 512);
    CHECK_EQ(entry.header, 1024);
    expect("contiguous", TAR_REGULAR);
    expect("hard", TAR_HARDLINK);
    CHECK_STR(entry.link, "file");
    expect("soft", TAR_SYMLINK);
    CHECK_STR(entry.link, "../x//y");
    expect("tty", TAR_CHAR);
    CHECK_EQ(entry.major, 4);
    CHECK_EQ(entry.minor, 64);
    expect("disk", TAR_BLOCKDEV);
    CHECK_EQ(entry.major, 0);
    expect("dir", TAR_DIRECTORY);
    CHECK_EQ(entry.size, 0);
    expect("pipe", TAR_FIFO);
    expect("olddir", TAR_DIRECTORY);
    expect_end();
}

static void test_ends(void)
{
    reset();
    open_archive();
    expect_error(TAR_ENOEND, -EINVAL, 0);
    nbytes = BLOCK;
    open_archive();
    expect_end();
    nbytes = BLOCK - 1;
    open_archive();
    expect_error(TAR_ETRUNCATED, -EINVAL, 0);
    reset();
    add_text("a", '0', "data");
    open_archive();
    expect("a", TAR_REGULAR);
    expect_error(TAR_ENOEND, -EINVAL, 1024);
    /* Data whole, but not padded. */
    nbytes = BLOCK + 4;
    open_archive();
    expect("a", TAR_REGULAR);
    expect_error(TAR_ENOEND, -EINVAL, BLOCK + 4);
    nbytes = BLOCK + 3;
    open_archive();
    expect_error(TAR_ETRUNCATED, -EINVAL, 0);
    /* One block of zeros is enough, and what follows is not looked at. */
    nbytes = 3 * BLOCK;
    add_text("behind", '0', "x");
    open_archive();
    expect("a", TAR_REGULAR);
    expect_end();
}

static void test_names(void)
{
    static const struct {
        const char *raw;
        const char *name; /* NULL: refused */
    } cases[] = {
        {"a", "a"},
        {"/a", "a"},
        {"//a", "a"},
        {"./a", "a"},
        {".//./a", "a"},
        {"a/", "a"},
        {"a//", "a"},
        {"a/.", "a"},
        {"a/./", "a"},
        {"a/b", "a/b"},
        {"a//b", "a/b"},
        {"a/./b", "a/b"},
        {"/a/b/c/", "a/b/c"},
        {"...", "..."},
        {"a/...", "a/..."},
        {".../a", ".../a"},
        {".a", ".a"},
        {"..a", "..a"},
        {"a..", "a.."},
        {"a/..b/c", "a/..b/c"},
        {".a/.b", ".a/.b"},
        {".", ""},
        {"./", ""},
        {"/", ""},
        {"//", ""},
        {"/./", ""},
        {" ", " "},
        {"a b\tc", "a b\tc"},
        {"\xff\xfe", "\xff\xfe"},
        {"a\nb", "a\nb"},
        {"", NULL},
        {"..", NULL},
        {"../", NULL},
        {"/..", NULL},
        {"../a", NULL},
        {"a/..", NULL},
        {"a/../b", NULL},
        {"./..", NULL},
        {"a/b/c/../d", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int way = 0; way < 3; way++) {
            reset();
            if (way == 1)
                add("long", 'L', cases[i].raw, strlen(cases[i].raw) + 1);
            else if (way == 2 && cases[i].raw[0] != '\0')
                add_pax('x', "path", cases[i].raw);
            add_header(way == 0 ? cases[i].raw : "", '5', 0);
            finish();
            open_archive();
            if (cases[i].name != NULL) {
                expect(cases[i].name, TAR_DIRECTORY);
                expect_end();
            } else {
                CHECK_EQ(tar_next(&tar, &entry), -EINVAL);
                CHECK_EQ(tar.error, TAR_ENAME);
            }
            if (tap_failed())
                tap_note("name \"%s\", way %d", cases[i].raw, way);
        }
    }
    reset();
    add_text("./", '7', "a file has a name");
    expect_bad(TAR_ENAME, -EINVAL);
    reset();
    add_link(".", '1', "a");
    expect_bad(TAR_ENAME, -EINVAL);
}

static void test_field_ends(void)
{
    char name[160];
    char want[300];
    unsigned char *header;

    reset();
    make_long(name, 100);
    header = add_header(name, '0', 0);
    CHECK(header[99] != '\0');
    make_long(name, 155);
    memcpy(header + 345, name, 155);
    header[500] = 'x'; /* behind the prefix: padding */
    seal(header);
    finish();
    open_archive();
    sprintf(want, "%s/", name);
    make_long(name, 100);
    strcat(want, name);
    CHECK_EQ(strlen(want), 256);
    expect(want, TAR_REGULAR);
    expect_end();
    header[99] = '\0';
    seal(header);
    want[255] = '\0';
    open_archive();
    expect(want, TAR_REGULAR);
    expect_end();
    /* A GNU header has other things where the prefix would be. */
    memcpy(header + 257, "ustar  \0", 8);
    seal(header);
    open_archive();
    name[99] = '\0';
    expect(name, TAR_REGULAR);
    /* A link target that fills its field. */
    reset();
    make_long(name, 100);
    add_link("l", '2', name);
    finish();
    open_archive();
    expect("l", TAR_SYMLINK);
    CHECK_STR(entry.link, name);
}

static void test_long_names(void)
{
    char name[TAR_NAME_MAX + 3];

    for (size_t length = 1; length < TAR_NAME_MAX + 3; length++) {
        if (length == 300)
            length = TAR_NAME_MAX - 2;
        for (int way = 0; way < 4; way++) {
            make_long(name, length);
            if (name[length - 1] == '/')
                name[length - 1] = 'z';
            reset();
            if (way == 0)
                add("././@LongLink", 'L', name, length + 1);
            if (way == 1)
                add_pax('x', "path", name);
            if (way == 2)
                add("././@LongLink", 'K', name, length + 1);
            if (way == 3)
                add_pax('x', "linkpath", name);
            add_link("short", '2', "target");
            add_text("next", '0', "");
            finish();
            open_archive();
            if (length > TAR_NAME_MAX) {
                CHECK_EQ(tar_next(&tar, &entry), -ENAMETOOLONG);
                CHECK_EQ(tar.error, TAR_ENAMELONG);
                continue;
            }
            expect(way < 2 ? name : "short", TAR_SYMLINK);
            CHECK_STR(entry.link, way < 2 ? "target" : name);
            CHECK_EQ(entry.header, 0);
            expect("next", TAR_REGULAR);
            CHECK_STR(entry.link, "");
            expect_end();
        }
    }
    /* What vanishes does not count. */
    reset();
    strcpy(name, "/");
    for (int i = 0; i < 300; i++)
        strcat(name, "./");
    strcat(name, "a");
    add("l", 'L', name, strlen(name) + 1);
    add_header("short", '0', 0);
    finish();
    open_archive();
    expect("a", TAR_REGULAR);
}

static void test_links(void)
{
    static const struct {
        char type;
        const char *target;
        enum tar_error error;
        const char *link;
    } cases[] = {
        {'2', "a", TAR_OK, "a"},
        {'2', "/etc/passwd", TAR_OK, "/etc/passwd"},
        {'2', "../../x", TAR_OK, "../../x"},
        {'2', "a/", TAR_OK, "a/"},
        {'2', ".", TAR_OK, "."},
        {'2', "", TAR_ELINK, NULL},
        {'1', "a", TAR_OK, "a"},
        {'1', "./a//b/", TAR_OK, "a/b"},
        {'1', "/a", TAR_OK, "a"},
        {'1', "", TAR_ELINK, NULL},
        {'1', ".", TAR_ELINK, NULL},
        {'1', "/", TAR_ELINK, NULL},
        {'1', "..", TAR_ENAME, NULL},
        {'1', "a/../b", TAR_ENAME, NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reset();
        add_link("l", cases[i].type, cases[i].target);
        if (cases[i].error != TAR_OK) {
            expect_bad(cases[i].error, -EINVAL);
            continue;
        }
        finish();
        open_archive();
        expect("l", cases[i].type == '1' ? TAR_HARDLINK : TAR_SYMLINK);
        CHECK_STR(entry.link, cases[i].link);
        expect_end();
    }
    /* The same from extended headers: only a hard link's is normalised. */
    for (int way = 0; way < 2; way++) {
        reset();
        for (char type = '1'; type <= '2'; type++) {
            if (way == 0)
                add_text("k", 'K', type == '1' ? "/a//b/" : "../x//y/");
            else
                add_pax('x', "linkpath", type == '1' ? "/a//b/" : "../x//y/");
            add_link("l", type, "");
        }
        add_text("k", 'K', "for a file, it means nothing");
        add_text("f", '0', "");
        finish();
        open_archive();
        expect("l", TAR_HARDLINK);
        CHECK_STR(entry.link, "a/b");
        expect("l", TAR_SYMLINK);
        CHECK_STR(entry.link, "../x//y/");
        expect("f", TAR_REGULAR);
        CHECK_STR(entry.link, "");
        expect_end();
    }
    for (char type = '1'; type <= '2'; type++) {
        unsigned char *header;
        reset();
        header = add_link("l", type, "a");
        memcpy(header + 124, "00000000001", 11);
        seal(header);
        expect_bad(TAR_ELINK, -EINVAL);
    }
}

/* ---- Numbers ----------------------------------------------------------- */

/* Sets a field and sees what the archive says then. */
static int with_field(unsigned at, const void *bytes, size_t n)
{
    unsigned char *header;
    int result;

    reset();
    header = add_text("f", '0', "12345678");
    memcpy(header + at, bytes, n);
    seal(header);
    finish();
    open_archive();
    result = tar_next(&tar, &entry);
    CHECK_EQ(result < 0, tar.error != TAR_OK);
    return result;
}

static void test_octal(void)
{
    static const struct {
        const char *field; /* 12 bytes */
        int result;
        uint64_t size;
    } cases[] = {
        {"00000000010\0", 1, 8},
        {"000000000010", 1, 8},
        {"        10 \0", 1, 8},
        {"        10\0\0", 1, 8},
        {"       10\0\0\0", 1, 8},
        {"10\0\0\0\0\0\0\0\0\0\0", 1, 8},
        {"10          ", 1, 8},
        {"\0\0\0\0\0\0\0\0\0\0\0\0", 1, 0},
        {"            ", 1, 0},
        {"7 \0 \0 \0 \0 \0 ", 1, 7},
        {"8\0\0\0\0\0\0\0\0\0\0\0", -EINVAL, 0},
        {"00000000018\0", -EINVAL, 0},
        {"-0000000001\0", -EINVAL, 0},
        {"+0000000001\0", -EINVAL, 0},
        {"0x000000001\0", -EINVAL, 0},
        {"1 2\0\0\0\0\0\0\0\0\0", -EINVAL, 0},
        {"1\0002\0\0\0\0\0\0\0\0\0", -EINVAL, 0},
        {"\t1\0\0\0\0\0\0\0\0\0\0", -EINVAL, 0},
        {"777777777777", -EINVAL, 0},  /* 64 GiB: truncated */
        {"00000003001\0", -EINVAL, 0}, /* one byte more than there is */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int result = with_field(124, cases[i].field, 12);
        CHECK_EQ(result, cases[i].result);
        if (result == 1)
            CHECK_EQ(entry.size, cases[i].size);
        else
            CHECK(tar.error == TAR_ENUMBER || tar.error == TAR_ETRUNCATED);
        if (tap_failed())
            tap_note("octal case %zu", i);
    }
}

static void test_base256(void)
{
    static const struct {
        unsigned char field[12];
        int result;
        enum tar_error error;
        uint64_t size;
    } cases[] = {
        {{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8}, 1, TAR_OK, 8},
        {{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1, TAR_OK, 0},
        {{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 1}, -EINVAL, TAR_ETRUNCATED, 0},
        {{0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
         -EINVAL,
         TAR_ETRUNCATED,
         0},
        {{0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0},
         -EOVERFLOW,
         TAR_ENUMBER,
         0},
        {{0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, -EOVERFLOW, TAR_ENUMBER, 0},
        {{0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, -EOVERFLOW, TAR_ENUMBER, 0},
        {{0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
          0xFF},
         -EOVERFLOW,
         TAR_ENUMBER,
         0},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
          0xFF},
         -EINVAL,
         TAR_ENUMBER,
         0},
        {{0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, -EOVERFLOW, TAR_ENUMBER, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(with_field(124, cases[i].field, 12), cases[i].result);
        CHECK_EQ(tar.error, cases[i].error);
        if (cases[i].result == 1)
            CHECK_EQ(entry.size, cases[i].size);
    }
    /* Times may lie before 1970. */
    CHECK_EQ(with_field(136, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe",
                        12),
             1);
    CHECK_EQ(entry.mtime, -2);
    CHECK_EQ(with_field(136, "\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xfe",
                        12),
             -EOVERFLOW);
    CHECK_EQ(with_field(136, "\x80\0\0\0\0\0\0\xff\xff\xff\xff\xff", 12), 1);
    CHECK_EQ(entry.mtime, INT64_C(0xFFFFFFFFFF));
}

static void test_attributes(void)
{
    CHECK_EQ(with_field(100, "0104755\0", 8), 1);
    CHECK_EQ(entry.mode, 04755);
    CHECK_EQ(with_field(100, "abcdefg\0", 8), -EINVAL);
    CHECK_EQ(with_field(108, "\x80\0\0\0\xff\xff\xff\xff", 8), 1);
    CHECK_EQ(entry.uid, UINT32_MAX);
    CHECK_EQ(with_field(108, "\x80\0\0\1\0\0\0\0", 8), -EOVERFLOW);
    CHECK_EQ(with_field(116, "\x80\0\0\1\0\0\0\0", 8), -EOVERFLOW);
    CHECK_EQ(with_field(116, "0000009\0", 8), -EINVAL);
    CHECK_EQ(with_field(136, "zzzzzzzzzzzz", 12), -EINVAL);
    CHECK_EQ(tar.error, TAR_ENUMBER);
    reset();
    memcpy(add_header("tty", '3', 0) + 329, "9", 1);
    seal(archive);
    expect_bad(TAR_ENUMBER, -EINVAL);
    reset();
    memcpy(add_header("tty", '4', 0) + 337, "9", 1);
    seal(archive);
    expect_bad(TAR_ENUMBER, -EINVAL);
}

static void test_checksum(void)
{
    char high[101] = "";
    unsigned char *header;
    int sum = 0;

    for (int i = 0; i < BLOCK; i++) {
        reset();
        header = add_text("f", '0', "12345678");
        if (i == 154)
            continue; /* the NUL behind the checksum's digits */
        header[i] ^= 1;
        finish();
        open_archive();
        CHECK(tar_next(&tar, &entry) < 0);
        CHECK(tar.error == TAR_ECHECKSUM ||
              (tar.error == TAR_EMAGIC && i >= 257 && i < 263));
    }
    /* The sum of signed characters is let pass. */
    reset();
    header = add_text("\xff\xfe", '0', "x");
    memset(header + 148, ' ', 8);
    for (int i = 0; i < BLOCK; i++)
        sum += (signed char)header[i];
    sprintf((char *)header + 148, "%06o", (unsigned)sum);
    finish();
    open_archive();
    expect("\xff\xfe", TAR_REGULAR);
    /* As many high bytes as a header can have. */
    memset(high, 0xFF, 100);
    reset();
    header = add_text(high, '0', "x");
    memset(header + 157, 0xFF, 100);
    memset(header + 265, 0xFF, 64);
    memset(header + 500, 0xFF, 12);
    seal(header);
    finish();
    open_archive();
    expect(high, TAR_REGULAR);
    reset();
    header = add_text("f", '0', "x");
    memcpy(header + 148, "99999999", 8);
    finish();
    open_archive();
    expect_error(TAR_ECHECKSUM, -EINVAL, 0);
}

static void test_magic(void)
{
    static const struct {
        const char *magic;
        bool good;
    } cases[] = {
        {"ustar\00000", true},     {"ustar\0\0\0", true},
        {"ustar  \0", true},       {"ustar   ", false},
        {"ustar\0 ", true},        {"USTAR\00000", false},
        {"\0\0\0\0\0\0\0", false}, {"ustarx00", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int result = with_field(257, cases[i].magic, 8);
        CHECK_EQ(result, cases[i].good ? 1 : -EINVAL);
        CHECK_EQ(tar.error, cases[i].good ? TAR_OK : TAR_EMAGIC);
    }
    reset();
    memset(archive, 0xFF, 4096);
    nbytes = 4096;
    open_archive();
    expect_error(TAR_EMAGIC, -EINVAL, 0);
}

static void test_unknown_types(void)
{
    static const char known[] = "01234567xgLK";

    for (int type = 1; type < 256; type++) {
        if (strchr(known, type) != NULL)
            continue;
        reset();
        add_header("f", (char)type, 0);
        expect_bad(type == 'S' ? TAR_ESPARSE : TAR_ETYPE, -ENOTSUP);
    }
}

/* ---- Extended headers -------------------------------------------------- */

static void test_pax(void)
{
    reset();
    add_pax('g', "comment", "0123456789abcdef");
    add_pax('g', "uid", "7");
    add_pax('x', "size", "3");
    add_text("a", '0', "xyz");
    add_pax('x', "mtime", "123.9");
    add_pax('x', "gid", "4294967295");
    add_pax('x', "SCHILY.xattr.user.x", "=y\nz");
    add_text("b", '0', "");
    add_pax('x', "mtime", "-5.25");
    add_pax('x', "uid", "8");
    add_text("c", '0', "");
    add_pax('g', "mtime", "-7");
    add_pax('g', "gid", "9");
    add_pax('x', "path", "lost");
    add_pax('x', "path", "");
    add_text("d", '0', "");
    add_pax('g', "uid", "");
    add_text("e", '0', "");
    finish();
    open_archive();
    expect("a", TAR_REGULAR);
    CHECK_EQ(entry.size, 3);
    CHECK_EQ(entry.uid, 7);
    CHECK_EQ(entry.gid, 100);
    CHECK_EQ(entry.header, 0);
    expect("b", TAR_REGULAR);
    CHECK_EQ(entry.mtime, 123);
    CHECK_EQ(entry.gid, UINT32_MAX);
    CHECK_EQ(entry.uid, 7);
    expect("c", TAR_REGULAR);
    CHECK_EQ(entry.mtime, -6);
    CHECK_EQ(entry.uid, 8);
    CHECK_EQ(entry.gid, 100);
    expect("d", TAR_REGULAR);
    CHECK_EQ(entry.mtime, -7);
    CHECK_EQ(entry.uid, 7);
    CHECK_EQ(entry.gid, 9);
    expect("e", TAR_REGULAR);
    CHECK_EQ(entry.uid, 1000);
    expect_end();
}

/* A size in a pax record counts, whatever the header says. */
static void test_pax_size(void)
{
    unsigned char *header;

    reset();
    add_pax('x', "size", "1000");
    header = add("big", '0', archive, 0);
    nbytes += 1024;
    CHECK(header != NULL);
    add_text("next", '0', "");
    finish();
    open_archive();
    expect("big", TAR_REGULAR);
    CHECK_EQ(entry.size, 1000);
    expect("next", TAR_REGULAR);
    expect_end();
    reset();
    add_pax('x', "size", "9223372036854775807");
    add_text("big", '0', "");
    finish();
    open_archive();
    CHECK_EQ(tar_next(&tar, &entry), -EINVAL);
    CHECK_EQ(tar.error, TAR_ETRUNCATED);
}

static void test_pax_broken(void)
{
    static const struct {
        const char *data;
        enum tar_error error;
        int result;
    } cases[] = {
        {"", TAR_OK, 1},
        {"7 a=bc\n", TAR_OK, 1},
        {"6 a=b\n", TAR_OK, 1},
        {"5 a=\n", TAR_OK, 1},
        {"4 =\n", TAR_OK, 1},
        {"007 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"6 a=b", TAR_EEXTENDED, -EINVAL},
        {"6 a=b\n6", TAR_EEXTENDED, -EINVAL},
        {"6 a=b\n ", TAR_EEXTENDED, -EINVAL},
        {"7 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"5 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"6 abc\n", TAR_EEXTENDED, -EINVAL},
        {"6 a=bc", TAR_EEXTENDED, -EINVAL},
        {"0 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"1 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"2 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"3 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"4 a=b\n", TAR_EEXTENDED, -EINVAL},
        {" a=b\n", TAR_EEXTENDED, -EINVAL},
        {"x a=b\n", TAR_EEXTENDED, -EINVAL},
        {"-6 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"6x a=b\n", TAR_EEXTENDED, -EINVAL},
        {"99999999999999999999 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"9223372036854775807 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"18446744073709551622 a=b\n", TAR_EEXTENDED, -EINVAL},
        {"9 size=1\n", TAR_OK, 1},
        {"10 size=0\n", TAR_OK, 1},
        {"10 size=x\n", TAR_ENUMBER, -EINVAL},
        {"11 size=-1\n", TAR_ENUMBER, -EINVAL},
        {"12 size=1.0\n", TAR_ENUMBER, -EINVAL},
        {"13 size=1\n2\n", TAR_EEXTENDED, -EINVAL},
        {"28 size=9223372036854775808\n", TAR_ENUMBER, -EOVERFLOW},
        {"30 size=99999999999999999999\n", TAR_EEXTENDED, -EINVAL},
        {"29 size=99999999999999999999\n", TAR_ENUMBER, -EOVERFLOW},
        {"18 uid=4294967296\n", TAR_ENUMBER, -EOVERFLOW},
        {"18 gid=4294967296\n", TAR_ENUMBER, -EOVERFLOW},
        {"10 uid=-1\n", TAR_ENUMBER, -EINVAL},
        {"12 mtime=-\n", TAR_EEXTENDED, -EINVAL},
        {"11 mtime=-\n", TAR_ENUMBER, -EINVAL},
        {"13 mtime=.5\n", TAR_EEXTENDED, -EINVAL},
        {"12 mtime=.5\n", TAR_ENUMBER, -EINVAL},
        {"14 mtime=1.x\n", TAR_EEXTENDED, -EINVAL},
        {"13 mtime=1.x\n", TAR_ENUMBER, -EINVAL},
        {"12 mtime=1.\n", TAR_OK, 1},
        {"14 path=a/..\n", TAR_EEXTENDED, -EINVAL},
        {"13 path=a/..\n", TAR_ENAME, -EINVAL},
        {"9 path=a\n", TAR_OK, 1},
        {"22 GNU.sparse.major=1\n", TAR_ESPARSE, -ENOTSUP},
        {"26 GNU.sparse.name=secret\n", TAR_ESPARSE, -ENOTSUP},
        {"13 linkpath=\n", TAR_OK, 1},
        {"12 linkpath=\n", TAR_EEXTENDED, -EINVAL},
        {"46 averyveryveryveryveryveryverylongkey=value\n", TAR_OK, 1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reset();
        add_text("pax", 'x', cases[i].data);
        add_text("f", '0', "");
        finish();
        open_archive();
        CHECK_EQ(tar_next(&tar, &entry), cases[i].result);
        CHECK_STR(tar_error_string(tar.error),
                  tar_error_string(cases[i].error));
        if (tap_failed()) {
            tap_note("record %zu: %s", i, cases[i].data);
            return;
        }
    }
    /* No = to the end of a block, which is also the end of the record. */
    reset();
    memset(archive + BLOCK, 'a', BLOCK);
    memcpy(archive + BLOCK, "512 ", 4);
    add_header("pax", 'x', BLOCK);
    nbytes += BLOCK;
    expect_bad(TAR_EEXTENDED, -EINVAL);
    reset();
    add("pax", 'x', "13 path=a\0bc\n", 13);
    add_text("f", '0', "");
    expect_bad(TAR_ENAME, -EINVAL);
}

static void test_pax_global_refused(void)
{
    static const char *const keys[] = {"path", "linkpath", "size"};

    for (int i = 0; i < 3; i++) {
        reset();
        add_pax('g', keys[i], "1");
        add_text("f", '0', "");
        expect_bad(TAR_EEXTENDED, -ENOTSUP);
    }
}

static void test_gnu_broken(void)
{
    static const struct {
        const char *data;
        size_t size;
        enum tar_error error;
    } cases[] = {
        {"name", 4, TAR_OK},          {"name\0", 5, TAR_OK},
        {"name\0\0\0", 7, TAR_OK},    {"na\0me", 5, TAR_EEXTENDED},
        {"\0name", 5, TAR_EEXTENDED}, {"\0", 1, TAR_ENAME},
        {"", 0, TAR_ENAME},           {"..", 3, TAR_ENAME},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reset();
        add("long", 'L', cases[i].data, cases[i].size);
        add_text("f", '0', "");
        finish();
        open_archive();
        if (cases[i].error == TAR_OK)
            expect("name", TAR_REGULAR);
        else
            expect_error(cases[i].error, -EINVAL, 0);
    }
}

/* One that belongs to no member, is longer than the archive, or absurd. */
static void test_extended_extent(void)
{
    for (const char *type = "LKx"; *type != '\0'; type++) {
        reset();
        if (*type == 'x')
            add_pax('x', "path", "name");
        else
            add_text("long", *type, "name");
        finish();
        open_archive();
        expect_error(TAR_EEXTENDED, -EINVAL, 1024);
        nbytes = 1024;
        open_archive();
        expect_error(TAR_ENOEND, -EINVAL, 1024);
    }
    for (const char *type = "LKxg"; *type != '\0'; type++) {
        reset();
        add_header("long", *type, 1 << 30);
        expect_bad(TAR_ETRUNCATED, -EINVAL);
        reset();
        add_header("long", *type, (1 << 20) + 1);
        nbytes = ARCHIVE_MAX - 2 * BLOCK;
        expect_bad(TAR_ETRUNCATED, -EINVAL);
    }
}

/* Zeros without end, to be read as an archive with one huge header in front. */
static int read_huge(void *context, uint64_t offset, void *buf, size_t n)
{
    memset(buf, 0, n);
    if (offset == 0)
        memcpy(buf, context, n);
    return 0;
}

static void test_huge(void)
{
    unsigned char *header;

    for (const char *type = "LKxg"; *type != '\0'; type++) {
        reset();
        header = add_header("long", *type, (1 << 20) + 1);
        tar_init(&tar, read_huge, header, UINT64_MAX);
        expect_error(TAR_EEXTENDED, -EINVAL, 0);
    }
    reset();
    header = add_header("f", '0', 0);
    memcpy(header + 124, "\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12);
    seal(header);
    tar_init(&tar, read_huge, header, UINT64_MAX);
    expect("f", TAR_REGULAR);
    CHECK_EQ(entry.size, INT64_MAX);
    CHECK_EQ(tar.position, (UINT64_C(1) << 63) + 512);
    expect_end();
}

/* ---- Whole archives ---------------------------------------------------- */

/* One of everything. */
static void make_rich(void)
{
    char name[256];

    reset();
    add_header("./", '5', 0);
    add_text("bin/init", '0', "program");
    make_long(name, 200);
    add("l", 'L', name, 201);
    add_text("cut", '0', "long");
    add_pax('x', "path", "pax/name");
    add_text("cut", '0', "pax");
    add_pax('g', "uid", "5");
    add_link("sh", '2', "bin/init");
    add("k", 'K', name, 200);
    add_link("long", '2', "cut");
    add("data", '0', archive, 3000);
    add_link("hard", '1', "data");
    add_header("tty", '3', 0);
    finish();
}

/* Walks to the end; returns the last result. */
static int walk(unsigned *nmembers)
{
    uint64_t last = 0;
    int result;

    *nmembers = 0;
    while ((result = tar_next(&tar, &entry)) == 1 && !tap_failed()) {
        CHECK_STR(tar_entry_broken(&entry, nbytes), NULL);
        CHECK(*nmembers == 0 || entry.header >= last);
        CHECK(tar.position > entry.header);
        last = tar.position;
        (*nmembers)++;
    }
    CHECK_EQ(result < 0, tar.error != TAR_OK);
    return result;
}

static void test_truncated(void)
{
    size_t whole;
    size_t end; /* of the last member's data */
    unsigned nmembers;
    unsigned want;
    unsigned before = 0;
    unsigned char *copy;

    make_rich();
    whole = nbytes;
    end = whole - 2 * BLOCK;
    open_archive();
    CHECK_EQ(walk(&want), 0);
    CHECK_EQ(want, 9);
    for (nbytes = 0; nbytes <= whole; nbytes++) {
        copy = malloc(nbytes + 1);
        memcpy(copy, archive, nbytes);
        source = (struct source){copy, nbytes, -1, 0, 0};
        tar_init(&tar, read_source, &source, nbytes);
        CHECK_EQ(walk(&nmembers), nbytes >= end + BLOCK ? 0 : -EINVAL);
        if (nbytes < end + BLOCK)
            CHECK(tar.error == TAR_ETRUNCATED || tar.error == TAR_ENOEND);
        CHECK(tar.position <= nbytes);
        CHECK(nmembers >= before && nmembers <= want);
        CHECK(nbytes < end || nmembers == want);
        before = nmembers;
        free(copy);
    }
}

/* Every read fails once: the error comes through, and the walk is over. */
static void test_read_errors(void)
{
    unsigned nmembers;
    long nreads;

    make_rich();
    open_archive();
    walk(&nmembers);
    nreads = source.nreads;
    CHECK(nreads > 15);
    for (long at = 0; at < nreads; at++) {
        open_archive();
        source.fail_at = at;
        source.error = at % 3 == 0 ? -EIO : at % 3 == 1 ? -ENOMEM : 5;
        CHECK_EQ(walk(&nmembers), at % 3 == 1 ? -ENOMEM : -EIO);
        CHECK_EQ(tar.error, TAR_EREAD);
        CHECK_EQ(tar_next(&tar, &entry), at % 3 == 1 ? -ENOMEM : -EIO);
        CHECK_EQ(source.nreads, at + 1);
    }
}

/* Damages a few bytes; half of the time with the checksums set right. */
static void test_damage(void)
{
    static unsigned char whole[64 * BLOCK];
    uint64_t state = tap_seed(41);
    unsigned nmembers;
    size_t size;
    unsigned nbroken = 0;

    make_rich();
    size = nbytes;
    memcpy(whole, archive, size);
    for (unsigned long i = 0; i < tap_repeats(20000) && !tap_failed(); i++) {
        memcpy(archive, whole, size);
        nbytes = i % 8 == 0 ? tap_random(&state) % size : size;
        for (uint64_t n = 1 + tap_random(&state) % 4; n > 0; n--) {
            uint64_t r = tap_random(&state);
            size_t at = r % size;
            if (r >> 32 & 1) /* where fields are, rather than padding */
                at = at / BLOCK * BLOCK + (r >> 33) % 170;
            archive[at] = (unsigned char)(r >> 48);
        }
        for (size_t at = 0; i % 2 == 0 && at < size; at += BLOCK) {
            if (memcmp(archive + at + 257, "ustar", 5) == 0)
                seal(archive + at);
        }
        open_archive();
        nbroken += walk(&nmembers) < 0;
    }
    CHECK(nbroken > 1000);
}

/* ---- The host's tar ---------------------------------------------------- */

static bool load(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return false;
    reset();
    nbytes = fread(archive, 1, sizeof(archive), file);
    fclose(file);
    return nbytes > 0;
}

/* Packs the same tree in every format that can hold it. */
static void test_host_tar(void)
{
    static const char *const formats[] = {"ustar", "gnu", "pax", "oldgnu"};
    char dir[] = "/tmp/cairn-tar-XXXXXX";
    char command[2000];
    char name[300];
    unsigned nmembers;

    if (!CHECK(mkdtemp(dir) != NULL))
        return;
    make_long(name, 140);
    for (size_t i = 0; i < 4; i++) {
        snprintf(command, sizeof(command),
                 "cd %s && mkdir -p tree/%.120s && echo hello > tree/%s && "
                 "echo x > tree/b && ln -sf b tree/c && ln -f tree/b tree/d "
                 "&& tar --sort=name --format=%s -cf a.tar tree 2>/dev/null",
                 dir, name, name, formats[i]);
        if (system(command) != 0) {
            tap_note("no host tar with --format=%s", formats[i]);
            continue;
        }
        snprintf(command, sizeof(command), "%s/a.tar", dir);
        CHECK(load(command));
        open_archive();
        CHECK_EQ(walk(&nmembers), 0);
        CHECK_EQ(nmembers, 8);
        open_archive();
        expect("tree", TAR_DIRECTORY);
        for (int part = 0; part < 3; part++)
            CHECK_EQ(tar_next(&tar, &entry), 1);
        snprintf(command, sizeof(command), "tree/%s", name);
        expect(command, TAR_REGULAR);
        CHECK(memcmp(archive + entry.offset, "hello\n", 6) == 0);
        expect("tree/b", TAR_REGULAR);
        expect("tree/c", TAR_SYMLINK);
        CHECK_STR(entry.link, "b");
        expect("tree/d", TAR_HARDLINK);
        CHECK_STR(entry.link, "tree/b");
        expect_end();
        if (tap_failed())
            tap_note("format %s", formats[i]);
    }
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    CHECK_EQ(system(command), 0);
}

static void test_strings(void)
{
    for (unsigned error = 0; error < TAR_NERRORS; error++)
        CHECK(strlen(tar_error_string(error)) > 5);
    CHECK_STR(tar_error_string(TAR_NERRORS), "?");
    CHECK_STR(tar_error_string((enum tar_error) - 1), "?");
}

int main(void)
{
    tap_run("every type of member", test_types);
    tap_run("the end of an archive", test_ends);
    tap_run("names are normalised or refused", test_names);
    tap_run("fields without a NUL, prefixes", test_field_ends);
    tap_run("long names and links of every length", test_long_names);
    tap_run("link targets", test_links);
    tap_run("octal numbers", test_octal);
    tap_run("base-256 numbers", test_base256);
    tap_run("modes, owners, devices", test_attributes);
    tap_run("one wrong bit anywhere in a header", test_checksum);
    tap_run("magic", test_magic);
    tap_run("unknown types", test_unknown_types);
    tap_run("pax records", test_pax);
    tap_run("a size in a pax record", test_pax_size);
    tap_run("broken pax records", test_pax_broken);
    tap_run("global records for names are refused", test_pax_global_refused);
    tap_run("broken GNU long names", test_gnu_broken);
    tap_run("extended headers that end nowhere", test_extended_extent);
    tap_run("sizes up to 2^63 - 1", test_huge);
    tap_run("cut at every byte", test_truncated);
    tap_run("every read fails once", test_read_errors);
    tap_run("random damage", test_damage);
    tap_run("archives of the host's tar", test_host_tar);
    tap_run("error strings", test_strings);
    return tap_done();
}
