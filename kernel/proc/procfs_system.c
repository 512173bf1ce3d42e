/*
 * The machine and the system in /proc, in Linux's formats (proc(5)). Times are
 * in ticks of 1/100 s, which is what USER_HZ is for everybody.
 */
#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "lib/string.h"
#include "lib/units.h"
#include "lib/version.h"
#include "mm/kmalloc.h"
#include "proc/pid.h"
#include "proc/procfs_private.h"
#include "sched/load.h"
#include "sched/thread.h"

#define NS_PER_CS 10000000u

_Static_assert(CLOCK_HZ == 100, "ticks are shown as USER_HZ");

/* Seconds and hundredths, as uptime has them. */
static void add_seconds(struct text *text, uint64_t ns, const char *end)
{
    text_printf(text, "%llu.%02u%s", (unsigned long long)(ns / NS_PER_S),
                (unsigned)(ns % NS_PER_S / NS_PER_CS), end);
}

void procfs_show_uptime(struct text *text, struct process *p)
{
    (void)p;
    add_seconds(text, clock_monotonic_ns(), " ");
    add_seconds(text, sched_idle_ns(), "\n");
}

void procfs_show_clock(struct text *text, struct process *p)
{
    struct clock_info info = clock_read_info();

    (void)p;
    text_printf(text, "source:        %s\nreference:     %s\n", info.source,
                info.reference);
    text_printf(text, "alarm:         %s\n", info.alarm);
    text_printf(text, "tsc_khz:       %u\n", info.tsc_khz);
    text_printf(text, "agreements:    %u\ndisagreements: %u\n", info.agreements,
                info.disagreements);
    text_printf(text, "wall_steps:    %u\n", info.steps);
}

static void add_load(struct text *text, uint32_t load)
{
    load += LOAD_ONE / 200; /* rounds to hundredths */
    text_printf(text, "%u.%02u ", (unsigned)(load / LOAD_ONE),
                (unsigned)(load % LOAD_ONE * 100 / LOAD_ONE));
}

/* loadavg ends with the number given out last. */
void procfs_show_loadavg(struct text *text, struct process *p)
{
    uint32_t loads[LOAD_NAVERAGES];

    (void)p;
    load_read(loads);
    for (unsigned i = 0; i < LOAD_NAVERAGES; i++)
        add_load(text, loads[i]);
    text_printf(text, "%u/%u %d\n", sched_nrunnable(), process_count(),
                pid_newest());
}

/* One line of mounts: device, place, type, options. */
static void add_mount(struct fs *fs, void *ctx)
{
    struct dentry *root = current_process()->fs->root;
    struct text *text = ctx;
    char *buf = kmalloc(PATH_MAX), *path = NULL;

    if (buf != NULL)
        path = dentry_path(fs->root, root, buf, PATH_MAX);
    if (buf == NULL)
        text->failed = true;
    text_printf(text, "%s ", fs->name);
    text_add_escaped(text, path != NULL ? path : "?", " \\#");
    text_printf(text, " %s %s%s%s%s 0 0\n", fs->name,
                fs->readonly ? "ro" : "rw", fs->nosuid ? ",nosuid" : "",
                fs->nodev ? ",nodev" : "", fs->noexec ? ",noexec" : "");
    kfree(buf);
}

void procfs_show_mounts(struct text *text, struct process *p)
{
    (void)p;
    mount_each(add_mount, text);
}

/* What there is to mount, and what boot has mounted; none has a device. */
void procfs_show_filesystems(struct text *text, struct process *p)
{
    (void)p;
    text_printf(text, "nodev\tramfs\nnodev\ttmpfs\n"
                      "nodev\tdevtmpfs\nnodev\tproc\n");
}

void procfs_show_version(struct text *text, struct process *p)
{
    (void)p;
    text_printf(text, "%s version %s (gcc version %s) %s\n", CAIRN_SYSNAME,
                CAIRN_RELEASE, __VERSION__, CAIRN_VERSION);
}

/* Names of the bits of CPUID.1:EDX (Intel SDM 2A, CPUID), as Linux has them. */
static const char *const feature_names[32] = {
    "fpu",  "vme",   "de",   "pse",     "tsc",  "msr", "pae",  "mce",
    "cx8",  "apic",  NULL,   "sep",     "mtrr", "pge", "mca",  "cmov",
    "pat",  "pse36", "pn",   "clflush", NULL,   "dts", "acpi", "mmx",
    "fxsr", "sse",   "sse2", "ss",      "ht",   "tm",  "ia64", "pbe"};

static void add_feature(struct text *text, bool has, const char *name)
{
    if (has)
        text_printf(text, " %s", name);
}

static void add_features(struct text *text)
{
    for (unsigned bit = 0; bit < 32; bit++)
        add_feature(text, feature_names[bit] && (cpu.hwcap >> bit & 1),
                    feature_names[bit]);
    add_feature(text, cpu.nx, "nx");
    add_feature(text, cpu.rdrand, "rdrand");
    add_feature(text, cpu.hypervisor, "hypervisor");
    add_feature(text, cpu.smep, "smep");
    add_feature(text, cpu.smap, "smap");
    add_feature(text, cpu.umip, "umip");
}

void procfs_show_cpuinfo(struct text *text, struct process *p)
{
    (void)p;
    text_printf(text, "processor\t: 0\nvendor_id\t: %s\n", cpu.vendor);
    text_printf(text, "cpu family\t: %u\nmodel\t\t: %u\n", (unsigned)cpu.family,
                (unsigned)cpu.model);
    text_printf(text, "model name\t: %s\nstepping\t: %u\n",
                cpu.brand[0] ? cpu.brand : cpu.vendor, (unsigned)cpu.stepping);
    text_printf(text, "fpu\t\t: %s\nwp\t\t: yes\nflags\t\t:",
                cpu.hwcap & 1 ? "yes" : "no");
    add_features(text);
    text_printf(text, "\n\n");
}

/* Sums over all processes, for the cpu line. */
struct totals {
    uint64_t user_ns;
    unsigned nrunning, nblocked;
};

static void add_process(struct process *p, void *ctx)
{
    struct totals *totals = ctx;
    struct thread *thread;
    uint64_t user_ns, kernel_ns;

    totals->user_ns += p->ended.user_ns + p->reaped.user_ns;
    list_for_each_entry(thread, &p->threads, struct thread, proc_link)
    {
        thread_cpu_times(thread, &user_ns, &kernel_ns);
        totals->user_ns += user_ns;
        totals->nrunning += thread->state == THREAD_RUNNABLE;
        totals->nblocked += procfs_sleeps_deep(p, thread);
    }
}

/* "cpu" and "cpu0": user, nice, system, idle, and six that stay zero. */
static void add_cpu(struct text *text, const char *name, uint64_t user,
                    uint64_t kernel, uint64_t idle)
{
    text_printf(text, "%s %llu 0 %llu %llu 0 0 0 0 0 0\n", name,
                (unsigned long long)user, (unsigned long long)kernel,
                (unsigned long long)idle);
}

void procfs_show_stat(struct text *text, struct process *p)
{
    uint64_t idle = sched_idle_ns() / CLOCK_TICK_NS, user, kernel, boot;
    uint64_t all = clock_monotonic_ns() / CLOCK_TICK_NS;
    struct totals totals = {0};

    (void)p;
    process_each(add_process, &totals);
    user = totals.user_ns / CLOCK_TICK_NS;
    kernel = all > idle + user ? all - idle - user : 0;
    boot = (clock_realtime_ns() - clock_monotonic_ns()) / NS_PER_S;
    add_cpu(text, "cpu ", user, kernel, idle);
    add_cpu(text, "cpu0", user, kernel, idle);
    text_printf(text, "ctxt %llu\nprocesses %lu\n",
                (unsigned long long)sched_switches, process_total_made());
    text_printf(text, "btime %llu\nprocs_running %u\nprocs_blocked %u\n",
                (unsigned long long)boot, totals.nrunning, totals.nblocked);
}
