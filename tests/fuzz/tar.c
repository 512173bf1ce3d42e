/*
 * Fuzzes kernel/fs/tar.c: any bytes are walked to an end or an error, no read
 * lies outside, and what comes out is safe. Bit 0 of the first byte has all
 * checksums set right first, so that the damage gets behind them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tar_oracle.h"

struct archive {
    const uint8_t *bytes;
    size_t nbytes;
};

static int read_archive(void *context, uint64_t offset, void *buf, size_t n)
{
    const struct archive *archive = context;

    FUZZ_CHECK(n > 0 && n <= TAR_BLOCK);
    FUZZ_CHECK(offset <= archive->nbytes && n <= archive->nbytes - offset);
    memcpy(buf, archive->bytes + offset, n);
    return 0;
}

static void seal(uint8_t *header)
{
    unsigned sum = 0;

    memset(header + 148, ' ', 8);
    for (int i = 0; i < TAR_BLOCK; i++)
        sum += header[i];
    sprintf((char *)header + 148, "%06o", sum);
}

/* Walks the archive; whatever happens, it ends. */
static void walk(struct archive *archive)
{
    struct tar tar;
    struct tar_entry entry;
    uint64_t last = 0;
    int result;

    tar_init(&tar, read_archive, archive, archive->nbytes);
    while ((result = tar_next(&tar, &entry)) == 1) {
        fuzz_require(tar_entry_broken(&entry, archive->nbytes));
        FUZZ_CHECK(tar.position > entry.header);
        FUZZ_CHECK(entry.header >= last);
        last = tar.position;
    }
    FUZZ_CHECK(result <= 0);
    FUZZ_CHECK((result < 0) == (tar.error != TAR_OK));
    FUZZ_CHECK(tar.position <= archive->nbytes);
    FUZZ_CHECK(tar_next(&tar, &entry) == result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct archive archive = {data + 1, size - 1};
    uint8_t *copy;

    if (size == 0)
        return 0;
    if (!(data[0] & 1)) {
        walk(&archive);
        return 0;
    }
    copy = malloc(size);
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    for (size_t at = 0; at + TAR_BLOCK <= size - 1; at += TAR_BLOCK)
        seal(copy + at);
    archive.bytes = copy;
    walk(&archive);
    free(copy);
    return 0;
}

/* Appends a member; returns the new size. */
static size_t add(uint8_t *buf, size_t size, const char *name, char type,
                  const char *data)
{
    uint8_t *header = buf + size;

    memset(header, 0, 2 * TAR_BLOCK);
    strcpy((char *)header, name);
    sprintf((char *)header + 100, "%07o", 0644u);
    sprintf((char *)header + 124, "%011o", (unsigned)strlen(data));
    sprintf((char *)header + 136, "%011o", 1234567890u);
    header[156] = (uint8_t)type;
    if (type == '1' || type == '2')
        strcpy((char *)header + 157, "dir/target");
    memcpy(header + 257, "ustar\00000", 8);
    strcpy((char *)header + TAR_BLOCK, data);
    seal(header);
    return size + (data[0] != '\0' ? 2 : 1) * TAR_BLOCK;
}

/* Each kind of member alone, then all of them. */
size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max)
{
    static const struct {
        const char *name;
        char type;
        const char *data;
    } members[] = {
        {"./", '5', ""},
        {"bin/init", '0', "hello"},
        {"x", 'x', "13 path=a/b\n\n12 uid=1234\n"},
        {"x", 'x', "17 mtime=123.456\n9 size=4\n"},
        {"x", 'g', "25 comment=something here\n11 gid=100\n"},
        {"././@LongLink", 'L', "some/very/long/name/./that//is/normalised"},
        {"././@LongLink", 'K', "../some/very/long/target"},
        {"link", '2', ""},
        {"hard", '1', ""},
        {"dev/tty", '3', ""},
        {"a/../b", '0', "x"},
        {"sparse", 'S', "x"},
    };
    unsigned nmembers = sizeof(members) / sizeof(members[0]);
    size_t size = 1;

    if (n > 2 * nmembers || max < 16384 / 2)
        return 0;
    buf[0] = n % 2 == 0;
    if (n == 2 * nmembers) {
        for (unsigned i = 0; i < 7; i++)
            size = add(buf, size, members[i].name, members[i].type,
                       members[i].data);
    } else {
        size = add(buf, size, members[n / 2].name, members[n / 2].type,
                   members[n / 2].data);
        size = add(buf, size, "file", '0', "data");
    }
    memset(buf + size, 0, TAR_BLOCK);
    return size + TAR_BLOCK;
}
