/*
 * Floating point state belongs to its process: eight of them fill the x87 and
 * SSE registers with patterns of their own and look again after each switch.
 * A new program starts with clean registers. The state of AVX is not switched,
 * so that a program must not be able to have any.
 *
 * test: linux timeout=120
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { PROCESSES = 8, SSE_REGISTERS = 8, X87_REGISTERS = 8 };

static int has_sse(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    return (edx >> 25 & 1) && (edx >> 24 & 1);
}

struct image {
    uint8_t bytes[512];
} __attribute__((aligned(16)));

static void fxsave(struct image *image)
{
    __asm__ volatile("fxsave %0" : "=m"(*image));
}

static void fxrstor(const struct image *image)
{
    __asm__ volatile("fxrstor %0" : : "m"(*image));
}

/* All registers full of a pattern that only `who` has. */
static void make_pattern(struct image *image, int who)
{
    fxsave(image);
    image->bytes[4] = 0xFF; /* no x87 register is empty */
    for (int r = 0; r < X87_REGISTERS; r++)
        for (int i = 0; i < 10; i++)
            image->bytes[32 + r * 16 + i] = (uint8_t)(who * 31 + r * 7 + i);
    for (int r = 0; r < SSE_REGISTERS; r++)
        for (int i = 0; i < 16; i++)
            image->bytes[160 + r * 16 + i] = (uint8_t)(who * 17 + r * 5 + i);
}

static int same(const struct image *a, const struct image *b)
{
    for (int r = 0; r < X87_REGISTERS; r++)
        if (memcmp(a->bytes + 32 + r * 16, b->bytes + 32 + r * 16, 10) != 0)
            return 0;
    return memcmp(a->bytes + 160, b->bytes + 160, SSE_REGISTERS * 16) == 0;
}

/* Switch `rounds` times with the registers full; 1 if they never change. */
static int keep_pattern(int who, int rounds)
{
    struct image mine, now;

    make_pattern(&mine, who);
    fxrstor(&mine);
    for (int i = 0; i < rounds; i++) {
        long number = 158; /* sched_yield, without the C library between */

        __asm__ volatile("int $0x80" : "+a"(number) : : "memory");
        fxsave(&now);
        if (!same(&mine, &now))
            return 0;
    }
    __asm__ volatile("fninit");
    return 1;
}

static void test_switches(int rounds)
{
    pid_t pids[PROCESSES];
    int status;

    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(keep_pattern(i + 1, rounds) ? 0 : 1);
    }
    for (int i = 0; i < PROCESSES; i++) {
        EQUAL(waitpid(pids[i], &status, 0), pids[i]);
        EQUAL(status, 0);
    }
}

/* The new program looks at what it starts with: see main. */
static void test_exec(void)
{
    char *argv[] = {"fpu", "fresh", NULL}, *envp[] = {NULL};
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct image dirt;

        make_pattern(&dirt, 99);
        fxrstor(&dirt);
        execve("/proc/self/exe", argv, envp);
        _exit(100);
    }
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
}

/* The program itself uses few registers: none holds a byte of the pattern. */
static int is_fresh(void)
{
    struct image now, dirt;

    fxsave(&now);
    make_pattern(&dirt, 99);
    for (int r = 3; r < SSE_REGISTERS; r++)
        if (memcmp(now.bytes + 160 + r * 16, dirt.bytes + 160 + r * 16, 16) ==
            0)
            return 0;
    return now.bytes[0] == 0x7F && now.bytes[1] == 0x03 && now.bytes[4] == 0;
}

static void use_avx(void)
{
    __asm__ volatile(".byte 0xC5, 0xFC, 0x57, 0xC0"); /* vxorps ymm0 */
}

static void use_xgetbv(void)
{
    uint32_t eax, edx;

    __asm__ volatile(".byte 0x0F, 0x01, 0xD0" /* xgetbv */
                     : "=a"(eax), "=d"(edx)
                     : "c"(0));
}

/* How a child ends that does so. */
static int ends_by(void (*use)(void))
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        use();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* CPUID says that the system has not enabled it, and it is not enabled. */
static void test_no_avx(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    EQUAL(ecx >> 27 & 1, 0); /* OSXSAVE */
    EQUAL(ends_by(use_avx), SIGILL);
    EQUAL(ends_by(use_xgetbv), SIGILL);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return is_fresh() ? 0 : 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!has_sse()) {
        printf("1..0 # SKIP the processor has no SSE\n");
        return 0;
    }
    test_switches(getenv("TEST_LONG") ? 12500 : 2000);
    test_exec();
    if (is_cairn())
        test_no_avx();
    return tap_done();
}
