/*
 * The kernel's log by syslog(2).
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char text[20000];

static void test_reading(void)
{
    int size = klogctl(10, NULL, 0), n;

    CHECK(size >= 4096 && size < (int)sizeof(text));
    n = klogctl(3, text, sizeof(text) - 1);
    CHECK(n > 100 && n <= size);
    EQUAL(text[0], '<');
    CHECK(strstr(text, "Cairn") != NULL);
    EQUAL(text[n - 1], '\n');
}

/* Of a short buffer's length the last bytes come. */
static void test_the_end(void)
{
    static char tail[64];
    int n = klogctl(3, text, sizeof(text) - 1);

    EQUAL(klogctl(3, tail, sizeof(tail)), (int)sizeof(tail));
    CHECK(memcmp(tail, text + n - sizeof(tail), sizeof(tail)) == 0);
    EQUAL(klogctl(3, tail, 0), 0);
}

static void test_errors(void)
{
    FAILS(klogctl(3, NULL, 10), EINVAL);
    FAILS(klogctl(3, text, -1), EINVAL);
    FAILS(klogctl(3, (char *)8, 10), EFAULT);
    FAILS(klogctl(11, text, 10), EINVAL);
    FAILS(klogctl(-1, text, 10), EINVAL);
    FAILS(klogctl(8, NULL, 0), EINVAL);
    FAILS(klogctl(8, NULL, 9), EINVAL);
    EQUAL(klogctl(0, NULL, 0), 0);
    EQUAL(klogctl(1, NULL, 0), 0);
    EQUAL(klogctl(9, NULL, 0), 0);
}

static void test_other_users(void)
{
    int status;

    if (fork() == 0) {
        if (setuid(1000) != 0)
            _exit(2);
        _exit(klogctl(3, text, 100) != -1 || klogctl(10, NULL, 0) != -1);
    }
    wait(&status);
    EQUAL(status, 0);
}

static void test_clearing(void)
{
    int n = klogctl(4, text, sizeof(text));

    CHECK(n > 100);
    EQUAL(klogctl(3, text, sizeof(text)), 0);
    if (fork() == 0)
        abort(); /* which the log tells of */
    wait(NULL);
    n = klogctl(3, text, sizeof(text) - 1);
    CHECK(n > 10 && n < 2000);
    text[n > 0 ? n : 0] = '\0';
    CHECK(strstr(text, "SIGABRT") != NULL);
    EQUAL(klogctl(5, NULL, 0), 0);
    EQUAL(klogctl(3, text, sizeof(text)), 0);
}

int main(void)
{
    test_reading();
    test_the_end();
    test_errors();
    test_other_users();
    test_clearing();
    return tap_done();
}
