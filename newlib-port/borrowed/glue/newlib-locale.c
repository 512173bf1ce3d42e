/*
 * The locale that newlib's own functions look at, with every field 0: it is not
 * East Asian (wcwidth), and nothing else is asked of it.
 */
#define NEWLIB_LOCALE_BYTES 1024

char __global_locale[NEWLIB_LOCALE_BYTES] __attribute__((aligned(16)));
