/*
 * What the glue adds to the borrowed code's stream.
 */
#ifndef GLUE_STREAM_H
#define GLUE_STREAM_H

#include "stdio_impl.h"

/* Start and end a scan of f->file; the FILE is locked by the caller. */
void __cairn_stream_begin(struct __cairn_stream *f);
void __cairn_stream_end(struct __cairn_stream *f);

/* The size of the buffer that output to an unbuffered FILE is gathered in. */
#define UNBUFFERED_BYTES 1024

/* Append to buf, or hand over what waits and the new bytes. */
size_t __cairn_fwritex(const unsigned char *bytes, size_t length,
                       struct __cairn_stream *f);

/* Make `f` write to a FILE through `buffer`, and end that: returns 0 or EOF. */
void __cairn_output_begin(struct __cairn_stream *f, __FILE *file,
                          unsigned char *buffer, size_t nbytes);
int __cairn_output_end(struct __cairn_stream *f);

#endif
