/*
 * ptyshell - a shell on a pseudo terminal, for tests/boot/test_shell.py
 *
 * The terminal is made raw, and its bytes go to and fro: what the shell sees is
 * a terminal of its own. A change of the window's size is passed on.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int master;

static void pass_size_on(int signo)
{
    struct winsize size;

    (void)signo;
    if (ioctl(0, TIOCGWINSZ, &size) == 0)
        ioctl(master, TIOCSWINSZ, &size);
}

/* Moves what is there; 0 at the end. */
static int move(int from, int to)
{
    char buf[512];
    ssize_t n = read(from, buf, sizeof(buf));

    for (ssize_t done = 0; done < n;) {
        ssize_t m = write(to, buf + done, (size_t)(n - done));

        if (m <= 0)
            return 0;
        done += m;
    }
    return n > 0;
}

static void relay(void)
{
    struct pollfd fds[2] = {{.fd = 0, .events = POLLIN},
                            {.fd = master, .events = POLLIN}};

    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents != 0 && !move(master, 1))
            return;
        if (fds[0].revents != 0 && !move(0, master))
            return;
    }
}

int main(void)
{
    struct termios saved, raw;
    struct winsize size;
    int status;

    if (tcgetattr(0, &saved) != 0 || ioctl(0, TIOCGWINSZ, &size) != 0)
        return 1;
    if (forkpty(&master, NULL, &saved, &size) == 0) {
        execl("/bin/sh", "sh", (char *)NULL);
        _exit(127);
    }
    signal(SIGWINCH, pass_size_on);
    raw = saved;
    cfmakeraw(&raw);
    tcsetattr(0, TCSADRAIN, &raw);
    relay();
    tcsetattr(0, TCSADRAIN, &saved);
    close(master);
    wait(&status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
