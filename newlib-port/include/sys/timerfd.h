/*
 * Timers as files.
 */
#ifndef _SYS_TIMERFD_H
#define _SYS_TIMERFD_H

#include <sys/cdefs.h>
#include <fcntl.h>
#include <time.h>
#include <cairn/event.h>

#define TFD_CLOEXEC             02000000
#define TFD_NONBLOCK            04000
#define TFD_TIMER_ABSTIME       __CAIRN_TFD_TIMER_ABSTIME
#define TFD_TIMER_CANCEL_ON_SET __CAIRN_TFD_TIMER_CANCEL_ON_SET

__BEGIN_DECLS

int timerfd_create(int, int);
int timerfd_gettime(int, struct itimerspec *);
int timerfd_settime(int, int, const struct itimerspec *, struct itimerspec *);

__END_DECLS

#endif
