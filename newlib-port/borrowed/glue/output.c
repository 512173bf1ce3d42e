/*
 * The output side of struct __cairn_stream: a small buffer in front of a FILE,
 * a string or a descriptor.
 */
#include "stdio_impl.h"

#include <string.h>

#include "stream.h"

int __towrite(struct __cairn_stream *f)
{
    f->wpos = f->wbase = f->buf;
    f->wend = f->buf + f->buf_size;
    return 0;
}

size_t __fwritex(const unsigned char *bytes, size_t length,
                 struct __cairn_stream *f)
{
    if (f->wend == NULL)
        __towrite(f);
    if (length > (size_t)(f->wend - f->wpos))
        return f->write(f, bytes, length);
    memcpy(f->wpos, bytes, length);
    f->wpos += length;
    return length;
}

/* fwrite refuses a stream of wide characters, whose bytes these may be. */
static int put_file(__FILE *file, const unsigned char *bytes, size_t length)
{
    int wide = file->_flags2 & __SWID;
    size_t written;

    if (length == 0)
        return 1;
    file->_flags2 &= ~__SWID;
    written = fwrite_unlocked(bytes, 1, length, file);
    file->_flags2 |= wide;
    return written == length;
}

static size_t write_file(struct __cairn_stream *f, const unsigned char *bytes,
                         size_t length)
{
    size_t waiting = (size_t)(f->wpos - f->wbase);

    f->wpos = f->wbase;
    if (!(f->flags & F_ERR) && put_file(f->file, f->wbase, waiting) &&
        put_file(f->file, bytes, length))
        return length;
    f->flags |= F_ERR;
    return 0;
}

void __cairn_output_begin(struct __cairn_stream *f, __FILE *file,
                          unsigned char *buffer, size_t nbytes)
{
    memset(f, 0, sizeof(*f));
    f->file = file;
    f->lbf = EOF;
    f->write = write_file;
    f->buf = buffer;
    f->buf_size = nbytes;
    __towrite(f);
}

int __cairn_output_end(struct __cairn_stream *f)
{
    f->write(f, NULL, 0);
    return f->flags & F_ERR ? EOF : 0;
}
