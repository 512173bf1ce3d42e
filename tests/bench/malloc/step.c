/*
 * step BENCH WORKLOAD ROUNDS OPERATIONS: the instructions of every single call
 * to the allocator, by single steps, for a 32-bit program on a 64-bit host.
 *
 * BENCH is run to the workload's first instruction, where a breakpoint lies,
 * and from there step by step: at bm_malloc and its like counting begins, and
 * it ends where the return address on the stack says.  A system call is one
 * step.  Ends after OPERATIONS calls or STEPS steps, whichever comes first,
 * and prints for each function the number of calls, and the least, median,
 * mean, 99th and 99.9th percentile and largest count.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS   1500000
#define ENTRIES 5

static struct entry {
    const char *name;
    unsigned long address;
    unsigned *counts;
    size_t ncounts, room;
} entries[ENTRIES] = {{.name = "malloc"},
                      {.name = "free"},
                      {.name = "calloc"},
                      {.name = "realloc"},
                      {.name = "memalign"}};

static unsigned long start; /* of the workload */

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- symbols -------------------------------------------------------------*/

static void take_symbol(const char *name, unsigned long address,
                        const char *work)
{
    if (strncmp(name, "work_", 5) == 0 && strcmp(name + 5, work) == 0)
        start = address;
    if (strncmp(name, "bm_", 3) != 0)
        return;
    for (int k = 0; k < ENTRIES; k++)
        if (strcmp(name + 3, entries[k].name) == 0)
            entries[k].address = address;
}

static void read_symbols(const char *exe, const char *work)
{
    char command[500], line[300], type, name[200];
    unsigned long address;
    FILE *nm;

    snprintf(command, sizeof command, "nm '%s'", exe);
    nm = popen(command, "r");
    if (nm == NULL)
        fail("nm");
    while (fgets(line, sizeof line, nm) != NULL)
        if (sscanf(line, "%lx %c %199s", &address, &type, name) == 3)
            take_symbol(name, address, work);
    pclose(nm);
}

/* ---- the process ---------------------------------------------------------*/

static pid_t start_child(char **argv)
{
    pid_t pid = fork();
    int null;

    if (pid != 0)
        return pid;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    personality(ADDR_NO_RANDOMIZE);
    null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    execl(argv[1], argv[1], argv[2], argv[3], (char *)0);
    _exit(1);
}

static void run_to_start(pid_t pid)
{
    void *at = (void *)start;
    struct user_regs_struct regs;
    long word;

    waitpid(pid, NULL, 0);
    word = ptrace(PTRACE_PEEKTEXT, pid, at, 0);
    ptrace(PTRACE_POKETEXT, pid, at, (void *)((word & ~0xffL) | 0xcc));
    ptrace(PTRACE_CONT, pid, 0, 0);
    waitpid(pid, NULL, 0);
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    regs.rip = start;
    ptrace(PTRACE_SETREGS, pid, 0, &regs);
    ptrace(PTRACE_POKETEXT, pid, at, (void *)word);
}

static void note(struct entry *e, unsigned count)
{
    if (e->ncounts == e->room) {
        e->room = e->room != 0 ? e->room * 2 : 4096;
        e->counts = realloc(e->counts, e->room * sizeof *e->counts);
        if (e->counts == NULL)
            fail("realloc");
    }
    e->counts[e->ncounts++] = count;
}

static struct entry *entry_at(unsigned long address)
{
    for (int k = 0; k < ENTRIES; k++)
        if (entries[k].address == address)
            return &entries[k];
    return NULL;
}

static bool step(pid_t pid)
{
    int status;

    if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) != 0)
        return false;
    waitpid(pid, &status, 0);
    return !WIFEXITED(status) && !WIFSIGNALED(status);
}

static unsigned long step_through(pid_t pid, unsigned long most)
{
    struct user_regs_struct regs;
    struct entry *inside = NULL;
    unsigned long steps = 0, calls = 0, back = 0, stack = 0;
    unsigned count = 0;

    do {
        ptrace(PTRACE_GETREGS, pid, 0, &regs);
        if (inside == NULL) {
            inside = entry_at(regs.rip);
            count = 0;
            stack = regs.rsp;
            if (inside != NULL)
                back = (unsigned)ptrace(PTRACE_PEEKDATA, pid, stack, 0);
        } else if (regs.rip == back && regs.rsp == stack + 4) {
            note(inside, count);
            inside = NULL;
            calls++;
        }
        count++;
    } while (calls < most && step(pid) && ++steps < STEPS);
    return steps;
}

/* ---- what was counted ----------------------------------------------------*/

static int compare(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return x < y ? -1 : x > y;
}

static void print(struct entry *e)
{
    unsigned *c = e->counts;
    size_t n = e->ncounts;
    double sum = 0;

    if (n == 0)
        return;
    qsort(c, n, sizeof *c, compare);
    for (size_t k = 0; k < n; k++)
        sum += c[k];
    printf(" | %s n=%zu min=%u med=%u mean=%.1f p99=%u p999=%u max=%u", e->name,
           n, c[0], c[n / 2], sum / n, c[n * 99 / 100], c[n * 999 / 1000],
           c[n - 1]);
}

int main(int argc, char **argv)
{
    unsigned long steps;
    pid_t pid;

    if (argc != 5)
        return 2;
    read_symbols(argv[1], argv[2]);
    pid = start_child(argv);
    run_to_start(pid);
    steps = step_through(pid, strtoul(argv[4], NULL, 10));
    kill(pid, SIGKILL);
    printf("%s steps=%lu", argv[2], steps);
    for (int k = 0; k < ENTRIES; k++)
        print(&entries[k]);
    puts("");
    return 0;
}
