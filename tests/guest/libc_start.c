/*
 * What happens before and after main: arguments, environment, constructors and
 * destructors in order, thread-local storage, the stack's alignment, the
 * auxiliary vector, exit handlers, and that registers are clean.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tap.h"

static int order[8], steps;
static int constructor_argc = -1;
static char **constructor_argv, **constructor_envp;

static void __attribute__((constructor(200))) second(void)
{
    order[steps++] = 2;
}

static void __attribute__((constructor(150))) first(void)
{
    order[steps++] = 1;
}

static void __attribute__((constructor))
third(int argc, char **argv, char **envp)
{
    order[steps++] = 3;
    constructor_argc = argc;
    constructor_argv = argv;
    constructor_envp = envp;
}

static __thread int zero_before_big;
static __thread int with_value = 42;
static __thread char text[] = "thread-local";
static __thread struct {
    char bytes[200];
} __attribute__((aligned(64))) aligned_block;
__thread int visible_outside = -7;

static void test_tls(void)
{
    EQUAL(zero_before_big, 0);
    EQUAL(with_value, 42);
    CHECK(strcmp(text, "thread-local") == 0);
    EQUAL(visible_outside, -7);
    EQUAL((uintptr_t)&aligned_block % 64, 0);
    for (size_t i = 0; i < sizeof(aligned_block.bytes); i++)
        zero_before_big |= aligned_block.bytes[i];
    EQUAL(zero_before_big, 0);
    with_value++;
    EQUAL(with_value, 43);
}

static void test_arguments(int argc, char **argv)
{
    CHECK(argc >= 1);
    CHECK(argv[argc] == NULL);
    EQUAL(constructor_argc, argc);
    CHECK(constructor_argv == argv);
    CHECK(constructor_envp == environ);
    CHECK(strstr(program_invocation_name, program_invocation_short_name) !=
          NULL);
    CHECK(strchr(program_invocation_short_name, '/') == NULL);
}

static void test_environment(void)
{
    char entry[] = "LIBC_START=put";

    EQUAL(setenv("LIBC_START", "one", 1), 0);
    CHECK(strcmp(getenv("LIBC_START"), "one") == 0);
    EQUAL(setenv("LIBC_START", "two", 0), 0);
    CHECK(strcmp(getenv("LIBC_START"), "one") == 0);
    EQUAL(setenv("LIBC_START", "a much longer value than before", 1), 0);
    CHECK(strlen(getenv("LIBC_START")) == 31);
    EQUAL(putenv(entry), 0);
    CHECK(strcmp(getenv("LIBC_START"), "put") == 0);
    EQUAL(putenv((char *)"LIBC_START"), 0);
    CHECK(getenv("LIBC_START") == NULL);
    EQUAL(setenv("LIBC_START", "again", 0), 0);
    EQUAL(unsetenv("LIBC_START"), 0);
    CHECK(getenv("LIBC_START") == NULL);
    FAILS(setenv("A=B", "x", 1), EINVAL);
    FAILS(setenv("", "x", 1), EINVAL);
    CHECK(getenv("") == NULL);
}

static void test_auxv(void)
{
    EQUAL(getauxval(AT_PAGESZ), 4096);
    CHECK(getauxval(AT_PHDR) != 0);
    CHECK(getauxval(AT_RANDOM) != 0);
    CHECK(getauxval(AT_ENTRY) != 0);
    EQUAL(getauxval(AT_UID), getuid());
    errno = 0;
    EQUAL(getauxval(9999), 0);
    EQUAL(errno, ENOENT);
}

/* GCC counts on 16 bytes at every call. */
static uintptr_t __attribute__((noinline)) frame(void)
{
    return (uintptr_t)__builtin_frame_address(0);
}

static void test_stack(void)
{
    char buffer[16] __attribute__((aligned(16)));
    volatile uintptr_t where = (uintptr_t)buffer;

    EQUAL(where % 16, 0);
    CHECK(frame() > 0x10000);
}

static void test_constructors(void)
{
    EQUAL(steps, 3);
    CHECK(order[0] == 1 && order[1] == 2 && order[2] == 3);
}

static int handlers;

static void count_handler(void)
{
    handlers++;
}

/* Runs after all handlers: they were registered later. */
static void __attribute__((destructor)) last(void)
{
    if (handlers != 40) {
        printf("# %d exit handlers ran, not 40\n", handlers);
        fflush(stdout);
        _exit(1);
    }
}

int main(int argc, char **argv)
{
    test_constructors();
    test_arguments(argc, argv);
    test_tls();
    test_environment();
    test_auxv();
    test_stack();
    for (int i = 0; i < 40; i++)
        CHECK(atexit(count_handler) == 0);
    return tap_done();
}
