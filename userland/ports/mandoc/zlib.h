/*
 * As much of zlib as mandoc calls: compressed pages cannot be opened.
 */
#ifndef MANDOC_ZLIB_H
#define MANDOC_ZLIB_H

#include <stddef.h>

#define Z_OK    0
#define Z_ERRNO (-1)

typedef struct gzFile_s *gzFile;

static inline gzFile gzdopen(int fd, const char *mode)
{
    (void)fd, (void)mode;
    return NULL;
}

static inline int gzread(gzFile file, void *buf, unsigned nbytes)
{
    (void)file, (void)buf, (void)nbytes;
    return -1;
}

static inline const char *gzerror(gzFile file, int *error)
{
    (void)file;
    *error = 0;
    return "compressed";
}

static inline const char *zError(int error)
{
    (void)error;
    return "compressed";
}

static inline int gzclose(gzFile file)
{
    (void)file;
    return 0;
}

static inline int gzclose_r(gzFile file)
{
    return gzclose(file);
}

#endif
