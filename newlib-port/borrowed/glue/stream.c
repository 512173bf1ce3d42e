/*
 * The input side of struct __cairn_stream: where a scanner's bytes come from.
 *
 * A stream over a FILE uses that FILE's own buffer: rpos and rend are its _p and
 * _p + _r while the scan runs, and __cairn_stream_end() writes the position
 * back.  So a byte that the scanner does not want is given back by moving rpos,
 * and nothing is copied.  A stream over a string has a read function.
 */
#include "stdio_impl.h"

#include "stream.h"

/* newlib's own: fill the buffer, whatever the stream's orientation is. */
int __srefill_r(struct _reent *, __FILE *);

/* Point the stream at what is left in the FILE's buffer. */
static void take_buffer(struct __cairn_stream *f)
{
    f->buf = f->rpos = f->file->_p;
    f->rend = f->rpos + f->file->_r;
}

static void give_buffer(struct __cairn_stream *f)
{
    f->file->_r -= f->rpos - f->file->_p;
    f->file->_p = f->rpos;
}

void __cairn_stream_begin(struct __cairn_stream *f)
{
    static unsigned char none[1];

    if (f->file->_r <= 0 || f->file->_p == NULL) {
        /* The first read fills the buffer. */
        f->buf = f->rpos = f->rend = f->file->_p != NULL ? f->file->_p : none;
        return;
    }
    take_buffer(f);
}

void __cairn_stream_end(struct __cairn_stream *f)
{
    if (f->file->_p != NULL && f->rpos != f->file->_p)
        give_buffer(f);
}

static int refill(struct __cairn_stream *f)
{
    int c;

    __cairn_stream_end(f);
    f->file->_flags |= __SORD; /* by bytes, if fwide() has not said otherwise */
    if (__srefill_r(_REENT, f->file) != 0) {
        f->flags |= f->file->_flags & __SERR ? F_ERR : F_EOF;
        f->buf = f->rpos = f->rend = f->file->_p;
        return EOF;
    }
    c = *f->file->_p++;
    f->file->_r--;
    take_buffer(f);
    return c;
}

int __toread(struct __cairn_stream *f)
{
    f->rpos = f->rend = f->buf + f->buf_size;
    return f->flags & F_EOF ? EOF : 0;
}

/* Return the next byte when none is buffered, or EOF. */
int __uflow(struct __cairn_stream *f)
{
    unsigned char c;

    if (f->file != NULL)
        return refill(f);
    if (__toread(f) == 0 && f->read(f, &c, 1) == 1)
        return c;
    return EOF;
}
