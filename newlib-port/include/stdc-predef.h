/*
 * Included by the compiler before anything else: what of C17's optional parts
 * is missing.
 */
#ifndef _STDC_PREDEF_H
#define _STDC_PREDEF_H

#define __STDC_NO_THREADS__ 1
#define __STDC_ISO_10646__  201806L

#endif
