/*
 * Nothing that can be written can be executed, and the other way round: jumps
 * into heap, stack, data, bss and mapped memory fault, text cannot be written,
 * and a page that was both in turn loses one right when it gets the other.
 *
 * test: linux
 * test: run="--cpu pentium3" name=without-nx
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

#define RET 0xC3

static sigjmp_buf back;
static volatile sig_atomic_t caught;
static unsigned char data_page[64] = {RET};
static unsigned char bss_page[64];
static const unsigned char constant_page[64] = {RET};

static void on_signal(int signo)
{
    caught = signo;
    siglongjmp(back, 1);
}

/* Whether a call of `code` faults. */
static int jump_faults(const void *code)
{
    void (*volatile function)(void) = (void (*)(void))(uintptr_t)code;

    caught = 0;
    if (sigsetjmp(back, 1) == 0)
        function();
    return caught == SIGSEGV;
}

static int write_faults(volatile unsigned char *p)
{
    caught = 0;
    if (sigsetjmp(back, 1) == 0)
        *p = *p;
    return caught == SIGSEGV;
}

/* Without NX the processor cannot refuse: then only the map says so. */
static int has_nx(void)
{
    char line[256], *flags = NULL;
    FILE *f = fopen("/proc/cpuinfo", "r");
    int found = 0;

    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "flags", 5) == 0) {
            flags = line;
            found |= strstr(flags, " nx") != NULL;
        }
    if (f)
        fclose(f);
    return found;
}

static void test_jumps(void)
{
    unsigned char stack[64] = {RET};
    unsigned char *heap = malloc(64), *map;
    volatile uintptr_t gone = (uintptr_t)heap;

    heap[0] = bss_page[0] = RET;
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
               -1, 0);
    map[0] = RET;
    CHECK(jump_faults(heap));
    CHECK(jump_faults(stack));
    CHECK(jump_faults(data_page));
    CHECK(jump_faults(bss_page));
    CHECK(jump_faults(constant_page));
    CHECK(jump_faults(map));
    EQUAL(mprotect(map, 4096, PROT_READ | PROT_EXEC), 0);
    CHECK(!jump_faults(map));
    CHECK(write_faults(map));
    EQUAL(mprotect(map, 4096, PROT_READ | PROT_WRITE), 0);
    CHECK(jump_faults(map));
    CHECK(!write_faults(map));
    free(heap);
    CHECK(jump_faults((void *)gone));
    EQUAL(munmap(map, 4096), 0);
    CHECK(jump_faults(map));
}

static void test_writes(void)
{
    CHECK(write_faults((unsigned char *)(uintptr_t)test_jumps));
    CHECK(write_faults((unsigned char *)(uintptr_t)constant_page));
    CHECK(write_faults((unsigned char *)0xC0100000));
    CHECK(jump_faults((void *)0xC0101000));
}

/* Both at once is granted only when it is asked for in so many words. */
static void test_both(void)
{
    unsigned char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(map != MAP_FAILED);
    map[0] = RET;
    CHECK(!jump_faults(map));
    EQUAL(munmap(map, 4096), 0);
}

static void test_map(void)
{
    char line[256];
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned both = 0;

    CHECK(f != NULL);
    while (f && fgets(line, sizeof(line), f))
        both += strstr(line, "rwx") != NULL;
    if (f)
        fclose(f);
    EQUAL(both, 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGSEGV, on_signal);
    signal(SIGILL, on_signal);
    test_map();
    test_writes();
    if (has_nx())
        test_jumps();
    else
        printf("ok %d - jumps # SKIP the processor has no NX\n", ++tap_count);
    test_both();
    return tap_done();
}
