/*
 * A strictly conforming program may use any name that ISO C does not reserve
 * for its own objects: the library must not call or change them.
 *
 * test: linux
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

/* clang-format off */
#define NAMES(X) \
    X(mmap) X(sbrk) X(sigaction) X(access) X(fork) X(fileno) X(strcasecmp) \
    X(category) X(read) X(write) X(open) X(close) X(environ) X(tzname) \
    X(timezone) X(daylight) X(optind) X(lseek) X(fstat) X(isatty) \
    X(getpid) X(kill) X(brk) X(munmap) X(mremap) X(flockfile) \
    X(funlockfile) X(stpcpy) X(sysconf) X(getcwd) X(index) X(ffs) X(tzset) \
    X(localtime_r) X(gmtime_r) X(strnlen) X(memrchr) X(vfork) X(waitpid) \
    X(execve) X(asprintf) X(unlink) X(link) X(stat) X(sigprocmask) \
    X(getrandom) X(strtok_r) X(nanosleep) X(fcntl) X(ioctl) X(signgam) \
    X(y1) X(gamma) X(exp10) X(sigemptyset) X(sigaddset) X(getentropy) \
    X(gettimeofday) X(sched_yield) X(fseeko) X(ftello) X(fdopen) X(putenv) \
    X(setenv) X(unsetenv) X(mkstemp) X(strdup) X(strchrnul) X(memmem) \
    X(writev) X(readv) X(poll) X(dup2)
/* clang-format on */

#define DEFINE(name) int own_##name __asm__(#name) = 1234567;
#define COUNT(name)  +(own_##name != 1234567)

NAMES(DEFINE)

int main(void)
{
    char text[100];
    time_t day = 86400;
    void *block = malloc(100000);
    FILE *file = tmpfile();

    block = realloc(block, 3000000);
    free(block);
    setlocale(LC_ALL, "");
    fprintf(file, "%d %.3f\n", 1, 1.5);
    rewind(file);
    printf("%s 1 - a file\n",
           fgets(text, 100, file) && !strcmp(text, "1 1.500\n") ? "ok"
                                                                : "not ok");
    fclose(file);
    ctime(&day);
    strftime(text, sizeof(text), "%c %Z", localtime(&day));
    getenv("PATH");
    system(NULL);
    clock();
    time(NULL);
    rand();
    tmpnam(text);
    remove(text);
    strtod("1e300", NULL);
    qsort(text, strlen(text), 1, (int (*)(const void *, const void *))strcmp);
    printf("%s 2 - nothing of the program's was changed\n",
           0 NAMES(COUNT) == 0 ? "ok" : "not ok");
    printf("1..2\n");
    return 0;
}
