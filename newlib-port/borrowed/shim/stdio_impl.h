/*
 * The stream that the borrowed formatting and scanning code works on.
 *
 * musl's vfprintf and vfscanf use the fields of musl's FILE.  Here they are
 * compiled for `struct __cairn_stream`, which has these fields and no others;
 * the glue connects one to a FILE of newlib's, a string or a descriptor.
 * Everything is renamed, so that the public names stay the glue's.
 *
 * Output: bytes from wbase to wpos wait in buf; write() takes them and then
 * `length` more, and returns less than `length` after setting F_ERR.
 * Input: bytes from rpos to rend can be taken; read() stores at most `length`
 * more.  shlim, shcnt and shend are the scanner's (shgetc.h).
 */
#ifndef STDIO_IMPL_H
#define STDIO_IMPL_H

#include <stdio.h>
#include <sys/types.h>
#include <wchar.h>

#define F_ERR 32
#define F_EOF 16
#define UNGET 8

struct __cairn_stream {
    unsigned flags;
    unsigned char *rpos, *rend;
    unsigned char *wend, *wpos, *wbase;
    size_t (*read)(struct __cairn_stream *, unsigned char *, size_t);
    size_t (*write)(struct __cairn_stream *, const unsigned char *, size_t);
    unsigned char *buf;
    size_t buf_size;
    int mode;
    int lock; /* unused: the glue locks */
    int lbf;
    void *cookie;
    unsigned char *shend;
    off_t shlim, shcnt;
    FILE *file;   /* newlib's, or NULL */
    void *locale; /* unused */
};

#undef ferror
#undef feof
#undef getc
#undef getwc
#undef getc_unlocked
#undef putc_unlocked
#define FILE             struct __cairn_stream
#define ferror(f)        ((f)->flags & F_ERR)
#define feof(f)          ((f)->flags & F_EOF)
#define FLOCK(f)         ((void)0)
#define FUNLOCK(f)       ((void)0)
#define vfprintf         __cairn_vformat
#define fprintf          __cairn_format
#define vfscanf          __cairn_vscan
#define fscanf           __cairn_scan
#define vfwprintf        __cairn_vwformat
#define vfwscanf         __cairn_vwscan
#define fgetwc           __cairn_getwc
#define getwc            __cairn_getwc
#define ungetwc          __cairn_ungetwc
#define fputwc           __cairn_putwc
#define fputws           __cairn_putws
#define fwide(f, m)      __cairn_wide(f, m)
#define __uflow          __cairn_uflow
#define __toread         __cairn_toread
#define __towrite        __cairn_towrite
#define __fwritex        __cairn_fwritex
#define __intscan        __cairn_intscan
#define __floatscan      __cairn_floatscan
#define __shlim          __cairn_shlim
#define __shgetc         __cairn_shgetc
#define getc_unlocked(f) ((f)->rpos != (f)->rend ? *(f)->rpos++ : __uflow(f))
#define getc(f)          getc_unlocked(f)

#ifdef NL_ARGMAX
#    undef NL_ARGMAX
#endif
#define NL_ARGMAX 9

int __uflow(FILE *);
int __toread(FILE *);
int __towrite(FILE *);
size_t __fwritex(const unsigned char *, size_t, FILE *);
int vfprintf(FILE *, const char *, __VALIST);
int fprintf(FILE *, const char *, ...);
int vfscanf(FILE *, const char *, __VALIST);
int fscanf(FILE *, const char *, ...);
int vfwprintf(FILE *, const wchar_t *, __VALIST);
int vfwscanf(FILE *, const wchar_t *, __VALIST);
wint_t fgetwc(FILE *);
wint_t ungetwc(wint_t, FILE *);
wint_t fputwc(wchar_t, FILE *);
int fputws(const wchar_t *, FILE *);
int __cairn_wide(FILE *, int);
size_t __cairn_read_wide(FILE *, unsigned char *, size_t);

#endif
