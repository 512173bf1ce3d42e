/*
 * Included before each borrowed file: the compiler attributes that musl's
 * private <features.h> defines, and names that must not meet newlib's.
 *
 * MATH_NAMES gives functions with a wrapper their private names; it is read a
 * second time for those that newlib's <math.h> makes macros of.
 */
#ifndef MUSL_SHIM_H
#define MUSL_SHIM_H

#define _GNU_SOURCE

#ifdef MATH_NAMES
#    include MATH_NAMES
#    include <complex.h>
#endif
#include <math.h>
#include <time.h>
#include <wctype.h>
#include <unistd.h>
#undef log2
#ifdef MATH_NAMES
#    include MATH_NAMES
#endif

#define __signgam __cairn_signgam

#define __timezone  _timezone
#define __daylight  _daylight
#define __tzname    _tzname
#define __tm_gmtoff tm_gmtoff
#define __tm_zone   tm_zone

/* Names that musl's private headers declare. */
extern char **environ;
#define __environ environ
int __putenv(char *, __SIZE_TYPE__, char *);
void __env_rm_add(char *, char *);
struct tm *__gmtime_r(const time_t *restrict, struct tm *restrict);
struct tm *__localtime_r(const time_t *restrict, struct tm *restrict);
const unsigned char *__map_file(const char *, __SIZE_TYPE__ *);
void *__memrchr(const void *, int, __SIZE_TYPE__);
char *__strchrnul(const char *, int);

struct crypt_data;
char *__crypt_r(const char *, const char *, struct crypt_data *);
char *__crypt_des(const char *, const char *, char *);
char *__crypt_md5(const char *, const char *, char *);
char *__crypt_blowfish(const char *, const char *, char *);
char *__crypt_sha256(const char *, const char *, char *);
char *__crypt_sha512(const char *, const char *, char *);

float exp10f(float);
double exp10(double);
long double exp10l(long double);

#define weak                 __attribute__((__weak__))
#define hidden               __attribute__((__visibility__("hidden")))
#define weak_alias(old, new) weak_alias_(old, new) /* expand `old` */
#define weak_alias_(old, new) \
    extern __typeof(old) new __attribute__((__weak__, __alias__(#old)))

#endif
