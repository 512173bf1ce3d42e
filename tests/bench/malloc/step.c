/* exact per-call instruction counts by single-stepping: step ENTRIES... ; usage: step exe workload rounds maxops
 * the tracer (64-bit) steps the 32-bit child; at eip == bm_* entry it counts until return address. */
#define _GNU_SOURCE
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sys/user.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <stdint.h>
#include <sys/personality.h>
static unsigned long ent[6];
static const char *en[6] = {"malloc", "free", "calloc", "realloc", "memalign"};
static unsigned *v[6];
static unsigned long n[6], cap[6];
static int cmp(const void *a, const void *b)
{
    unsigned x = *(unsigned *)a, y = *(unsigned *)b;
    return x < y ? -1 : x > y;
}
int main(int ac, char **av)
{
    char cmd[500], line[300];
    snprintf(cmd, 500, "nm %s", av[1]);
    FILE *f = popen(cmd, "r");
    unsigned long wstart = 0;
    char wn[64];
    snprintf(wn, 64, "hw_%s", av[2]);
    while (fgets(line, 300, f)) {
        unsigned long a;
        char t, s[200];
        if (sscanf(line, "%lx %c %199s", &a, &t, s) != 3)
            continue;
        for (int i = 0; i < 5; i++) {
            char q[40];
            snprintf(q, 40, "bm_%s", en[i]);
            if (!strcmp(q, s))
                ent[i] = a;
        }
        if (!strcmp(s, wn))
            wstart = a;
    }
    pclose(f);
    long maxops = atol(av[4]);
    pid_t p = fork();
    if (!p) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        personality(ADDR_NO_RANDOMIZE);
        int d = open("/dev/null", 1);
        execl(av[1], av[1], av[2], av[3], (char *)0);
        _exit(1);
    }
    int st;
    waitpid(p, &st, 0);
    struct user_regs_struct r;
    /* run to the workload's first instruction with a breakpoint */
    long w = ptrace(PTRACE_PEEKTEXT, p, (void *)wstart, 0);
    ptrace(PTRACE_POKETEXT, p, (void *)wstart, (void *)((w & ~0xffL) | 0xcc));
    ptrace(PTRACE_CONT, p, 0, 0);
    waitpid(p, &st, 0);
    ptrace(PTRACE_GETREGS, p, 0, &r);
    r.rip = wstart;
    ptrace(PTRACE_SETREGS, p, 0, &r);
    ptrace(PTRACE_POKETEXT, p, (void *)wstart, (void *)w);
    unsigned long steps = 0, ops = 0;
    int in = -1;
    unsigned cnt = 0;
    unsigned long ret = 0, sp = 0;
    for (;;) {
        ptrace(PTRACE_GETREGS, p, 0, &r);
        if (in < 0) {
            for (int i = 0; i < 5; i++)
                if (r.rip == ent[i]) {
                    in = i;
                    cnt = 0;
                    sp = r.rsp;
                    ret =
                        (unsigned)ptrace(PTRACE_PEEKDATA, p, (void *)r.rsp, 0);
                }
        } else if (r.rip == ret && r.rsp == sp + 4) {
            if (n[in] == cap[in])
                v[in] = realloc(v[in],
                                4 * (cap[in] = cap[in] ? cap[in] * 2 : 4096));
            v[in][n[in]++] = cnt;
            in = -1;
            if (++ops >= maxops)
                break;
        }
        if (in >= 0)
            cnt++;
        if (ptrace(PTRACE_SINGLESTEP, p, 0, 0))
            break;
        waitpid(p, &st, 0);
        steps++;
        if (steps >= 1500000)
            break;
        if (WIFEXITED(st) || WIFSIGNALED(st))
            break;
    }
    kill(p, 9);
    printf("%s %s steps=%lu", strrchr(av[1], '.') + 1, av[2], steps);
    for (int i = 0; i < 5; i++)
        if (n[i]) {
            qsort(v[i], n[i], 4, cmp);
            double s = 0;
            for (unsigned long k = 0; k < n[i]; k++)
                s += v[i][k];
            printf(" | %s n=%lu min=%u med=%u mean=%.1f p99=%u p999=%u max=%u",
                   en[i], n[i], v[i][0], v[i][n[i] / 2], s / n[i],
                   v[i][(long)(n[i] * .99)], v[i][(long)(n[i] * .999)],
                   v[i][n[i] - 1]);
        }
    puts("");
    return 0;
}
