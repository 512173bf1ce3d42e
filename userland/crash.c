/*
 * crash - die in a way of one's choice
 *
 *     crash          list the ways
 *     crash WAY      die that way
 *
 * Each way is something that a program must not do, and what the system must
 * stop it from doing. The kernel's log then says what happened and where. A
 * program that gets away with it says so, and exits with 1.
 */
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KERNEL_ADDRESS 0xC0100000u
#define PAGE           4096

static const char constant[16] = "constant";
static unsigned char code[16] = {0xC3}; /* ret */
static volatile int sink;

/* An address that the compiler knows nothing about. */
static volatile char *address_of(uintptr_t address)
{
    __asm__("" : "+r"(address));
    return (volatile char *)address;
}

static void call(uintptr_t address)
{
    void (*function)(void);

    __asm__("" : "+r"(address));
    memcpy(&function, &address, sizeof(function));
    function();
}

/* ---- addresses ---- */

static void null_read(void)
{
    sink = *address_of(0);
}

static void null_write(void)
{
    *address_of(0) = 1;
}

static void null_call(void)
{
    call(0);
}

static void write_text(void)
{
    *address_of((uintptr_t)write_text) = 0;
}

static void write_constant(void)
{
    *address_of((uintptr_t)constant) = 0;
}

static void past_break(void)
{
    *(address_of((uintptr_t)sbrk(0)) + PAGE) = 1;
}

static void unmapped(void)
{
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(page, PAGE);
    sink = *address_of((uintptr_t)page);
}

static void kernel_read(void)
{
    sink = *address_of(KERNEL_ADDRESS);
}

static void kernel_write(void)
{
    *address_of(KERNEL_ADDRESS) = 1;
}

static void kernel_call(void)
{
    call(KERNEL_ADDRESS);
}

/* ---- executing what is no code ---- */

static void exec_data(void)
{
    call((uintptr_t)code);
}

static void exec_stack(void)
{
    unsigned char local[16];

    memcpy(local, code, sizeof(local));
    call((uintptr_t)local);
}

static void exec_heap(void)
{
    void *block = malloc(sizeof(code));

    memcpy(block, code, sizeof(code));
    call((uintptr_t)block);
}

/* ---- the stack and the heap ---- */

__attribute__((noinline)) static int recurse(int depth)
{
    volatile char room[1024];

    room[0] = (char)depth;
    sink = room[0];
    return depth < 0 ? 0 : recurse(depth + 1) + room[0];
}

static void stack_overflow(void)
{
    sink = recurse(0);
}

static void double_free(void)
{
    void *(*volatile get)(size_t) = malloc;
    void (*volatile give)(void *) = free;
    void *block = get(100), *other = get(100);

    give(block);
    give(block);
    give(other);
}

static void foreign_free(void)
{
    void (*volatile give)(void *) = free;
    long local[8] = {0};

    give(&local[4]);
}

/* ---- arithmetic and instructions ---- */

static void divide(int a, int b)
{
    volatile int x = a, y = b;

    sink = x / y;
}

static void div0(void)
{
    divide(1, 0);
}

static void div_overflow(void)
{
    divide(INT_MIN, -1);
}

static void illegal(void)
{
    __asm__ volatile("ud2");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void interrupt(void)
{
    __asm__ volatile("int $0x0E");
}

static void unaligned(void)
{
    static char bytes[64] __attribute__((aligned(16)));

    __asm__ volatile("movaps %%xmm0, %0" : "=m"(bytes[1]));
}

static void privileged_cli(void)
{
    __asm__ volatile("cli");
}

static void privileged_hlt(void)
{
    __asm__ volatile("hlt");
}

static void privileged_in(void)
{
    unsigned char value;

    __asm__ volatile("inb $0x64, %0" : "=a"(value));
    sink = value;
}

static void privileged_out(void)
{
    __asm__ volatile("outb %0, $0xF4" : : "a"((unsigned char)0));
}

static void privileged_cr(void)
{
    uint32_t value;

    __asm__ volatile("movl %%cr0, %0" : "=r"(value));
    sink = (int)value;
}

static void privileged_msr(void)
{
    __asm__ volatile("rdmsr" : : "c"(0xC0000080) : "eax", "edx");
}

/* ---- asking for it ---- */

static void do_abort(void)
{
    abort();
}

static void do_kill(void)
{
    raise(SIGKILL);
}

static void do_terminate(void)
{
    raise(SIGTERM);
}

static const struct way {
    const char *name, *what, *signal;
    void (*run)(void);
} ways[] = {
    {"null", "read address 0", "SEGV", null_read},
    {"null-write", "write address 0", "SEGV", null_write},
    {"null-call", "call address 0", "SEGV", null_call},
    {"write-text", "write over its own code", "SEGV", write_text},
    {"write-const", "write over a constant", "SEGV", write_constant},
    {"past-break", "write beyond the heap", "SEGV", past_break},
    {"unmapped", "read a page that was given back", "SEGV", unmapped},
    {"kernel-read", "read the kernel's memory", "SEGV", kernel_read},
    {"kernel-write", "write the kernel's memory", "SEGV", kernel_write},
    {"kernel-call", "call the kernel's code", "SEGV", kernel_call},
    {"exec-data", "execute a variable", "SEGV", exec_data},
    {"exec-stack", "execute the stack", "SEGV", exec_stack},
    {"exec-heap", "execute a block of malloc", "SEGV", exec_heap},
    {"stack-overflow", "recurse without end", "SEGV", stack_overflow},
    {"double-free", "free a block twice", "ABRT", double_free},
    {"foreign-free", "free a variable", "ABRT", foreign_free},
    {"div0", "divide by zero", "FPE", div0},
    {"div-overflow", "divide INT_MIN by -1", "FPE", div_overflow},
    {"illegal", "execute an undefined instruction", "ILL", illegal},
    {"breakpoint", "execute int3 without a debugger", "TRAP", breakpoint},
    {"interrupt", "call an interrupt of the kernel's", "SEGV", interrupt},
    {"unaligned", "store 16 bytes at an odd address", "SEGV", unaligned},
    {"cli", "switch interrupts off", "SEGV", privileged_cli},
    {"hlt", "halt the processor", "SEGV", privileged_hlt},
    {"in", "read an I/O port", "SEGV", privileged_in},
    {"out", "write an I/O port", "SEGV", privileged_out},
    {"cr", "read a control register", "SEGV", privileged_cr},
    {"msr", "read a model-specific register", "SEGV", privileged_msr},
    {"abort", "call abort", "ABRT", do_abort},
    {"kill", "send itself SIGKILL", "KILL", do_kill},
    {"term", "send itself SIGTERM", "TERM", do_terminate},
};

#define NWAYS (sizeof(ways) / sizeof(ways[0]))

static int list_ways(void)
{
    puts("usage: crash WAY\n");
    for (size_t i = 0; i < NWAYS; i++)
        printf("  %-15s %-36s SIG%s\n", ways[i].name, ways[i].what,
               ways[i].signal);
    return fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return list_ways();
    for (size_t i = 0; i < NWAYS; i++) {
        if (strcmp(argv[1], ways[i].name) != 0)
            continue;
        ways[i].run();
        fprintf(stderr, "crash: still alive after %s\n", argv[1]);
        return 1;
    }
    fprintf(stderr, "crash: no such way: %s\n", argv[1]);
    return 2;
}
