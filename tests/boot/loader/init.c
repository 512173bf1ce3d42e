/*
 * The smallest first program: it says that it runs, and ends. Before that it
 * does what the words of the kernel's command line ask for:
 *
 *      greedy          take all the memory that there is, and write on it
 *      show=PATH       the first bytes of a file, or "none" and the error
 *
 * No libc: an archive with it is small, and boots in any memory that Cairn
 * boots in.
 */
#include <stddef.h>
#include <stdint.h>

#define NR_EXIT  1
#define NR_READ  3
#define NR_WRITE 4
#define NR_OPEN  5
#define NR_BRK   45
#define PAGE     4096u

static uint32_t syscall3(uint32_t nr, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(nr), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

static void say(const char *text, uint32_t length)
{
    (void)syscall3(NR_WRITE, 1, (uint32_t)text, length);
}

#define SAY(text) say(text, sizeof(text) - 1)

/* Moves the break up while it will go, in halving steps. */
static void take_all(void)
{
    uint32_t top = syscall3(NR_BRK, 0, 0, 0);

    for (uint32_t step = 1u << 26; step >= PAGE; step /= 2) {
        while (syscall3(NR_BRK, top + step, 0, 0) == top + step) {
            for (uint32_t at = top; at < top + step; at += 4)
                *(volatile uint32_t *)at = at;
            top += step;
        }
    }
    SAY("init took all\n");
}

/* What follows `prefix` in `word`, or NULL. */
static const char *after(const char *word, const char *prefix)
{
    while (*prefix && *word == *prefix)
        word++, prefix++;
    return *prefix ? NULL : word;
}

static void show(const char *path)
{
    char text[64];
    int fd = (int)syscall3(NR_OPEN, (uint32_t)path, 0, 0);
    int n = fd < 0 ? fd
                   : (int)syscall3(NR_READ, (uint32_t)fd, (uint32_t)text,
                                   sizeof(text));

    SAY("[");
    if (n < 0) {
        text[0] = (char)('0' - n / 10);
        text[1] = (char)('0' - n % 10);
        SAY("none ");
        n = 2;
    }
    say(text, (uint32_t)n);
    SAY("]\n");
}

__attribute__((used)) static void init_main(uint32_t *stack)
{
    char **word = (char **)(stack + 1 + stack[0] + 1);

    for (; *word; word++) {
        if (after(*word, "greedy"))
            take_all();
        if (after(*word, "show="))
            show(after(*word, "show="));
    }
    SAY("init has run\n");
    (void)syscall3(NR_EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
        "_start:\n\t"
        "xorl %ebp, %ebp\n\t"
        "pushl %esp\n\t"
        "call init_main\n");
