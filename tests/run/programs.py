"""C programs that the tests run, in Cairn and on Linux."""

SHOW = r"""
#include <stdio.h>
extern char **environ;
static void show(const char *what, const char *s)
{
    printf("%s ", what);
    for (; *s; s++)
        printf("%02x", (unsigned char)*s);
    putchar('\n');
}
int main(int argc, char **argv)
{
    printf("%d arguments\n", argc);
    for (int i = 0; i < argc; i++)
        show("arg", argv[i]);
    for (char **e = environ; *e; e++)
        show("env", *e);
    return 0;
}
"""

END = r"""
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    if (!strcmp(argv[1], "exit"))
        exit(atoi(argv[2]));
    if (!strcmp(argv[1], "abort"))
        abort();
    if (!strcmp(argv[1], "segv"))
        *(volatile int *)(argc * 8) = 1;
    if (!strcmp(argv[1], "kill"))
        kill(getpid(), atoi(argv[2]));
    if (!strcmp(argv[1], "divide")) {
        volatile int many = 1000, zero = 0;
        return many / zero;
    }
    for (;;)
        pause();
}
"""

CAT = r"""
#include <unistd.h>
static char buf[65536];
int main(void)
{
    ssize_t n, m;
    while ((n = read(0, buf, sizeof(buf))) > 0)
        for (char *p = buf; n > 0; p += m, n -= m)
            if ((m = write(1, p, n)) < 0)
                return 2;
    return n < 0 ? 3 : 0;
}
"""

STDIO_CAT = r"""
#include <stdio.h>
int main(void)
{
    int c;
    while ((c = getchar()) != EOF)
        if (putchar(c) == EOF)
            return 2;
    return ferror(stdin) || fflush(stdout) ? 3 : 0;
}
"""

HEAD = r"""
#include <stdio.h>
int main(void)
{
    char line[256];
    for (int i = 0; i < 3 && fgets(line, sizeof(line), stdin); i++)
        fputs(line, stdout);
    return 0;
}
"""

READ_SOME = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    char buf[65536];
    ssize_t n = read(0, buf, atoi(argv[1]));
    return n < 0 || write(1, buf, n) != n;
}
"""

YES = r"""
#include <stdio.h>
int main(void)
{
    while (puts("y") != EOF)
        ;
    return 5;
}
"""

IGNORE_PIPE = r"""
#include <errno.h>
#include <signal.h>
#include <unistd.h>
int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    while (write(1, "line\n", 5) > 0)
        ;
    return errno == EPIPE ? 42 : 43;
}
"""

ORDER = r"""
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    char line[40];
    for (int i = 0; i < 3000; i++)
        write(1 + i % 2, line, snprintf(line, sizeof(line), "line %d\n", i));
    return 0;
}
"""

KINDS = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    char c;
    for (int fd = 0; fd < 3; fd++) {
        struct stat st;
        printf("%d: stat %d fifo %d tty %d", fd, fstat(fd, &st),
               S_ISFIFO(st.st_mode), isatty(fd));
        printf(" seek %d", (int)lseek(fd, 0, SEEK_CUR));
        printf(" %s\n", strerror(errno));
    }
    printf("write stdin: %d", (int)write(0, "x", 1));
    printf(" %s\n", strerror(errno));
    printf("read stdout: %d", (int)read(1, &c, 1));
    printf(" %s\n", strerror(errno));
    return 0;
}
"""

STDIN_ERROR = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char c;
    ssize_t n = read(0, &c, 1);
    printf("%d %s\n", (int)n, n < 0 ? strerror(errno) : "");
    return 0;
}
"""

SHOW_FILE = r"""
#include <stdio.h>
#include <string.h>
#include <errno.h>
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        int c;
        if (!f) {
            printf("%s: %s\n", argv[i], strerror(errno));
            continue;
        }
        while ((c = getc(f)) != EOF)
            putchar(c);
        fclose(f);
    }
    return 0;
}
"""

LIMITS = r"""
#include <stdio.h>
#include <sys/resource.h>
int main(void)
{
    struct rlimit r;
    getrlimit(RLIMIT_DATA, &r);
    printf("data %ld\n", (long)r.rlim_cur);
    getrlimit(RLIMIT_AS, &r);
    printf("as %ld\n", (long)r.rlim_cur);
    getrlimit(RLIMIT_STACK, &r);
    printf("stack %ld\n", (long)r.rlim_cur);
    return 0;
}
"""

PLACES = r"""
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    int local;
    printf("%p %p\n", sbrk(0), (void *)&local);
    return 0;
}
"""

TERMINATE = r"""
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static void handler(int signo)
{
    (void)signo;
    write(1, "cleaned up\n", 11);
    _exit(9);
}
int main(void)
{
    signal(SIGTERM, handler);
    write(1, "ready\n", 6);
    for (;;)
        pause();
}
"""

HELLO = r"""
#include <stdio.h>
int main(void)
{
    puts("hello, world");
    return 0;
}
"""

WRITE_ERRORS = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    int n = write(1, "hello", 5);
    fprintf(stderr, "%d %s\n", n, strerror(errno));
    puts("hello");
    n = fflush(stdout);
    fprintf(stderr, "%d %s\n", n, strerror(errno));
    return n != 0;
}
"""

POLL_STDIN = r"""
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>
static void do_poll(int ms)
{
    struct pollfd p = {0, POLLIN, 0};
    int n = poll(&p, 1, ms);
    printf("poll %d %x\n", n, p.revents);
}
static void do_read(int nbytes)
{
    char buf[100];
    int n = read(0, buf, nbytes);
    printf("read %d%s\n", n, n < 0 && errno == EAGAIN ? " again" : "");
}
int main(void)
{
    struct timeval now = {0, 0};
    fd_set set;
    setvbuf(stdout, NULL, _IOLBF, 0);
    do_poll(0), do_poll(50), do_poll(2000);
    do_read(3), do_poll(0);
    fcntl(0, F_SETFL, O_NONBLOCK);
    do_read(3), do_read(100), do_poll(0), do_read(10);
    do_poll(2000), do_read(10), do_poll(2000), do_read(5), do_read(5);
    do_poll(0);
    FD_ZERO(&set);
    FD_SET(0, &set);
    printf("select %d\n", select(1, &set, NULL, NULL, &now));
    return 0;
}
"""

WRITERS = r"""
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static int writer(int number)
{
    unsigned x = number;
    char buf[5000];
    memset(buf, 'a' + number, sizeof(buf));
    for (int i = 0; i < 300; i++) {
        x = x * 1103515245 + 12345;
        int n = 1 + (x >> 16) % 4096;
        buf[n - 1] = '\n';
        if (write(1, buf, n) != n)
            return 1;
        buf[n - 1] = 'a' + number;
    }
    return 0;
}
int main(void)
{
    int status, bad = 0;
    for (int i = 0; i < 8; i++)
        if (fork() == 0)
            _exit(writer(i));
    while (wait(&status) > 0)
        bad += status != 0;
    return bad;
}
"""
