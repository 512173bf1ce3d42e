/*
 * Ten thousand threads at once: each has a number that no other has, all wait
 * for one lock, wake for one word, and are joined.
 *
 * test: run="-m 512M" timeout=300
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mm_test.h"

#define NTHREADS 10000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static pthread_cond_t leave = PTHREAD_COND_INITIALIZER;
static int narrived, nleft;
static int is_over;
static pid_t numbers[NTHREADS];

static void *arrive(void *arg)
{
    pid_t *number = arg;

    *number = gettid();
    pthread_mutex_lock(&lock);
    if (++narrived % 1000 == 0)
        pthread_cond_signal(&arrived);
    while (!is_over)
        pthread_cond_wait(&leave, &lock);
    nleft++;
    pthread_mutex_unlock(&lock);
    return number;
}

static int compare(const void *a, const void *b)
{
    return *(const pid_t *)a - *(const pid_t *)b;
}

static int start_all(pthread_t *threads, int n)
{
    pthread_attr_t attr;
    int i;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 16384);
    for (i = 0; i < n; i++) {
        int error = pthread_create(&threads[i], &attr, arrive, &numbers[i]);

        if (error != 0) {
            printf("# thread %d: %s\n", i, strerror(error));
            break;
        }
    }
    pthread_attr_destroy(&attr);
    return i;
}

static int join_all(const pthread_t *threads, int n)
{
    int good = 0;
    void *result;

    for (int i = 0; i < n; i++)
        good += pthread_join(threads[i], &result) == 0 && result == &numbers[i];
    return good;
}

int main(void)
{
    static pthread_t threads[NTHREADS];
    int n = start_all(threads, NTHREADS), ndifferent = 0;

    CHECK_EQ(n, NTHREADS);
    pthread_mutex_lock(&lock);
    while (narrived < n && narrived < NTHREADS)
        pthread_cond_wait(&arrived, &lock);
    CHECK_EQ(narrived, n);
    is_over = 1;
    pthread_cond_broadcast(&leave);
    pthread_mutex_unlock(&lock);
    CHECK_EQ(join_all(threads, n), n);
    CHECK_EQ(nleft, n);
    qsort(numbers, (size_t)n, sizeof(numbers[0]), compare);
    for (int i = 0; i < n; i++)
        ndifferent += numbers[i] > 0 && (i == 0 || numbers[i] > numbers[i - 1]);
    CHECK_EQ(ndifferent, n);
    tap_end("threads, each with a number of its own");
    return tap_done();
}
