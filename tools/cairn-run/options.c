/*
 * tools/cairn-run/options.c - the command line
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "strace.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Cairn saves no registers of AVX and says so (CPUID, OSXSAVE). Some programs,
 * cksum of GNU for one, look only at the bit that the processor has them.
 */
#define DEFAULT_CPU "max,-avx,-avx2,-fma,-f16c"

static const char usage[] =
    "Usage: cairn-run [options] PROGRAM [ARGUMENTS...]\n"
    "       cairn-run [options] -c 'COMMAND LINE' [NAME [ARGUMENTS...]]\n"
    "       cairn-run [options] -i\n"
    "\n"
    "Starts a fresh Cairn in QEMU, runs PROGRAM in it as if it were a local\n"
    "one, and exits with its status. With -c, the whole image is there, and\n"
    "its shell runs the line; NAME and ARGUMENTS are its $0, $1 ...\n"
    "If stdin or stdout is a terminal, the program has one in Cairn.\n"
    "\n"
    "  -c LINE             run a line in the shell of the whole image\n"
    "  -i                  a login shell of the whole image\n"
    "  -t, -T              a terminal for the program in any case, or in none\n"
    "  -m SIZE             memory of the machine, as 64M or 1G (default 64M)\n"
    "      --timeout S     give up after S seconds, 0 for never (default 60,\n"
    "                      with a terminal 0)\n"
    "      --cpu MODEL     processor, as QEMU names it (default: max\n"
    "                      without AVX)\n"
    "      --accel NAME    tcg (default) or kvm\n"
    "      --file HOST[:GUEST]  take a file along; GUEST is its place in "
    "Cairn\n"
    "      --dir HOST:GUEST     take a directory along\n"
    "      --sysroot DIR   DIR is the root of a Linux system for i386: take "
    "along\n"
    "                      the loader and the libraries that PROGRAM and the "
    "files\n"
    "                      of --file and --dir name; what is in DIR has its "
    "place\n"
    "                      below / in Cairn\n"
    "      --shell         take /bin/sh along, also if PROGRAM does not name "
    "it\n"
    "      --image         take the whole image along: PROGRAM can run its "
    "programs\n"
    "      --env K=V       set a variable, beside those of the environment\n"
    "      --env-clear     take along no variables but those of --env\n"
    "      --limit data=SIZE|as=SIZE|stack=SIZE  set a resource limit\n"
    "      --norandom      the same addresses in each run\n"
    "      --append WORDS  more words for the kernel's command line\n"
    "      --log FILE      write the kernel's log to FILE, at most 16 MiB\n"
    "      --backtrace     say where a program died also when stderr is no "
    "terminal\n"
    "      --grub          start from an ISO through GRUB\n"
    "      --gdb           debug the program with gdb, which has the terminal\n"
    "      --gdb=wait      wait for a gdb that is started elsewhere\n"
    "      --gdb=kernel    wait for one that is to debug the kernel\n"
    "\n"
    "The laboratory (docs/lab.md); words are strace's:\n"
    "      --strace[=FILE] show each system call, on stderr or in FILE\n"
    "  -e trace=SET        only these calls: names, and memory, file, "
    "process,\n"
    "                      signal, desc, network; !SET: all others\n"
    "  -y                  show the paths of descriptors\n"
    "  -r                  show the time between the calls; --syscall-times: "
    "in "
    "them\n"
    "  -s N                show N bytes of a string (default 32)\n"
    "      --strace-faults show page faults too\n"
    "      --summary       count calls; --summary-only: and show no lines\n"
    "      --inject SET[:error=E|:retval=N][:signal=S][:delay_enter=US]"
    "[:when=W]\n"
    "                      make calls fail\n"
    "      --fail-alloc N[+]  refuse the kernel's N-th request for memory\n"
    "      --fail-copy N   make the N-th copy from or to the program fault\n"
    "      --sweep SET [-j N]  run with the 1st, 2nd ... call of the set "
    "failing:\n"
    "                      memory, file, process, malloc or names; N at a "
    "time\n"
    "      --malloc-trace FILE  record each call of malloc, to be replayed\n"
    "      --heap FILE.html     a page that shows the heap over time\n"
    "      --memmap FILE.svg   draw physical memory at the program's end\n"
    "      --pagemap FILE.svg  draw its address space\n"
    "      --profile FILE      instructions by function, for kcachegrind and\n"
    "                      callgrind_annotate; FILE.svg is a flame graph\n"
    "      --icount        the same run again: time counts instructions\n"
    "      --seed N        and chance follows from N (default 1)\n"
    "      --stats         instructions, page faults, memory at the end\n"
    "      --explain       of a crash also say what lies at the address, and "
    "what the\n"
    "                      last system calls were\n"
    "      --core FILE     write a core of a program that dies\n"
    "\n"
    "  -v                  show QEMU's command line\n"
    "  -h, --help          show this text\n"
    "\n"
    "Exit status: PROGRAM's own; 128 + N if signal N ended it; 124 after the\n"
    "timeout; 125 if Cairn itself failed (its log is on stderr then); 126 if\n"
    "PROGRAM cannot be executed; 127 if there is no such file.\n"
    "\n"
    "Environment: QEMU names another emulator, CAIRN_KERNEL another kernel,\n"
    "CAIRN_INITRD another image for -c, GDB another debugger.\n";

const char *const limit_names[3] = {"data", "as", "stack"};

#define HEAP_DEPTH 8 /* callers that are kept of each malloc */

enum {
    OPTION_TIMEOUT = 256,
    OPTION_CPU,
    OPTION_ACCEL,
    OPTION_FILE,
    OPTION_DIR,
    OPTION_SYSROOT,
    OPTION_ENV,
    OPTION_ENV_CLEAR,
    OPTION_LIMIT,
    OPTION_NORANDOM,
    OPTION_APPEND,
    OPTION_LOG,
    OPTION_BACKTRACE,
    OPTION_GRUB,
    OPTION_GDB,
    OPTION_STRACE,
    OPTION_STRACE_FAULTS,
    OPTION_SUMMARY,
    OPTION_SUMMARY_ONLY,
    OPTION_SYSCALL_TIMES,
    OPTION_EXPLAIN,
    OPTION_SWEEP,
    OPTION_MEMMAP,
    OPTION_PAGEMAP,
    OPTION_PROFILE,
    OPTION_ICOUNT,
    OPTION_SEED,
    OPTION_STATS,
    OPTION_MALLOC_TRACE,
    OPTION_HEAP,
    OPTION_INJECT,
    OPTION_FAIL_ALLOC,
    OPTION_FAIL_COPY,
    OPTION_CORE,
    OPTION_SHELL,
    OPTION_IMAGE,
};

static const struct option long_options[] = {
    {"memory", required_argument, NULL, 'm'},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"cpu", required_argument, NULL, OPTION_CPU},
    {"accel", required_argument, NULL, OPTION_ACCEL},
    {"file", required_argument, NULL, OPTION_FILE},
    {"dir", required_argument, NULL, OPTION_DIR},
    {"sysroot", required_argument, NULL, OPTION_SYSROOT},
    {"env", required_argument, NULL, OPTION_ENV},
    {"env-clear", no_argument, NULL, OPTION_ENV_CLEAR},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"norandom", no_argument, NULL, OPTION_NORANDOM},
    {"append", required_argument, NULL, OPTION_APPEND},
    {"log", required_argument, NULL, OPTION_LOG},
    {"grub", no_argument, NULL, OPTION_GRUB},
    {"backtrace", no_argument, NULL, OPTION_BACKTRACE},
    {"strace", optional_argument, NULL, OPTION_STRACE},
    {"strace-faults", no_argument, NULL, OPTION_STRACE_FAULTS},
    {"summary", no_argument, NULL, OPTION_SUMMARY},
    {"summary-only", no_argument, NULL, OPTION_SUMMARY_ONLY},
    {"syscall-times", no_argument, NULL, OPTION_SYSCALL_TIMES},
    {"malloc-trace", required_argument, NULL, OPTION_MALLOC_TRACE},
    {"heap", required_argument, NULL, OPTION_HEAP},
    {"icount", no_argument, NULL, OPTION_ICOUNT},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"stats", no_argument, NULL, OPTION_STATS},
    {"memmap", required_argument, NULL, OPTION_MEMMAP},
    {"pagemap", required_argument, NULL, OPTION_PAGEMAP},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"explain", no_argument, NULL, OPTION_EXPLAIN},
    {"sweep", required_argument, NULL, OPTION_SWEEP},
    {"jobs", required_argument, NULL, 'j'},
    {"inject", required_argument, NULL, OPTION_INJECT},
    {"fail-alloc", required_argument, NULL, OPTION_FAIL_ALLOC},
    {"fail-copy", required_argument, NULL, OPTION_FAIL_COPY},
    {"core", required_argument, NULL, OPTION_CORE},
    {"gdb", optional_argument, NULL, OPTION_GDB},
    {"shell", no_argument, NULL, OPTION_SHELL},
    {"image", no_argument, NULL, OPTION_IMAGE},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Bytes as text with K, M or G behind it; false if it is none of that. */
static bool parse_size(const char *s, uint64_t *nbytes)
{
    static const char units[] = "KMG";
    const char *unit;
    char *end;

    if (!isdigit((unsigned char)*s))
        return false;
    errno = 0;
    *nbytes = strtoull(s, &end, 10);
    if (errno != 0)
        return false;
    if (*end == '\0')
        return true;
    unit = strchr(units, toupper((unsigned char)*end));
    if (unit == NULL || end[1] != '\0')
        return false;
    for (; unit >= units; unit--)
        if (__builtin_mul_overflow(*nbytes, 1024, nbytes))
            return false;
    return true;
}

/* QEMU takes a bare number as MiB, and so does -m here. */
static const char *memory_option(const char *s)
{
    uint64_t nbytes;

    if (!parse_size(s, &nbytes) || nbytes == 0)
        die(STATUS_FAILED, "-m %s: not a size", s);
    return s;
}

static double timeout_option(const char *s)
{
    char *end;
    double seconds = strtod(s, &end);

    if (end == s || *end != '\0' || !(seconds >= 0 && seconds <= 1e9))
        die(STATUS_FAILED, "--timeout %s: not a number of seconds", s);
    return seconds;
}

static const char *cpu_option(const char *s)
{
    if (*s == '\0')
        die(STATUS_FAILED, "--cpu: no model");
    return s;
}

static const char *accel_option(const char *s)
{
    if (strcmp(s, "tcg") != 0 && strcmp(s, "kvm") != 0)
        die(STATUS_FAILED, "--accel %s: neither tcg nor kvm", s);
    return s;
}

static enum gdb_option gdb_option(const char *s)
{
    if (s == NULL)
        return GDB_START;
    if (strcmp(s, "kernel") == 0)
        return GDB_KERNEL;
    if (strcmp(s, "wait") != 0)
        die(STATUS_FAILED, "--gdb=%s: wait or kernel is wanted, or nothing", s);
    return GDB_WAIT;
}

static void add_extra(struct options *options, const struct extra *extra)
{
    options->extras =
        realloc(options->extras, (options->nextras + 1) * sizeof(*extra));
    if (options->extras == NULL)
        die(STATUS_FAILED, "out of memory");
    options->extras[options->nextras++] = *extra;
}

/*
 * HOST[:GUEST]. A name may hold colons itself: if the whole text names a file
 * that exists, it is HOST; else the last colon divides.
 */
static void extra_option(struct options *options, char *s, bool is_dir)
{
    struct extra extra = {.host = s, .is_dir = is_dir};
    char *colon = strrchr(s, ':');

    if (colon != NULL && (is_dir || access(s, F_OK) != 0)) {
        *colon = '\0';
        extra.guest = colon + 1;
    }
    if (is_dir && extra.guest == NULL)
        die(STATUS_FAILED, "--dir %s: HOST:GUEST is wanted", s);
    if (*extra.host == '\0' || (extra.guest != NULL && *extra.guest == '\0'))
        die(STATUS_FAILED, "--%s: an empty name", is_dir ? "dir" : "file");
    add_extra(options, &extra);
}

static void env_option(struct options *options, char *s)
{
    if (*s == '=' || strchr(s, '=') == NULL)
        die(STATUS_FAILED, "--env %s: K=V is wanted", s);
    options->env =
        realloc(options->env, (options->nenv + 1) * sizeof(*options->env));
    if (options->env == NULL)
        die(STATUS_FAILED, "out of memory");
    options->env[options->nenv++] = s;
}

static void limit_option(struct options *options, const char *s)
{
    const char *equals = strchrnul(s, '=');
    uint64_t nbytes;

    for (int i = 0; i < 3; i++) {
        size_t n = strlen(limit_names[i]);

        if ((size_t)(equals - s) != n || strncmp(s, limit_names[i], n) != 0)
            continue;
        if (*equals == '\0' || !parse_size(equals + 1, &nbytes))
            die(STATUS_FAILED, "--limit %s: not a size", s);
        options->limits[i] = format("%" PRIu64, nbytes);
        return;
    }
    die(STATUS_FAILED, "--limit %s: data=, as= or stack= is wanted", s);
}

static void add_words(struct options *options, char *words)
{
    options->append = options->append == NULL
                          ? words
                          : format("%s %s", options->append, words);
}

/* fail=N[+] or failcopy=N of the kernel's command line. */
static void fail_option(struct options *options, const char *key,
                        const char *value, bool may_go_on)
{
    size_t n = strspn(value, "0123456789");

    if (n == 0 || n > 8 || (value[n] != '\0' && strcmp(value + n, "+") != 0) ||
        (value[n] == '+' && !may_go_on))
        die(STATUS_FAILED, "--fail-%s %s: not a number%s",
            may_go_on ? "alloc" : "copy", value,
            may_go_on ? " or number+" : "");
    add_words(options, format("%s=%s", key, value));
}

static void add_inject(struct lab_options *lab, char *rule)
{
    lab->injects =
        realloc(lab->injects, (lab->ninjects + 1) * sizeof(*lab->injects));
    if (lab->injects == NULL)
        die(STATUS_FAILED, "out of memory");
    lab->injects[lab->ninjects++] = rule;
}

/* -e trace=SET, -e SET, -e inject=RULE. */
static void expression_option(struct lab_options *lab, const char *value)
{
    const char *wrong;
    int length;

    lab->strace = true;
    if (strncmp(value, "inject=", 7) == 0) {
        add_inject(lab, inject_rule(value + 7));
        return;
    }
    if (strncmp(value, "trace=", 6) == 0)
        value += 6;
    if (!strace_check_set(value, &wrong, &length))
        die(STATUS_FAILED, "-e %s: no such call or set: %.*s", value, length,
            wrong);
    lab->trace_set = value;
}

static unsigned long seed_option(const char *value)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);

    if (end == value || *end != '\0' || n > UINT32_MAX)
        die(STATUS_FAILED, "--seed %s: not a number of 32 bits", value);
    return n;
}

static unsigned jobs_option(const char *value)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);

    if (end == value || *end != '\0' || n == 0 || n > 256)
        die(STATUS_FAILED, "-j %s: not a number from 1 to 256", value);
    return (unsigned)n;
}

static void strings_option(struct lab_options *lab, const char *value)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);

    if (end == value || *end != '\0' || n > 8192)
        die(STATUS_FAILED, "-s %s: not a number up to 8192", value);
    lab->strings = (uint32_t)n;
}

/* The laboratory's; false: it is none of them. */
static bool take_lab_option(struct options *options, int which, char *value)
{
    struct lab_options *lab = &options->lab;

    switch (which) {
    case OPTION_STRACE:
        lab->strace_file = value;
        break;
    case OPTION_STRACE_FAULTS:
        lab->faults = true;
        break;
    case OPTION_SUMMARY_ONLY:
        lab->no_lines = true;
        /* fallthrough */
    case OPTION_SUMMARY:
        lab->summary = true;
        break;
    case 'e':
        expression_option(lab, value);
        return true;
    case 'y':
        lab->paths = true;
        break;
    case OPTION_SYSCALL_TIMES:
        lab->times = true;
        break;
    case 'r':
        lab->relative = true;
        break;
    case 's':
        strings_option(lab, value);
        break;
    case OPTION_INJECT:
        add_inject(lab, inject_rule(value));
        return true;
    case OPTION_FAIL_ALLOC:
        fail_option(options, "fail", value, true);
        return true;
    case OPTION_FAIL_COPY:
        fail_option(options, "failcopy", value, false);
        return true;
    case OPTION_SWEEP:
        lab->sweep = value;
        return true;
    case OPTION_MALLOC_TRACE:
        lab->malloc_trace = value;
        if (lab->malloc_depth == 0)
            lab->malloc_depth = 1;
        return true;
    case OPTION_HEAP:
        lab->heap = value;
        lab->malloc_depth = HEAP_DEPTH;
        return true;
    case OPTION_MEMMAP:
        lab->memmap = value;
        return true;
    case OPTION_PAGEMAP:
        lab->pagemap = value;
        return true;
    case OPTION_PROFILE:
        lab->profile = value;
        return true;
    case OPTION_EXPLAIN:
        lab->explains = options->backtrace = true;
        return true;
    case OPTION_SEED:
        lab->seed = seed_option(value);
        /* fallthrough */
    case OPTION_ICOUNT:
        if (!lab->icount)
            add_words(options, format("steady"));
        lab->icount = true;
        options->terminal = TERMINAL_NEVER;
        return true;
    case OPTION_STATS:
        lab->stats = true;
        return true;
    case 'j':
        lab->jobs = jobs_option(value);
        return true;
    case OPTION_CORE:
        lab->core = value;
        return true;
    default:
        return false;
    }
    lab->strace = true;
    return true;
}

static void take_option(struct options *options, int which, char *value)
{
    if (take_lab_option(options, which, value))
        return;
    switch (which) {
    case 'm':
        options->memory = memory_option(value);
        break;
    case OPTION_TIMEOUT:
        options->timeout = timeout_option(value);
        break;
    case OPTION_CPU:
        options->cpu = cpu_option(value);
        break;
    case OPTION_ACCEL:
        options->accel = accel_option(value);
        break;
    case OPTION_FILE:
    case OPTION_DIR:
        extra_option(options, value, which == OPTION_DIR);
        break;
    case OPTION_SYSROOT:
        options->sysroot = value;
        break;
    case OPTION_ENV:
        env_option(options, value);
        break;
    case OPTION_ENV_CLEAR:
        options->clear_env = true;
        break;
    case OPTION_LIMIT:
        limit_option(options, value);
        break;
    case OPTION_NORANDOM:
        options->norandom = true;
        break;
    case OPTION_APPEND:
        add_words(options, value);
        break;
    case OPTION_LOG:
        options->log = value;
        break;
    case OPTION_GRUB:
        options->grub = true;
        break;
    case OPTION_BACKTRACE:
        options->backtrace = true;
        break;
    case OPTION_SHELL:
        options->shell = true;
        break;
    case OPTION_IMAGE:
        options->image = true;
        break;
    case OPTION_GDB:
        options->gdb = gdb_option(value);
        break;
    case 'c':
        options->line = value;
        break;
    case 'i':
        options->interactive = true;
        break;
    case 't':
        options->terminal = TERMINAL_ALWAYS;
        break;
    case 'T':
        options->terminal = TERMINAL_NEVER;
        break;
    case 'v':
        options->verbose = true;
        break;
    case 'h':
        fputs(usage, stdout);
        exit(fflush(stdout) == 0 ? 0 : STATUS_FAILED);
    default:
        fputs("Try 'cairn-run --help'.\n", stderr);
        exit(STATUS_FAILED);
    }
}

/*
 * Where the image's programs and files are the host does not know: so these
 * variables are Cairn's, unless --env sets them.
 */
static void use_image(struct options *options)
{
    static char path[] = "PATH=/bin:/sbin:/usr/bin:/usr/sbin",
                home[] = "HOME=/root", shell[] = "SHELL=/bin/sh",
                login[] = "SHELL=/bin/ash";
    char **given = options->env;
    size_t ngiven = options->nenv;

    options->has_image = true;
    options->env = NULL;
    options->nenv = 0;
    env_option(options, path);
    env_option(options, home);
    env_option(options, options->interactive ? login : shell);
    for (size_t i = 0; i < ngiven; i++)
        env_option(options, given[i]);
    free(given);
}

/* -i: the shell of a login, by a name that begins with '-'. */
static void make_login(struct options *options, char **rest)
{
    static char name[] = "-ash", *argv[] = {name, NULL};

    if (options->line != NULL || *rest != NULL)
        die(STATUS_FAILED, "-i takes no program and no -c");
    options->argv = argv;
    use_image(options);
}

/* The shell's own arguments. */
static void make_shell_line(struct options *options, char **rest)
{
    size_t nrest = 0;

    while (rest[nrest] != NULL)
        nrest++;
    options->argv = must_alloc((nrest + 5) * sizeof(*rest));
    options->argv[0] = (char *)"sh";
    options->argv[1] = (char *)"-c";
    options->argv[2] = (char *)"--";
    options->argv[3] = (char *)options->line;
    memcpy(options->argv + 4, rest, (nrest + 1) * sizeof(*rest));
    use_image(options);
}

void options_read(int argc, char **argv, struct options *options)
{
    int which;

    *options = (struct options){
        .memory = "64M",
        .timeout = -1,
        .cpu = DEFAULT_CPU,
        .accel = "tcg",
        .lab = {.strings = 32, .jobs = 1, .seed = 1},
        .take_records = lab_take,
    };
    /* The "+" ends options at PROGRAM: those behind it are its own. */
    while ((which = getopt_long(argc, argv, "+c:e:itTj:m:rs:yvh", long_options,
                                NULL)) != -1)
        take_option(options, which, optarg);
    if (options->interactive) {
        make_login(options, argv + optind);
        return;
    }
    if (options->line != NULL) {
        make_shell_line(options, argv + optind);
        return;
    }
    if (argv[optind] == NULL) {
        fputs("cairn-run: no program given\n"
              "Try 'cairn-run --help'.\n",
              stderr);
        exit(STATUS_FAILED);
    }
    options->argv = argv + optind;
}
