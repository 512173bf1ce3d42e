/*
 * Misuse ends at once: one line on stderr, then SIGABRT. Each case runs in a
 * child whose stderr is read; the second half with MALLOC_CONF=check, which
 * the program gives itself by exec.
 */
#include <malloc.h>
#include <stdint.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char *block[64];

/* Not malloc and free for the compiler, which would warn of what we do. */
static void *(*volatile get)(size_t) = malloc;
static void (*volatile give)(void *) = free;

static void twice(void)
{
    give(block[9]);
    give(block[9]);
}

static void twice_with_one_between(void)
{
    give(block[9]);
    give(block[20]);
    give(block[9]);
}

static void twice_with_many_between(void)
{
    for (int k = 0; k < 64; k += 2)
        give(block[k]);
    give(block[30]);
}

static void twice_and_written(void)
{
    give(block[9]);
    memset(block[9], 0, 40);
    give(block[9]);
}

static void unaligned(void)
{
    give(block[9] + 8);
}

static void inside(void)
{
    give(block[9] + 16);
}

static void outside(void)
{
    static char bytes[64];

    give(bytes + 16);
}

static void on_the_stack(void)
{
    char bytes[64];

    give((char *)(((uintptr_t)bytes + 15) & ~(uintptr_t)15));
}

static void links(void)
{
    give(block[9]);
    memset(block[9], 0x41, 16);
    get(40);
    get(40);
}

static void large_twice(void)
{
    char *p = get(100000);

    give(p);
    give(p);
}

static void large_inside(void)
{
    char *p = get(100000);

    give(p + 512);
}

static void mapped_twice(void)
{
    char *p = get(3 << 20);

    give(p);
    give(p);
}

static void resize_freed(void)
{
    give(block[9]);
    if (realloc(block[9], 400) == NULL)
        exit(1);
}

static void size_of_freed(void)
{
    give(block[9]);
    exit((int)malloc_usable_size(block[9]));
}

static void overflow_by_one(void)
{
    block[9][40] = 1;
    give(block[9]);
}

static void overflow(void)
{
    memset(block[9], 0x41, 56);
    give(block[9]);
}

static void written_after_free(void)
{
    give(block[9]);
    block[9][20] = 1;
    for (int k = 0; k < 600; k++)
        give(get(40));
}

static const struct {
    const char *name, *message;
    void (*run)(void);
    int needs_check;
} cases[] = {
    {"free twice", "double free", twice, 0},
    {"free twice, one between", "double free", twice_with_one_between, 0},
    {"free twice, many between", "double free", twice_with_many_between, 0},
    {"free twice, written between", "double free", twice_and_written, 0},
    {"free of an unaligned pointer", "not aligned", unaligned, 0},
    {"free inside a block", "invalid pointer", inside, 0},
    {"free of a static array", "not from malloc", outside, 0},
    {"free of the stack", "not from malloc", on_the_stack, 0},
    {"free of a large block twice", ": 0x", large_twice, 0},
    {"free inside a large block", ": 0x", large_inside, 0},
    {"free of a mapped block twice", ": 0x", mapped_twice, 0},
    {"realloc of a freed block", "double free", resize_freed, 0},
    {"size of a freed block", "double free", size_of_freed, 0},
    {"a written link", ": 0x", links, 0},
    {"one byte too many", "behind the end", overflow_by_one, 1},
    {"sixteen bytes too many", "behind the end", overflow, 1},
    {"written after free", "after free", written_after_free, 1},
};

static void child(int k, int out)
{
    dup2(out, 2);
    for (int i = 0; i < 64; i++) {
        block[i] = get(40);
        memset(block[i], i, 40);
    }
    cases[k].run();
    _exit(0);
}

static void test_case(int k)
{
    char text[300] = "", name[100];
    int ends[2], status = 0;
    ssize_t n;
    pid_t pid;

    if (pipe(ends) != 0)
        return;
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        child(k, ends[1]);
    close(ends[1]);
    n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    waitpid(pid, &status, 0);
    snprintf(name, sizeof name, "%s%s", cases[k].name,
             getenv("MALLOC_CONF") != NULL ? ", checked" : "");
    tap_line(n > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
                 strstr(text, "malloc: ") == text &&
                 strstr(text, cases[k].message) != NULL &&
                 strchr(text, '\n') == text + n - 1,
             __FILE__, __LINE__, name);
    if (n <= 0 || !WIFSIGNALED(status))
        printf("# status %#x, %s\n", status, text);
}

int main(int argc, char **argv)
{
    int is_checking = getenv("MALLOC_CONF") != NULL;

    (void)argc;
    tap_count = is_checking ? 14 : 0;
    for (unsigned k = 0; k < sizeof cases / sizeof *cases; k++)
        if (is_checking || !cases[k].needs_check)
            test_case((int)k);
    if (is_checking || tap_bad != 0)
        return tap_done();
    fflush(stdout);
    setenv("MALLOC_CONF", "check", 1);
    execv(argv[0], argv);
    return 1;
}
