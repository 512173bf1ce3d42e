/*
 * What Cairn and cairn-run say to each other. Shared by kernel/dev/channel.c
 * and tools/cairn-run; needs nothing but fixed-size integers.
 *
 * Both directions carry frames: a header of 8 bytes and a payload.
 *
 *       0      3 4    5      7 8
 *      +--------+----+--------+-----------------+
 *      | nbytes |type| zeros  | payload: nbytes |     little endian
 *      +--------+----+--------+-----------------+
 *
 * Cairn speaks first, with HELLO; the host answers WELCOME. Output comes in OUT
 * and ERR frames, in the order in which it was written; EXIT or FAIL is Cairn's
 * last word.
 *
 * Input is only sent when it was asked for, so that a program takes no more
 * from cairn-run's stdin than its reads take, as if it were a local program:
 *
 *      Cairn:   WANT n, room     a program wants to read n bytes; there is
 *                                room for more, if taking them does no harm
 *      host:    DATA, 1 to room bytes, or 0 bytes at the end of the input,
 *               or INERR with an errno, as soon as there is one of these
 *      Cairn:   WANT 0, 0        a program wants to know when it can read
 *      host:    READY            once that is so
 *      Cairn:   QUERY n, room    as WANT, but the host is not to wait
 *      host:    as above, or NOTHING
 *
 * A WANT replaces one that was not answered yet; an end is not sticky, since
 * that of a terminal is not. EXIT tells how many bytes of input were read in
 * all, modulo 2^32, so that cairn-run can put a file's offset back.
 *
 * Output is taken on trust and written a little later, so an error comes too
 * late for the write that caused it: CLOSED tells Cairn that one of its output
 * streams takes nothing any more, and with which errno later writes shall
 * fail. Only where single writes can fail for good reason, on devices such as
 * /dev/full, WELCOME asks for care: then each frame of that stream is answered
 * by WRITTEN before the write returns.
 *
 * The program may have a terminal: WELCOME says which of its streams are that
 * terminal, and how the host's own one is set. Those streams have no frames of
 * the kinds above. All that is typed goes one way and all that is shown the
 * other, whatever becomes of them in the line discipline, which is Cairn's:
 *
 *      Cairn:   ROOM n           there is room for n more typed bytes
 *      host:    TYPED            as many at most; none at all: the end
 *      Cairn:   SHOW             bytes for the host's terminal
 *      host:    WINDOW           it has another size now
 *      Cairn:   STOP n           the program was stopped by signal n: the host
 *                                stops likewise, and later sends SIGCONT
 */
#ifndef DEV_CHANNEL_PROTO_H
#define DEV_CHANNEL_PROTO_H

#include <stdint.h>

#define CHANNEL_VERSION     3
#define CHANNEL_HEADER      8
#define CHANNEL_MAX_PAYLOAD 65536

/* From Cairn. */
#define CHANNEL_HELLO 'H' /* u32 version */
#define CHANNEL_OUT   'O' /* bytes for stdout */
#define CHANNEL_ERR   'E' /* bytes for stderr */
#define CHANNEL_WANT  'W' /* u32 n, u32 room */
#define CHANNEL_QUERY 'Q' /* u32 n, u32 room */
#define CHANNEL_SHOW  'T' /* bytes for the terminal */
#define CHANNEL_ROOM  'M' /* u32 n, u32 0 */
#define CHANNEL_STOP  'Z' /* u32 signal number, u32 0 */
#define CHANNEL_EXIT  'X' /* u32 wait status, u32 input bytes used */
#define CHANNEL_FAIL  'F' /* u32 errno or 0, then text */
#define CHANNEL_TRACE 'T' /* records of dev/trace_proto.h */

/* From the host. */
#define CHANNEL_WELCOME 'H' /* see below */
#define CHANNEL_DATA    'D' /* bytes of stdin; none: the end */
#define CHANNEL_INERR   'I' /* u32 errno of reading stdin */
#define CHANNEL_READY   'R' /* u32 POLLIN, POLLHUP, POLLERR of stdin */
#define CHANNEL_NOTHING 'N' /* nothing: stdin cannot be read now */
#define CHANNEL_CLOSED  'C' /* u32 stream (1 or 2), u32 errno */
#define CHANNEL_WRITTEN 'A' /* u32 stream, u32 errno or 0, u32 bytes */
#define CHANNEL_SIGNAL  'S' /* u32 signal number for the program */
#define CHANNEL_TYPED   'T' /* bytes; none: the end */
#define CHANNEL_WINDOW  'G' /* u32 rows, columns, and both in pixels */

/*
 * WELCOME: where what is. Care has bit 1 for stdout and bit 2 for stderr; of
 * the terminal's bits, bit n is for stream n. Without any of them the rest may
 * be missing. The modes are c_iflag, c_oflag, c_cflag and c_lflag of struct
 * termios as Linux has it, the keys its c_cc.
 */
#define CHANNEL_AT_CARE     0
#define CHANNEL_AT_TERMINAL 4
#define CHANNEL_AT_WINDOW   8
#define CHANNEL_AT_MODES    24
#define CHANNEL_AT_KEYS     40
#define CHANNEL_NKEYS       19
#define CHANNEL_WELCOME_LEN (CHANNEL_AT_KEYS + CHANNEL_NKEYS)

static inline void channel_put32(unsigned char *p, uint32_t v)
{
    p[0] = (unsigned char)v;
    p[1] = (unsigned char)(v >> 8);
    p[2] = (unsigned char)(v >> 16);
    p[3] = (unsigned char)(v >> 24);
}

static inline uint32_t channel_get32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static inline void channel_put_header(unsigned char *p, char type,
                                      uint32_t nbytes)
{
    channel_put32(p, nbytes);
    channel_put32(p + 4, (unsigned char)type);
}

#endif
