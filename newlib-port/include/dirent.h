/*
 * Reading directories.
 */
#ifndef _DIRENT_H_
#define _DIRENT_H_

#include <sys/cdefs.h>
#include <sys/types.h>
#include <cairn/dirent.h>

__BEGIN_DECLS

/* The same bytes that getdents64 delivers. */
struct dirent {
    ino_t d_ino;
    off_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[256];
};

typedef struct __cairn_dir DIR;

#if __BSD_VISIBLE
#    define MAXNAMLEN 255
#endif

int alphasort(const struct dirent **, const struct dirent **);
int closedir(DIR *);
int dirfd(DIR *);
DIR *fdopendir(int);
DIR *opendir(const char *);
struct dirent *readdir(DIR *);
int readdir_r(DIR *__restrict, struct dirent *__restrict,
              struct dirent **__restrict);
void rewinddir(DIR *);
int scandir(const char *, struct dirent ***, int (*)(const struct dirent *),
            int (*)(const struct dirent **, const struct dirent **));
#if __MISC_VISIBLE || __XSI_VISIBLE
void seekdir(DIR *, long);
long telldir(DIR *);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
struct posix_dent {
    ino_t d_ino;
    off_t __off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[];
};
int fdclosedir(DIR *);
ssize_t posix_getdents(int, void *, size_t, int);
#endif
#if __MISC_VISIBLE
ssize_t getdents64(int, void *, size_t);
#    define IFTODT(mode)    (((mode)&0170000) >> 12)
#    define DTTOIF(dirtype) ((dirtype) << 12)
#endif

#define d_fileno d_ino
#define _DIRENT_HAVE_D_TYPE
#define _DIRENT_HAVE_D_RECLEN
#define _DIRENT_HAVE_D_OFF

__END_DECLS

#endif
