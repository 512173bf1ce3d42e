/*
 * Every way into the kernel that user code has, with every flag it can set:
 * INT n for all n, other software interrupts, far transfers, segment loads,
 * privileged instructions, and exceptions, each in a child. All of them end in
 * the signal that the table says, or in nothing.
 *
 * test: linux timeout=300
 * test: name=plain run="--cpu max,-smap,-smep" timeout=300
 * test: name=smep run="--cpu max,-smap" timeout=300
 * test: name=smap run="--cpu max,-smep" timeout=300
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define FLAG_TF   0x00000100u
#define FLAG_DF   0x00000400u
#define FLAG_IOPL 0x00003000u
#define FLAG_NT   0x00004000u
#define FLAG_RF   0x00010000u
#define FLAG_VM   0x00020000u
#define FLAG_AC   0x00040000u
#define FLAG_ID   0x00200000u

/* How a way may end, as a set. */
#define NOTHING 1u
#define SEGV    2u
#define BUS     4u
#define ILL     8u
#define FPE     16u
#define TRAP    32u

/* Words of a way's bytes that are patched, as two bytes that do not occur. */
#define HERE "\xEE\xE1\xEE\xE1" /* address of the byte after it and CS */
#define CS   "\xEE\xE2"         /* the code selector */

struct way {
    const char *name, *bytes;
    unsigned nbytes, ends;
    unsigned with_nt; /* how it ends if NT is set, if not 0 */
};

#define WAY(name, bytes, ends)                  \
    {                                           \
        name, bytes, sizeof(bytes) - 1, ends, 0 \
    }
#define WAY_NT(name, bytes, ends, with_nt)            \
    {                                                 \
        name, bytes, sizeof(bytes) - 1, ends, with_nt \
    }

/* CALL over two bytes: what it pushes is the address of a JMP to the end. */
#define CALL "\xE8\x02\0\0\0\xEB\x01"

static const struct way ways[] = {
    WAY("nop", "\x90", NOTHING),
    WAY("int3", "\xCC", TRAP),
    WAY("into", "\xCE", NOTHING),
    WAY("into, overflow", "\xB0\x7F\x04\x01\xCE", SEGV),
    WAY("bound, within", "\x6A\5\x6A\3\x6A\4\x58\x62\4\x24\x59\x59", NOTHING),
    WAY("bound, below", "\x6A\5\x6A\3\x6A\1\x58\x62\4\x24\x59\x59", SEGV),
    WAY("icebp", "\xF1", TRAP | ILL), /* QEMU does not know it */
    WAY("ud2", "\x0F\x0B", ILL),
    WAY("lock nop", "\xF0\x90", ILL),
    WAY("mov to cs", "\x8E\xC8", ILL),
    WAY("16 prefixes", "fffffffffffffff\x90", SEGV | ILL),
    WAY("div by 0", "\x31\xC9\xF7\xF1", FPE),
    WAY("aam 0", "\xD4\0", FPE),
    WAY("x87", "\x68\x60\x03\0\0\xD9\x2C\x24\x59\xD9\xEE\xD9\xEE\xDE\xF9\x9B",
        FPE),
    WAY("sse", "\x68\0\0\0\0\x0F\xAE\x14\x24\x59\x0F\x57\xC0\xF3\x0F\x5E\xC0",
        FPE | NOTHING), /* QEMU does not raise it */
    WAY("fxrstor, misaligned", "\x83\xE4\xF0\x0F\xAE\x4C\x24\xF8", SEGV),
    /* far returns */
    WAY_NT("iret", "\x9C\x0E" CALL "\xCF", NOTHING, SEGV),
    WAY_NT("iret, IOPL", "\x9C\x81\x0C\x24\0\x30\0\0\x0E" CALL "\xCF", NOTHING,
           SEGV),
    WAY_NT("iret, VM", "\x9C\x81\x0C\x24\0\0\2\0\x0E" CALL "\xCF",
           NOTHING | SEGV, SEGV),
    WAY_NT("iret, NT", "\x9C\x81\x0C\x24\0\x40\0\0\x0E" CALL "\xCF", NOTHING,
           SEGV),
    WAY_NT("iret, TF", "\x9C\x81\x0C\x24\0\1\0\0\x0E" CALL "\xCF", TRAP, SEGV),
    WAY("iret, null cs", "\x9C\x6A\0" CALL "\xCF", SEGV),
    WAY("iret, kernel cs", "\x9C\x6A\x60" CALL "\xCF", SEGV),
    WAY("iret, kernel cs + 3", "\x9C\x6A\x63" CALL "\xCF", SEGV),
    WAY("iret, data cs", "\x9C\x6A\x7B" CALL "\xCF", SEGV),
    WAY("iret, tss", "\x9C\x68\x80\0\0\0" CALL "\xCF", SEGV),
    WAY("iret, beyond the gdt", "\x9C\x68\xFB\xFF\0\0" CALL "\xCF", SEGV),
    WAY("iret, ldt", "\x9C\x6A\7" CALL "\xCF", SEGV),
    WAY("iret, eip -1", "\x9C\x0E\x6A\xFF\xCF", SEGV),
    WAY("iret, esp 0", "\x31\xE4\xCF", SEGV),
    WAY("iret, 16 bits", "\x66\x9C\x66\x0E\x66\x6A\0\x66\xCF", SEGV),
    WAY("lret", "\x0E" CALL "\xCB", NOTHING),
    WAY("lret n", "\x6A\0\x0E\xE8\2\0\0\0\xEB\3\xCA\4\0", NOTHING),
    WAY("lret, null", "\x6A\0" CALL "\xCB", SEGV),
    WAY("lret, kernel", "\x6A\x60" CALL "\xCB", SEGV),
    WAY("lret, esp -1", "\x6A\xFF\x5C\xCB", SEGV),
    /* far calls and jumps */
    WAY("lcall", "\x9A" HERE CS "\x59\x59", NOTHING),
    WAY("lcall, null", "\x9A\0\0\0\0\0\0", SEGV),
    WAY("lcall, kernel", "\x9A\0\0\0\xC0\x60\0", SEGV),
    WAY("lcall, tss", "\x9A\0\0\0\0\x80\0", SEGV),
    WAY("lcall, double fault task", "\x9A\0\0\0\0\xF8\0", SEGV),
    WAY("lcall, double fault task + 3", "\x9A\0\0\0\0\xFB\0", SEGV),
    WAY("lcall, thread segment", "\x9A\0\0\0\0\x33\0", SEGV | BUS),
    WAY("lcall, esp 0", "\x31\xE4\x9A" HERE CS, SEGV),
    WAY("lcall, memory", "\x6A\x60\x6A\0\xFF\x1C\x24", SEGV),
    WAY("lcall, register", "\xFF\xD8", ILL),
    WAY("ljmp", "\xEA" HERE CS, NOTHING),
    WAY("ljmp, kernel", "\xEA\0\0\0\xC0\x60\0", SEGV),
    WAY("ljmp, tss", "\xEA\0\0\0\0\x80\0", SEGV),
    WAY("ljmp, double fault task", "\xEA\0\0\0\0\xF8\0", SEGV),
    WAY("ljmp, double fault task + 3", "\xEA\0\0\0\0\xFB\0", SEGV),
    WAY("ljmp, beyond", "\xEA\0\0\0\0\xFF\xFF", SEGV),
    WAY("ljmp, memory", "\x6A\x60\x6A\0\xFF\x2C\x24", SEGV),
    /* other ways of calling a kernel */
    WAY("sysenter", "\x89\xE1\x31\xD2\x0F\x34", SEGV | ILL),
    WAY("sysexit", "\x0F\x35", SEGV | ILL),
    WAY("syscall", "\x0F\x05", SEGV | ILL),
    WAY("sysret", "\x0F\x07", SEGV | ILL),
    WAY("vmcall", "\x0F\x01\xC1", SEGV | ILL | NOTHING),
    WAY("vmmcall", "\x0F\x01\xD9", SEGV | ILL | NOTHING),
    WAY("vmrun", "\x0F\x01\xD8", SEGV | ILL),
    WAY("vmload", "\x0F\x01\xDA", SEGV | ILL),
    WAY("vmsave", "\x0F\x01\xDB", SEGV | ILL),
    WAY("stgi", "\x0F\x01\xDC", SEGV | ILL),
    WAY("clgi", "\x0F\x01\xDD", SEGV | ILL),
    WAY("skinit", "\x0F\x01\xDE", SEGV | ILL),
    WAY("rsm", "\x0F\xAA", SEGV | ILL),
    /* flags */
    WAY("popf, all", "\x6A\xFF\x9D\x90", TRAP),
    WAY("popf, 16 bits, all", "\x66\x6A\xFF\x66\x9D\x90", TRAP),
    WAY("popf, esp 1", "\x6A\1\x5C\x9D", SEGV),
    WAY("misaligned", "\x8B\x44\x24\x01", NOTHING),
    WAY("cli", "\xFA", SEGV),
    WAY("sti", "\xFB", SEGV),
    WAY("stac", "\x0F\x01\xCB", ILL | SEGV),
    WAY("clac", "\x0F\x01\xCA", ILL | SEGV),
    /* descriptor tables */
    WAY("lldt", "\x31\xC0\x0F\x00\xD0", SEGV),
    WAY("ltr", "\x6A\x28\x58\x0F\x00\xD8", SEGV),
    WAY("ltr, double fault task", "\x68\xF8\0\0\0\x58\x0F\x00\xD8", SEGV),
    WAY("sldt", "\x0F\x00\xC0", NOTHING | SEGV),
    WAY("str", "\x0F\x00\xC8", NOTHING | SEGV),
    WAY("verr", "\x6A\x60\x58\x0F\x00\xE0", NOTHING),
    WAY("verw", "\x6A\x68\x58\x0F\x00\xE8", NOTHING),
    WAY("lar", "\x6A\x60\x58\x0F\x02\xC0", NOTHING),
    WAY("lsl", "\x6A\x60\x58\x0F\x03\xC0", NOTHING),
    WAY("sgdt", "\x83\xEC\x08\x0F\x01\x04\x24\x83\xC4\x08", NOTHING | SEGV),
    WAY("sidt", "\x83\xEC\x08\x0F\x01\x0C\x24\x83\xC4\x08", NOTHING | SEGV),
    WAY("lgdt", "\x0F\x01\x14\x24", SEGV),
    WAY("lidt", "\x0F\x01\x1C\x24", SEGV),
    WAY("smsw", "\x0F\x01\xE0", NOTHING | SEGV),
    WAY("lmsw", "\x0F\x01\xF0", SEGV),
    /* privileged */
    WAY("hlt", "\xF4", SEGV),
    WAY("clts", "\x0F\x06", SEGV),
    WAY("invd", "\x0F\x08", SEGV),
    WAY("wbinvd", "\x0F\x09", SEGV),
    WAY("invlpg", "\x0F\x01\x3C\x24", SEGV),
    WAY("swapgs", "\x0F\x01\xF8", ILL | SEGV),
    WAY("in al", "\xE4\x60", SEGV),
    WAY("in dx", "\xBA\xF8\x03\0\0\xEC", SEGV),
    WAY("out al", "\xE6\x80", SEGV),
    WAY("out dx", "\xBA\xF4\0\0\0\xEF", SEGV),
    WAY("insb", "\xBA\x60\0\0\0\x89\xE7\x6C", SEGV),
    WAY("rep outsl", "\xBA\x60\0\0\0\x89\xE6\xF3\x6F", SEGV),
    WAY("rdmsr", "\xB9\x74\1\0\0\x0F\x32", SEGV),
    WAY("wrmsr", "\xB9\x74\1\0\0\x0F\x30", SEGV),
    WAY("rdpmc", "\x31\xC9\x0F\x33", NOTHING | SEGV | ILL),
    WAY("rdtsc", "\x0F\x31", NOTHING),
    WAY("cpuid", "\x31\xC0\x0F\xA2", NOTHING),
    WAY("xgetbv", "\x31\xC9\x0F\x01\xD0", NOTHING | ILL | SEGV),
    WAY("xsetbv", "\x31\xC9\x0F\x01\xD1", ILL | SEGV),
    WAY("xrstor", "\x83\xE4\xC0\x0F\xAE\x2C\x24", NOTHING | ILL | SEGV),
    WAY("monitor", "\x89\xE0\x31\xC9\x31\xD2\x0F\x01\xC8", ILL | SEGV),
    WAY("mwait", "\x31\xC0\x31\xC9\x0F\x01\xC9", ILL | SEGV),
    WAY("rdfsbase", "\xF3\x0F\xAE\xC0", ILL),
    WAY("wrpkru", "\x31\xC9\x31\xD2\x0F\x01\xEF", ILL | SEGV | NOTHING),
    /* where stacks and code are not */
    WAY("push, esp 0", "\x31\xE4\x50", SEGV),
    WAY("push, kernel", "\xBC\0\0\x10\xC0\x50", SEGV),
    WAY("jump, kernel", "\xB8\0\0\x10\xC0\xFF\xE0", SEGV),
    WAY("jump, null", "\x31\xC0\xFF\xE0", SEGV),
    WAY("call, stack", "\xC6\x44\x24\xF0\xC3\x8D\x44\x24\xF0\xFF\xD0",
        SEGV | NOTHING),
    WAY("read kernel", "\xA1\0\0\x10\xC0", SEGV),
    WAY("write kernel", "\xA3\0\0\x10\xC0", SEGV),
    WAY("read the tables", "\xA1\0\0\0\xFE", SEGV),
};

static uint8_t *code;

/* How often a signal of the test was taken, in a child: it says which. */
static void on_signal(int signo)
{
    __asm__ volatile("int $0x80" : : "a"(1), "b"(signo));
}

static void catch_signals(void)
{
    static const int all[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    static char stack[32768];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction sa;

    sigaltstack(&ss, NULL);
    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    sa.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        sigaction(all[i], &sa, NULL);
}

static uint16_t own_cs(void)
{
    uint16_t cs;

    __asm__("movw %%cs, %0" : "=r"(cs));
    return cs;
}

/* Put in addresses and selectors. */
static void patch(uint8_t *at, unsigned nbytes)
{
    uint16_t cs = own_cs();

    for (unsigned i = 0; i + 6 <= nbytes; i++) {
        uint32_t next = (uint32_t)(uintptr_t)(at + i + 6);

        if (memcmp(at + i, HERE CS, 6) != 0)
            continue;
        memcpy(at + i, &next, 4);
        memcpy(at + i + 4, &cs, 2);
    }
}

/*
 * PUSHF; OR $flags, (%esp); POPF; the way; and back to flags and segments as
 * they should be.
 */
static void write_code(const struct way *way, uint32_t flags)
{
    static const uint8_t begin[] = {0x9C, 0x81, 0x0C, 0x24, 0, 0, 0, 0, 0x9D};
    static const uint8_t end[] = {0x68, 2,    2,    0,    0,   0x9D,
                                  0x16, 0x1F, 0x16, 0x07, 0xC3};
    uint8_t *at = code;

    memcpy(at, begin, sizeof(begin));
    memcpy(at + 4, &flags, 4);
    at += sizeof(begin);
    memcpy(at, way->bytes, way->nbytes);
    patch(at, way->nbytes);
    memcpy(at + way->nbytes, end, sizeof(end));
}

static unsigned as_set(int status)
{
    int signo = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);

    switch (signo) {
    case 0:
        return NOTHING;
    case SIGSEGV:
        return SEGV;
    case SIGBUS:
        return BUS;
    case SIGILL:
        return ILL;
    case SIGFPE:
        return FPE;
    case SIGTRAP:
        return TRAP;
    default:
        return 0;
    }
}

static unsigned run(const struct way *way, uint32_t flags)
{
    pid_t pid;
    int status = -1;

    write_code(way, flags);
    pid = fork();
    if (pid == 0) {
        alarm(20);
        __asm__ volatile("pushal\n\tcall *%0\n\tpopal" : : "m"(code));
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid)
        return 0;
    return as_set(status);
}

/* The signals of `way` with these flags. */
static unsigned expected(const struct way *way, uint32_t flags)
{
    unsigned set = way->ends;

    if ((flags & FLAG_NT) && way->with_nt)
        set = way->with_nt;
    if (flags & FLAG_TF) /* after the first of its instructions */
        set |= TRAP;
    if (flags & FLAG_TF)
        set &= ~NOTHING;
    if (flags & FLAG_AC)
        set |= BUS;
    return set;
}

static void try_way(const struct way *way, const uint32_t *flags, unsigned n)
{
    unsigned bad = 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned end = run(way, flags[i]);

        if (end & expected(way, flags[i]))
            continue;
        bad++;
        printf("# %s, flags %x: ends as %x, not %x\n", way->name,
               (unsigned)flags[i], end, expected(way, flags[i]));
    }
    tap_line(bad == 0, __FILE__, __LINE__, way->name);
}

static const uint32_t few_flags[] = {0,       FLAG_TF,
                                     FLAG_NT, FLAG_AC,
                                     FLAG_DF, FLAG_NT | FLAG_AC | FLAG_DF};

/* All sets of the flags that can be set, and each that cannot. */
static unsigned all_flags(uint32_t *list)
{
    static const uint32_t can[] = {FLAG_TF, FLAG_DF, FLAG_NT, FLAG_AC, FLAG_ID};
    static const uint32_t cannot[] = {FLAG_IOPL, FLAG_RF, FLAG_VM,
                                      FLAG_IOPL | FLAG_RF | FLAG_VM | FLAG_NT};
    unsigned n = 0;

    for (unsigned set = 0; set < 32; set++, n++) {
        list[n] = 0;
        for (unsigned i = 0; i < 5; i++)
            list[n] |= set >> i & 1 ? can[i] : 0;
    }
    for (unsigned i = 0; i < 4; i++)
        list[n++] = cannot[i];
    return n;
}

static void test_ways(void)
{
    uint32_t flags[64];
    unsigned n = all_flags(flags);

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        /* What a call of Linux's may do with the registers is its own. */
        if (!is_cairn() && strncmp(ways[i].name, "sys", 3) == 0)
            continue;
        try_way(&ways[i], flags, n);
    }
}

static void test_interrupts(void)
{
    char name[16], bytes[8];

    for (int n = 0; n < 256; n++) {
        struct way way = {name, bytes, 2, SEGV, 0};

        snprintf(name, sizeof(name), "int 0x%02X", n);
        bytes[0] = '\xCD', bytes[1] = (char)n;
        if (n == 3)
            way.ends = TRAP;
        if (n == 0x80) { /* getpid */
            memcpy(bytes, "\x6A\x14\x58\xCD\x80", 5);
            way.nbytes = 5;
            way.ends = NOTHING;
        }
        try_way(&way, few_flags, sizeof(few_flags) / sizeof(few_flags[0]));
    }
}

/* MOV to each segment register of each kind of selector. */
static void test_selectors(void)
{
    static const struct {
        const char *name;
        uint8_t code;
    } segments[] = {
        {"es", 0xC0}, {"ss", 0xD0}, {"ds", 0xD8}, {"fs", 0xE0}, {"gs", 0xE8}};
    static const uint16_t selectors[] = {0,    3,     7,      0x08,  0x33, 0x43,
                                         0x60, 0x63,  0x68,   0x6B,  0x70, 0x73,
                                         0x78, 0x7B,  0x80,   0x83,  0xF8, 0xFB,
                                         0xFF, 0x103, 0x7FFF, 0xFFFF};
    char name[40], bytes[] = "\xB8\0\0\0\0\x8E\0";

    for (unsigned s = 0; s < 5; s++) {
        for (unsigned i = 0; i < sizeof(selectors) / 2; i++) {
            struct way way = {name, bytes, 7, NOTHING | SEGV | BUS, 0};

            snprintf(name, sizeof(name), "mov %s, 0x%04x", segments[s].name,
                     selectors[i]);
            memcpy(bytes + 1, &selectors[i], 2);
            bytes[6] = (char)segments[s].code;
            try_way(&way, few_flags, sizeof(few_flags) / sizeof(few_flags[0]));
        }
    }
}

/* MOV from and to control and debug registers. */
static void test_registers(void)
{
    static const uint8_t opcodes[] = {0x20, 0x21, 0x22, 0x23};
    char name[40], bytes[] = "\x31\xC0\x0F\0\0";

    for (unsigned o = 0; o < sizeof(opcodes); o++) {
        for (unsigned r = 0; r < 8; r++) {
            struct way way = {name, bytes, 5, SEGV | ILL, 0};

            snprintf(name, sizeof(name), "mov %s %cr%u",
                     opcodes[o] & 2 ? "to" : "from", opcodes[o] & 1 ? 'd' : 'c',
                     r);
            bytes[3] = (char)opcodes[o];
            bytes[4] = (char)(0xC0 | r << 3);
            try_way(&way, few_flags, sizeof(few_flags) / sizeof(few_flags[0]));
        }
    }
}

int main(void)
{
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fflush(stdout);
    catch_signals();
    test_ways();
    test_interrupts();
    test_selectors();
    test_registers();
    return tap_done();
}
