/*
 * Symbols of the running program. Programs are static: there is no other object
 * to open.
 */
#ifndef _DLFCN_H
#define _DLFCN_H

#include <sys/cdefs.h>

#define RTLD_LAZY   0x001
#define RTLD_NOW    0x002
#define RTLD_LOCAL  0x000
#define RTLD_GLOBAL 0x100
#if __MISC_VISIBLE
#    define RTLD_NOLOAD   0x0004
#    define RTLD_NODELETE 0x1000
#    define RTLD_DEFAULT  ((void *)0)
#    define RTLD_NEXT     ((void *)-1)
#endif

__BEGIN_DECLS

void *dlopen(const char *, int);
int dlclose(void *);
void *dlsym(void *__restrict, const char *__restrict);
char *dlerror(void);

#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
typedef struct {
    const char *dli_fname;
    void *dli_fbase;
    const char *dli_sname;
    void *dli_saddr;
} Dl_info;
typedef Dl_info Dl_info_t;

int dladdr(const void *__restrict, Dl_info_t *__restrict);
#endif

__END_DECLS

#endif
