/*
 * Event counters as files.
 */
#ifndef _SYS_EVENTFD_H
#define _SYS_EVENTFD_H

#include <sys/cdefs.h>
#include <fcntl.h>
#include <stdint.h>
#include <cairn/event.h>

#define EFD_SEMAPHORE __CAIRN_EFD_SEMAPHORE
#define EFD_CLOEXEC   02000000
#define EFD_NONBLOCK  04000

typedef uint64_t eventfd_t;

__BEGIN_DECLS

int eventfd(unsigned, int);
int eventfd_read(int, eventfd_t *);
int eventfd_write(int, eventfd_t);

__END_DECLS

#endif
