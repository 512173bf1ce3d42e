/*
 * Messages of BSD programs, to stderr with the program's name before them.
 */
#ifndef _ERR_H
#define _ERR_H

#include <sys/cdefs.h>
#include <stdarg.h>

__BEGIN_DECLS

void err(int, const char *, ...) __attribute__((__noreturn__));
void errx(int, const char *, ...) __attribute__((__noreturn__));
void verr(int, const char *, va_list) __attribute__((__noreturn__));
void verrx(int, const char *, va_list) __attribute__((__noreturn__));
void vwarn(const char *, va_list);
void vwarnx(const char *, va_list);
void warn(const char *, ...);
void warnx(const char *, ...);

__END_DECLS

#endif
