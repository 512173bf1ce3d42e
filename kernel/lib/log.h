/*
 * The kernel's log: lines with a level, kept in a ring of the last 16 KiB and
 * handed to the sinks (serial, screen, debug console) as they come.
 *
 * In the ring each line starts with its level, "<6>", as syslog has it; a sink
 * gets the line alone, without level or time.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"

/* Levels as in syslog: the lower, the more urgent. */
#define LOG_EMERG   0
#define LOG_ALERT   1
#define LOG_CRIT    2
#define LOG_ERR     3
#define LOG_WARNING 4
#define LOG_NOTICE  5
#define LOG_INFO    6
#define LOG_DEBUG   7

#define LOG_RING_BYTES 16384

/*
 * Log one message. Each line of it becomes a line of the log; the newline at
 * its end may be left out. A message longer than 512 bytes is cut and ends in
 * "...". May be called in any context, interrupt handlers included; a message
 * logged while another is being written lands before or after its lines.
 */
void klog(int level, const char *fmt, ...) printf_like(2, 3);

/*
 * From now on `write` gets every line whose level is at most `max_level`, with
 * its newline; first it gets those that are still in the ring. It must not log.
 * Returns 0, or -ENOSPC when all four places are taken.
 */
int log_add_sink(void (*write)(const char *s, size_t nbytes),
                 int max_level) must_check;

/* Give `write` the lines that are still in the ring, as log_add_sink does. */
void log_replay(void (*write)(const char *s, size_t nbytes), int max_level);

/* Sinks get no line above `level` from now on. The ring still keeps all. */
void log_set_level(int level);

/*
 * Read the ring. *position counts bytes since boot: 0 starts at the oldest
 * byte still there. Copy at most `nbytes` to `buf`, move *position past
 * them, and return how many it copied: 0 at the end of the log. A position
 * that the ring has overtaken is moved up to the oldest line.
 */
size_t log_read(uint64_t *position, char *buf, size_t nbytes);

#endif
