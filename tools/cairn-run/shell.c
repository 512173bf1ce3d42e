/*
 * tools/cairn-run/shell.c - /bin/sh for a program that is alone in Cairn
 *
 * system(), popen() and wordexp() run it, and so do scripts. A program or
 * script that names it gets it along: the image's, without the image.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include "pack.h"
#include "ustar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHELL "/bin/sh"

/* A file in memory, not to be changed: true if there is something in it. */
struct bytes {
    const char *at;
    size_t n;
};

static bool map_file(const char *path, struct bytes *file)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *at = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (at == MAP_FAILED)
        return false;
    *file = (struct bytes){at, (size_t)st.st_size};
    return true;
}

bool shell_is_named_in(const char *path)
{
    struct bytes file;
    bool named;

    if (!map_file(path, &file))
        return false;
    named = memmem(file.at, file.n, SHELL, strlen(SHELL)) != NULL;
    munmap((void *)file.at, file.n);
    return named;
}

static bool is_named(const struct ustar_header *header, const char *name)
{
    return header->prefix[0] == '\0' &&
           strncmp(header->name, name, sizeof(header->name)) == 0;
}

/* The contents of a file of an archive; a link in its folder is followed. */
static bool find_member(const struct bytes *archive, const char *name,
                        bool may_be_link, struct bytes *member)
{
    size_t at = 0;

    while (at + USTAR_BLOCK <= archive->n) {
        const struct ustar_header *header = (const void *)(archive->at + at);
        char digits[13] = {0}, link[101] = {0};
        size_t size;

        if (memcmp(header->magic, "ustar", 5) != 0)
            break;
        memcpy(digits, header->size, 12);
        size = strtoul(digits, NULL, 8);
        if (size > archive->n - at - USTAR_BLOCK)
            break;
        if (is_named(header, name) && header->type == '0') {
            *member = (struct bytes){archive->at + at + USTAR_BLOCK, size};
            return true;
        }
        if (is_named(header, name) && header->type == '2' && may_be_link) {
            char *target;
            bool found;

            memcpy(link, header->link, 100);
            target = format("bin/%s", link);
            found = find_member(archive, target, false, member);
            free(target);
            return found;
        }
        at +=
            USTAR_BLOCK + (size + USTAR_BLOCK - 1) / USTAR_BLOCK * USTAR_BLOCK;
    }
    return false;
}

bool shell_add(struct pack *pack, const char *image)
{
    struct bytes archive, member;
    int error = -ENOENT;

    if (!map_file(image, &archive))
        return false;
    if (find_member(&archive, SHELL + 1, true, &member))
        error = pack_add_bytes(pack, SHELL + 1, 0755, member.at, member.n);
    munmap((void *)archive.at, archive.n);
    return error == 0;
}

void shell_tell_missing(const struct result *result)
{
    static const char words[] = "exec: there is no /bin/sh\n";

    if (memmem(result->log, result->nlog, words, sizeof(words) - 1) != NULL)
        complain("the program has looked for /bin/sh, which was not taken "
                 "along: see --shell");
}
