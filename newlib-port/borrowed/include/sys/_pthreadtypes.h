/*
 * Types of threads; <sys/types.h> includes this. Their insides are those of
 * musl's thread library.
 */
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#ifdef __cplusplus
typedef unsigned long pthread_t;
#else
typedef struct __pthread *pthread_t;
#endif

typedef int pthread_once_t;
typedef unsigned pthread_key_t;
typedef int pthread_spinlock_t;

typedef struct {
    unsigned __attr;
} pthread_mutexattr_t;

typedef struct {
    unsigned __attr;
} pthread_condattr_t;

typedef struct {
    unsigned __attr;
} pthread_barrierattr_t;

typedef struct {
    unsigned __attr[2];
} pthread_rwlockattr_t;

typedef struct {
    union {
        int __i[9];
        volatile int __vi[9];
        unsigned long __s[9];
    } __u;
} pthread_attr_t;

#define __CAIRN_THREAD_TYPE(words, pointer) \
    struct {                                \
        union {                             \
            int __i[words];                 \
            volatile int __vi[words];       \
            pointer __p[words];             \
        } __u;                              \
    }

typedef __CAIRN_THREAD_TYPE(6, volatile void *volatile) pthread_mutex_t;
typedef __CAIRN_THREAD_TYPE(12, void *) pthread_cond_t;
typedef __CAIRN_THREAD_TYPE(8, void *) pthread_rwlock_t;
typedef __CAIRN_THREAD_TYPE(5, void *) pthread_barrier_t;

#endif
