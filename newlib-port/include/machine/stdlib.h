/*
 * What newlib's <stdlib.h> lacks of POSIX and the usual extensions.
 */
#ifndef _MACHSTDLIB_H_
#define _MACHSTDLIB_H_

#ifndef _STDLIB_H_
#    error "must be included via <stdlib.h>"
#endif

#include <sys/types.h>

__BEGIN_DECLS

#if __XSI_VISIBLE || __MISC_VISIBLE
#    include <cairn/wait.h>
int grantpt(int);
int posix_openpt(int);
char *ptsname(int);
int unlockpt(int);
#endif
#if __MISC_VISIBLE
int clearenv(void);
int getloadavg(double[], int);
char *ecvt(double, int, int *, int *);
char *fcvt(double, int, int *, int *);
char *gcvt(double, int, char *);
int ecvt_r(double, int, int *__restrict, int *__restrict, char *__restrict,
           size_t);
int fcvt_r(double, int, int *__restrict, int *__restrict, char *__restrict,
           size_t);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int mkostemp(char *, int);
int ptsname_r(int, char *, size_t);
void *reallocarray(void *, size_t, size_t);
char *secure_getenv(const char *);
#endif
#if __GNU_VISIBLE
char *canonicalize_file_name(const char *);
#endif
#if __ISO_C_VISIBLE >= 2020
size_t memalignment(const void *);
void free_sized(void *, size_t);
void free_aligned_sized(void *, size_t, size_t);
int strfromd(char *__restrict, size_t, const char *__restrict, double);
int strfromf(char *__restrict, size_t, const char *__restrict, float);
int strfroml(char *__restrict, size_t, const char *__restrict, long double);
#endif

__END_DECLS

#endif
