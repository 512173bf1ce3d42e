/*
 * Fuzzes kernel/proc/elf.c: the input is the file's first bytes. Bits of the
 * last two bytes say how much larger the file claims to be.
 */
#include <stdlib.h>
#include <string.h>

#include "elf_oracle.h"
#include "fuzz.h"

#include <cairn/errno.h>

/* Parses the file as a loader would, the headers in blocks of their size. */
static int parse(const uint8_t *data, size_t size, uint64_t file_size,
                 struct elf_image *image)
{
    struct elf_header header;
    size_t nbytes;
    uint8_t *table;
    int result = elf_parse_header(data, size, file_size, &header);

    if (result != 0)
        return result;
    FUZZ_CHECK(header.nphdrs > 0 && header.nphdrs <= ELF_MAX_PHDRS);
    nbytes = header.nphdrs * ELF_PHDR_BYTES;
    FUZZ_CHECK(header.phdr_offset + (uint64_t)nbytes <= file_size);
    table = calloc(1, nbytes);
    FUZZ_CHECK(table != NULL);
    for (size_t i = 0; i < nbytes; i++) {
        if (header.phdr_offset + (uint64_t)i < size)
            table[i] = data[header.phdr_offset + i];
    }
    result = elf_parse_segments(&header, table, file_size, image);
    free(table);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t file_size = size;
    struct elf_image image;
    int result;

    if (size >= 2)
        file_size += (uint64_t)data[size - 1] << data[size - 2] % 57;
    result = parse(data, size, file_size, &image);
    FUZZ_CHECK(result == 0 || result == -ENOEXEC || result == -EINVAL ||
               result == -ENOMEM);
    if (result != 0)
        return 0;
    fuzz_require(elf_image_broken(&image, file_size));
    for (unsigned i = 0; i < 4 && image.is_movable; i++)
        fuzz_require(elf_place_broken(&image, file_size,
                                      ((uint32_t)data[i % size] << 24) ^
                                          ((uint32_t)size << 12)));
    return 0;
}

static const uint32_t phdrs[][8] = {
    {6, 52, 0x08048034, 0, 160, 160, 4, 4},
    {1, 0, 0x08048000, 0, 0x2345, 0x2345, 5, 4096},
    {1, 0x2F00, 0x0804BF00, 0, 0x300, 0x9000, 6, 4096},
    {7, 0x2F00, 0x0804BF00, 0, 0x10, 0x20, 4, 16},
    {0x6474E551, 0, 0, 0, 0, 0, 6, 16},
    {1, 0, 0x20000, 0, 0x800, 0x800, 6, 1},
    {1, 0x800, 0x20800, 0, 0x800, 0x800, 6, 1},
    {1, 0, 0x30000, 0, 0, 0x5000, 4, 4096},
};

/*
 * Programs of 2 to 8 program headers, with and without a tail; the second half
 * can be moved and names an interpreter.
 */
size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max)
{
    uint16_t half;
    uint32_t word;
    unsigned nphdrs = n % 7 + 2;

    if (n >= 28 || max < 512)
        return 0;
    memset(buf, 0, 512);
    memcpy(buf, "\177ELF\1\1\1", 7);
    half = n < 14 ? 2 : 3;
    memcpy(buf + 16, &half, 2);
    half = 3;
    memcpy(buf + 18, &half, 2);
    word = 1;
    memcpy(buf + 20, &word, 4);
    word = 0x08048100;
    memcpy(buf + 24, &word, 4);
    word = 52;
    memcpy(buf + 28, &word, 4);
    memcpy(buf + 40, "\x34\0\x20\0", 4);
    half = (uint16_t)nphdrs;
    memcpy(buf + 44, &half, 2);
    memcpy(buf + 52, phdrs, nphdrs * 32);
    word = 3; /* in the place of PT_PHDR */
    if (n >= 14)
        memcpy(buf + 52, &word, 4);
    buf[400] = n % 14 < 7 ? 14 : 40;
    buf[401] = 1;
    return 402;
}
