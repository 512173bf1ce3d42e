/*
 * A pseudo-terminal is opened, used and closed, while every allocation fails
 * once, and then every copy from and to user memory: each time with a
 * documented error, and the next attempt works.
 *
 * test: timeout=120
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"

#include <cairn/inject.h>

#ifndef SYS_inject
#    define SYS_inject 0x1001
#endif

#define TRIES 500 /* there are not that many points */

static long inject(unsigned nth, unsigned flags, unsigned copies)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(SYS_inject), "b"(nth), "c"(flags), "d"(copies)
                     : "memory");
    return result;
}

static int use(int master, const char *name)
{
    struct termios t;
    struct winsize w;
    char buf[20];
    int slave = open(name, O_RDWR | O_NOCTTY), error = 0;

    if (slave < 0)
        return errno;
    if (write(master, "line\n", 5) != 5 || read(slave, buf, 20) != 5 ||
        write(slave, "answer\n", 7) != 7 || read(master, buf, 20) < 1 ||
        tcgetattr(slave, &t) != 0 || tcsetattr(slave, TCSANOW, &t) != 0 ||
        ioctl(master, TIOCGWINSZ, &w) != 0 ||
        ioctl(master, TIOCSWINSZ, &w) != 0)
        error = errno;
    close(slave);
    return error;
}

/* Everything once: 0, or the errno of the first call that failed. */
static int whole_life(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    int number = 0, unlock = 0, error = 0;
    char name[40];

    if (master < 0)
        return errno;
    errno = 0;
    if (ioctl(master, TIOCGPTN, &number) != 0 ||
        ioctl(master, TIOCSPTLCK, &unlock) != 0)
        error = errno;
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    if (error == 0)
        error = use(master, name);
    close(master);
    return error;
}

/* How many points failed; -1 after an error that is not documented. */
static int fail_each(int copies)
{
    for (int nth = 1; nth < TRIES; nth++) {
        int error;

        errno = 0;
        inject(copies ? 0 : nth, 0, copies ? nth : 0);
        error = whole_life();
        inject(0, INJECT_OFF, 0);
        if (error == 0)
            return nth - 1;
        if (error != (copies ? EFAULT : ENOMEM)) {
            printf("# point %d: %s\n", nth, strerror(error));
            return -1;
        }
        if (whole_life() != 0)
            return -1;
    }
    return -1;
}

int main(void)
{
    if (!is_cairn())
        return puts("1..0 # SKIP only Cairn can make them fail"), 0;
    EQUAL(whole_life(), 0);
    CHECK(fail_each(0) >= 3);
    CHECK(fail_each(1) >= 8);
    EQUAL(whole_life(), 0);
    return tap_done();
}
