/*
 * fwrite: newlib's, after what C17 7.21.8.2 says of nothing to write; sizes
 * whose product does not fit are cut to what does.
 */
#include "../call.h"

#include <stdint.h>
#include <stdio.h>

static size_t fit(size_t size, size_t count)
{
    return size != 0 && count > SIZE_MAX / size ? SIZE_MAX / size : count;
}

size_t fwrite(const void *restrict from, size_t size, size_t count,
              FILE *restrict file)
{
    if (size == 0 || count == 0)
        return 0;
    return _fwrite_r(_REENT, from, size, fit(size, count), file);
}

size_t fwrite_unlocked(const void *restrict from, size_t size, size_t count,
                       FILE *restrict file)
{
    if (size == 0 || count == 0)
        return 0;
    return _fwrite_unlocked_r(_REENT, from, size, fit(size, count), file);
}
