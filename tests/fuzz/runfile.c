/*
 * Fuzzes kernel/proc/runfile.c: the input is the file. What is accepted must
 * hold together: all strings inside of the bytes, both lists ended by NULL,
 * and every argument and variable there, in order.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "proc/runfile.h"

static bool is_inside(const char *s, const char *bytes, size_t nbytes)
{
    return s >= bytes && s < bytes + nbytes;
}

/* The values of `key` in the bytes are just these. */
static void check_list(char *const *list, size_t n, const char *key,
                       const char *bytes, size_t nbytes)
{
    const char *record = bytes;
    size_t found = 0;

    for (; record < bytes + nbytes; record += strlen(record) + 1) {
        if (strncmp(record, key, 4) != 0)
            continue;
        FUZZ_CHECK(found < n && list[found] == record + 4);
        found++;
    }
    FUZZ_CHECK(found == n && list[n] == NULL);
}

size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max)
{
    static const char whole[] = "path=/bin/x\0cwd=/\0arg=./x\0arg=\0"
                                "env=A=1\0env=B=2\0data=4096\0as=1\0stack=2";
    static const char least[] = "path=/x\0arg=";
    const char *from = n == 0 ? whole : least;
    size_t nbytes = n == 0 ? sizeof(whole) : sizeof(least);

    if (n > 1 || nbytes > max)
        return 0;
    memcpy(buf, from, nbytes);
    return nbytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size > 0 ? size : 1);
    size_t nstrings = runfile_count_strings((const char *)data, size);
    char **strings = malloc(nstrings * sizeof(*strings));
    struct runfile run;

    FUZZ_CHECK(bytes != NULL && strings != NULL);
    memcpy(bytes, data, size);
    if (runfile_parse(bytes, size, strings, nstrings, &run) == NULL) {
        FUZZ_CHECK(run.nargs > 0);
        FUZZ_CHECK(is_inside(run.path, bytes, size) && *run.path == '/');
        FUZZ_CHECK(run.cwd == NULL || is_inside(run.cwd, bytes, size));
        check_list(run.argv, run.nargs, "arg=", bytes, size);
        check_list(run.envp, run.nenv, "env=", bytes, size);
    }
    free(strings);
    free(bytes);
    return 0;
}
