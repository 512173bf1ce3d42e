/*
 * timer.h - a timer_t is the kernel's number; or, of a timer with SIGEV_THREAD,
 * half the address of its struct, with the top bit set.
 */
#ifndef TIMER_H
#define TIMER_H

#include "../event/thread.h"
#include <time.h>

#ifdef HAS_THREADS
static inline struct __event_thread *timer_thread(timer_t timer)
{
    return (long)timer < 0 ? (struct __event_thread *)(timer << 1) : NULL;
}

static inline int timer_number(timer_t timer)
{
    struct __event_thread *t = timer_thread(timer);

    return t != NULL ? t->id : (int)timer;
}
#else
#    define timer_number(timer) ((int)(timer))
#endif

#endif
