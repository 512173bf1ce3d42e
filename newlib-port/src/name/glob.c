/*
 * glob: newlib's, which does not say when nothing was found, and takes a
 * backslash for a quote only if asked to.
 *
 * Returns 0, GLOB_ABORTED, GLOB_NOMATCH or GLOB_NOSPACE.
 */
#include <glob.h>

/* What merge-libc calls newlib's own. */
int __newlib_glob(const char *, int, int (*)(const char *, int), glob_t *);

int glob(const char *restrict pattern, int flags,
         int (*on_error)(const char *, int), glob_t *restrict found)
{
    int before = flags & GLOB_APPEND ? found->gl_pathc : 0;
    int quote = flags & GLOB_NOESCAPE ? 0 : GLOB_QUOTE;
    int result = __newlib_glob(pattern, (flags & ~GLOB_NOESCAPE) | quote,
                               on_error, found);

    if (result == 0 && found->gl_pathc == before)
        return GLOB_NOMATCH;
    return result;
}
