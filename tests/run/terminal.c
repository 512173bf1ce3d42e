/*
 * The other end of test_terminal.py: does on its terminal what each line that
 * is typed asks for, and shows what it has read.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;

static void on_signal(int signo)
{
    char line[40];

    write(1, line, snprintf(line, sizeof(line), "{signal %d}\n", signo));
}

static void show_state(void)
{
    struct winsize size = {0};
    struct stat st;

    ioctl(0, TIOCGWINSZ, &size);
    fstat(0, &st);
    printf("tty %d%d%d char %d size %dx%d", isatty(0), isatty(1), isatty(2),
           S_ISCHR(st.st_mode), size.ws_row, size.ws_col);
    printf(" group %d session %d", tcgetpgrp(0) == getpgrp(),
           tcgetsid(0) == getsid(0));
    printf(" /dev/tty %d\n", open("/dev/tty", O_RDWR) >= 0);
}

static void set_raw(int min, int time)
{
    struct termios t;

    tcgetattr(0, &saved);
    t = saved;
    t.c_lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
    t.c_iflag &= ~(ICRNL | IXON | ISTRIP);
    t.c_oflag &= ~OPOST;
    t.c_cc[VMIN] = min;
    t.c_cc[VTIME] = time;
    tcsetattr(0, TCSADRAIN, &t);
}

/* Reads `want` bytes as they are, and shows a sum over them. */
static void sink(long want)
{
    static unsigned char buf[4096];
    unsigned sum = 0;
    long got = 0;

    set_raw(1, 0);
    write(1, "GO", 2);
    while (got < want) {
        ssize_t n = read(0, buf, sizeof(buf));

        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 31 + buf[i];
        got += n;
    }
    tcsetattr(0, TCSADRAIN, &saved);
    printf("sum %u of %ld\n", sum, got);
}

/* Writes `want` bytes of a known sequence as they are. */
static void source(long want)
{
    unsigned char buf[1000];
    unsigned x = 1;

    set_raw(1, 0);
    while (want > 0) {
        long n = want < 1000 ? want : 1000;

        for (long i = 0; i < n; i++) {
            x = x * 1103515245 + 12345;
            buf[i] = x >> 16;
        }
        for (long done = 0; done < n;)
            done += write(1, buf + done, n - done);
        want -= n;
    }
    tcsetattr(0, TCSADRAIN, &saved);
}

static void timed(int min, int time)
{
    char buf[10];
    int n;

    set_raw(min, time);
    n = (int)read(0, buf, sizeof(buf));
    tcsetattr(0, TCSANOW, &saved);
    printf("timed %d\n", n);
}

static void queue(void)
{
    int n = -1, flags = fcntl(0, F_GETFL);
    char c;

    fcntl(0, F_SETFL, flags | O_NONBLOCK);
    printf("read %d %s", (int)read(0, &c, 1), strerror(errno));
    fcntl(0, F_SETFL, flags);
    ioctl(0, FIONREAD, &n);
    printf(" queued %d\n", n);
}

/* A child in the background reads: it must stop, not read. */
static void background(void)
{
    int status = 0, pid = fork();
    char c;

    if (pid == 0) {
        setpgid(0, 0);
        _exit(read(0, &c, 1) == 1 ? 1 : 2);
    }
    setpgid(pid, pid);
    waitpid(pid, &status, WUNTRACED);
    printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
}

/* A child in the foreground: ^C and ^Z are for it alone. */
static void foreground(void)
{
    int status = 0, pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_IGN);
        signal(SIGINT, SIG_DFL);
        tcsetpgrp(0, getpid());
        write(1, "FG", 2);
        for (;;)
            pause();
    }
    signal(SIGTTOU, SIG_IGN);
    waitpid(pid, &status, WUNTRACED);
    printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    tcsetpgrp(0, getpgrp());
    printf("ended by %d\n", WTERMSIG(status));
}

static void show(const char *line, ssize_t n)
{
    printf("%d [", (int)n);
    for (ssize_t i = 0; i < n; i++) {
        unsigned char c = line[i];

        printf(c < ' ' || c > '~' ? "<%02x>" : "%c", c);
    }
    printf("]\n");
}

static int act(const char *line, ssize_t n)
{
    if (n < 0)
        printf("error %s\n", strerror(errno));
    else if (n == 0)
        printf("end\n");
    else if (!strncmp(line, "quit", 4))
        return 0;
    else if (!strncmp(line, "state", 5))
        show_state();
    else if (!strncmp(line, "sink ", 5))
        sink(atol(line + 5));
    else if (!strncmp(line, "source ", 7))
        source(atol(line + 7));
    else if (!strncmp(line, "timed ", 6))
        timed(line[6] - '0', atoi(line + 8));
    else if (!strncmp(line, "queue", 5))
        queue();
    else if (!strncmp(line, "background", 10))
        background();
    else if (!strncmp(line, "foreground", 10))
        foreground();
    else
        show(line, n);
    return 1;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    char line[5000];
    ssize_t n;

    sigaction(SIGINT, &action, NULL);
    do {
        printf("ready> ");
        fflush(stdout);
        memset(line, 0, sizeof(line));
        n = read(0, line, sizeof(line) - 1);
    } while (act(line, n));
    return 3;
}
