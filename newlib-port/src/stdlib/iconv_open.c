/*
 * iconv_open: newlib's, with the error that POSIX names.
 *
 * Errors: EINVAL for an encoding that is not known, ENOMEM.
 */
#include "../call.h"
#include <iconv.h>

iconv_t iconv_open(const char *to, const char *from)
{
    iconv_t converter = _iconv_open_r(_REENT, to, from);

    if (converter == (iconv_t)-1 && errno != ENOMEM)
        errno = EINVAL;
    return converter;
}
