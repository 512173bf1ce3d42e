/*
 * The first program of a counting machine: runs /bin/counted with the words of
 * /counted, one a line, its name first, and prints how many instructions that
 * took, with the kernel's.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t rdtsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

int main(void)
{
    static char words[4096];
    char *argv[16] = {NULL};
    int fd = open("/counted", O_RDONLY), status = 0, n = 0;
    uint64_t start;

    if (fd < 0 || read(fd, words, sizeof(words) - 1) <= 0)
        return 1;
    for (char *w = strtok(words, "\n"); w && n < 15; w = strtok(NULL, "\n"))
        argv[n++] = w;
    start = rdtsc();
    if (fork() == 0) {
        int null = open("/dev/null", O_WRONLY);

        dup2(null, 1);
        execv("/bin/counted", argv);
        _exit(127);
    }
    wait(&status);
    printf("counted %llu status %d\n", (unsigned long long)(rdtsc() - start),
           status);
    return 0;
}
