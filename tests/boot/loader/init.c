/*
 * The smallest first program: it says that it runs, and ends. With the word
 * "greedy" on the kernel's command line, it first takes all the memory that
 * there is, and writes on every page of it. No libc: an archive with it is
 * small, and boots in any memory that Cairn boots in.
 */
#include <stddef.h>
#include <stdint.h>

#define NR_EXIT  1
#define NR_WRITE 4
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

static int starts_greedy(const char *word)
{
    const char *wanted = "greedy";

    while (*wanted && *word == *wanted)
        word++, wanted++;
    return *wanted == '\0';
}

__attribute__((used)) static void init_main(uint32_t *stack)
{
    char **word = (char **)(stack + 1 + stack[0] + 1);

    for (; *word; word++)
        if (starts_greedy(*word))
            take_all();
    SAY("init has run\n");
    (void)syscall3(NR_EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
        "_start:\n\t"
        "xorl %ebp, %ebp\n\t"
        "pushl %esp\n\t"
        "call init_main\n");
