/*
 * Programs that are broken: some thousand mutants of four ELF files are
 * executed: small ones made here, a fixed one, one that runs anywhere and has
 * an interpreter, and that interpreter, whose every field gets every edge
 * value; and this program itself. Each either fails to be executed, with an
 * error that says so, or runs and ends somehow: then by itself, by a signal, or
 * by the alarm that it inherits. The kernel lives, whole programs still run
 * between the broken ones, and all frames come back.
 *
 * Code is not changed, only what is said about it: other code might call
 * anything, Cairn's own call included that makes memory fail. For the same
 * reason none of this runs on a host.
 *
 * test: timeout=200
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm_test.h"
#include "small_elf.h"

#define MUTANT      "/tmp/exec-mutant"
#define INTERP      "/tmp/exec-interp"  /* of the movable program */
#define PROGRAM     "/tmp/exec-program" /* whose interpreter is the mutant */
#define PAGE        4096u
#define EXIT_GOOD   7   /* what both programs exit with when they are whole */
#define EXIT_EXEC   100 /* plus the number of the error */
#define WHOLE_TRIES 20
#define ALARM_US    100000
#define BYTES_MAX   (512u * 1024)

/* What became of a mutant. */
enum { RAN, ENDED, SIGNALLED, REFUSED, NFATES };

static const char *const fate_names[NFATES] = {"ran as if whole",
                                               "ended otherwise",
                                               "ended by a signal", "refused"};

struct header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct program {
    const char *name;
    uint8_t *bytes;
    size_t nbytes;
};

static const uint8_t code[] = {0xB8, 1,         0, 0, 0, /* EAX: exit */
                               0xBB, EXIT_GOOD, 0, 0, 0, /* EBX */
                               0xCD, 0x80};

#define NSEGMENTS 4
#define CODE_AT   (sizeof(struct header) + NSEGMENTS * sizeof(struct segment))
#define DATA_AT   PAGE
#define DATA_SIZE 300u

static uint8_t small_bytes[DATA_AT + DATA_SIZE];
static uint8_t mutant[BYTES_MAX];
static size_t mutant_size;
static struct program small = {"small", small_bytes, sizeof(small_bytes)};
static struct program self = {"self", NULL, 0};
static uint8_t movable_bytes[SMALL_ROOM], interp_bytes[SMALL_ROOM];
static struct program movable = {"movable", movable_bytes, 0};
static struct program interp = {"interp", interp_bytes, 0};
static const char *run_path = MUTANT; /* what is executed */
static unsigned fates[NFATES];
static uint64_t state;

static uint32_t dice(uint32_t n)
{
    return (uint32_t)(tap_random(&state) % n);
}

/* ---- the programs ---- */

static void make_small(void)
{
    struct header header = {
        .ident = {0x7F, 'E', 'L', 'F', 1, 1, 1},
        .type = 2,
        .machine = 3,
        .version = 1,
        .entry = 0x08048000 + CODE_AT,
        .phoff = sizeof(header),
        .ehsize = sizeof(header),
        .phentsize = sizeof(struct segment),
        .phnum = NSEGMENTS,
    };
    struct segment segments[NSEGMENTS] = {
        {1, 0, 0x08048000, 0x08048000, CODE_AT + sizeof(code),
         CODE_AT + sizeof(code), 5, PAGE},
        {1, DATA_AT, 0x08049000, 0x08049000, DATA_SIZE, 5 * PAGE, 6, PAGE},
        {7, DATA_AT, 0x08049000, 0x08049000, 16, 32, 4, 4},
        {0x6474E551, 0, 0, 0, 0, 0, 6, 16},
    };

    memcpy(small_bytes, &header, sizeof(header));
    memcpy(small_bytes + sizeof(header), segments, sizeof(segments));
    memcpy(small_bytes + CODE_AT, code, sizeof(code));
    memset(small_bytes + DATA_AT, 0x5A, DATA_SIZE);
}

static bool read_self(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    struct stat st;
    bool good = fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= BYTES_MAX;

    if (good) {
        self.nbytes = (size_t)st.st_size;
        self.bytes = malloc(self.nbytes);
        good = self.bytes != NULL &&
               read(fd, self.bytes, self.nbytes) == (ssize_t)self.nbytes;
    }
    close(fd);
    return good;
}

static bool write_file(const char *path, const void *data, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    bool good = fd >= 0 && write(fd, data, n) == (ssize_t)n;

    return close(fd) == 0 && good;
}

/* A program with an interpreter, that, and one whose interpreter varies. */
static bool make_movable(void)
{
    static uint8_t bytes[SMALL_ROOM];
    struct small_elf elf = small_headers(0, MUTANT);
    size_t n = small_make(bytes, &elf, MUTANT);

    if (!write_file(PROGRAM, bytes, n))
        return false;
    elf = small_headers(0, INTERP);
    movable.nbytes = small_make(movable_bytes, &elf, INTERP);
    elf = small_headers(0, NULL);
    elf.header.phnum = NSEGMENTS; /* its fourth is as the movable one's */
    elf.segments[3].type = 4;
    interp.nbytes = small_make(interp_bytes, &elf, NULL);
    return write_file(INTERP, interp_bytes, interp.nbytes);
}

/* ---- one mutant ---- */

static bool write_mutant(void)
{
    return write_file(MUTANT, mutant, mutant_size);
}

/* In the child: silent, with the alarm set. */
static _Noreturn void become_mutant(void)
{
    static char name[] = "mutant", word[] = "whole";
    char *argv[] = {name, word, NULL}, *envp[] = {NULL};
    struct itimerval timer = {.it_value = {0, ALARM_US}};
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    close(null);
    setitimer(ITIMER_REAL, &timer, NULL);
    execve(run_path, argv, envp);
    _exit(EXIT_EXEC + errno);
}

static bool is_refusal(int error)
{
    return error == ENOEXEC || error == ENOMEM || error == EINVAL ||
           error == EACCES || error == ENOENT || error == E2BIG ||
           error == ELIBBAD || error == ENOTDIR || error == ENAMETOOLONG;
}

/* Writes, executes, and says what became of it; -1 if that may not be. */
static int execute(void)
{
    int status;
    pid_t pid;

    if (!write_mutant())
        return -1;
    pid = fork();
    if (pid == 0)
        become_mutant();
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -1;
    if (WIFSIGNALED(status))
        return SIGNALLED;
    if (WEXITSTATUS(status) == EXIT_GOOD)
        return RAN;
    if (WEXITSTATUS(status) < EXIT_EXEC)
        return ENDED;
    return is_refusal(WEXITSTATUS(status) - EXIT_EXEC) ? REFUSED : ENDED;
}

static void start_mutant(const struct program *program)
{
    memcpy(mutant, program->bytes, program->nbytes);
    mutant_size = program->nbytes;
}

/* Executes the mutant; what changed is told when something is wrong. */
static int try_mutant(const char *what, unsigned number, uint32_t value)
{
    int fate = execute();

    if (fate < 0)
        tap_fail(__FILE__, __LINE__, "%s %u, value %x: errno %d", what, number,
                 (unsigned)value, errno);
    else
        fates[fate]++;
    return fate;
}

/* On a busy host the alarm may be earlier than the end, but not each time. */
static void check_whole(const struct program *program)
{
    int fate = -1;

    start_mutant(program);
    for (int i = 0; i < WHOLE_TRIES && fate != RAN; i++)
        fate = execute();
    CHECK_EQ(fate, RAN);
}

/* ---- each field, each edge ---- */

/* Fields of the small program: 18 of its header, 8 of each segment. */
static unsigned field_list(unsigned at[], unsigned size[])
{
    static const unsigned sizes[] = {1, 1, 1, 1, 1, 1, 1, 2, 2, 4,
                                     4, 4, 4, 4, 2, 2, 2, 2, 2, 2};
    unsigned n = 0, offset = 0;

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        at[n] = offset;
        size[n++] = sizes[i];
        offset += offset == 6 ? 10 : sizes[i]; /* the rest of e_ident */
    }
    for (; offset < CODE_AT; offset += 4) {
        at[n] = offset;
        size[n++] = 4;
    }
    return n;
}

static uint32_t edge(unsigned i, uint32_t was)
{
    static const uint32_t edges[] = {
        0,
        1,
        2,
        3,
        0x1F,
        PAGE - 1,
        PAGE,
        0xFFFF,
        0x10000,
        0x08048FFF,
        0x08049000,
        0x7FFFFFFF,
        0x80000000,
        0xBFFFF000,
        0xBFFFFFFF,
        0xC0000000,
        0xFFFFF000,
        0xFFFFFFFF,
        DATA_AT + DATA_SIZE,
    };
    static const uint32_t steps[] = {1, -1u, 4, -4u, PAGE, -PAGE, 0x40000000};
    const unsigned nedges = sizeof(edges) / sizeof(edges[0]);

    return i < nedges ? edges[i] : was + steps[i - nedges];
}

#define NEDGES 26

static void put_field(unsigned at, unsigned size, unsigned i)
{
    uint32_t was = 0, value;

    memcpy(&was, mutant + at, size);
    value = edge(i, was);
    memcpy(mutant + at, &value, size);
}

static void test_fields(const struct program *program, const char *name)
{
    unsigned at[64], size[64], n = field_list(at, size);

    for (unsigned field = 0; field < n; field++) {
        for (unsigned i = 0; i < NEDGES; i++) {
            start_mutant(program);
            put_field(at[field], size[field], i);
            try_mutant("field at", at[field], i);
        }
        if (field % 8 == 0)
            check_whole(program);
    }
    tap_end(name);
}

/* ---- at random ---- */

static void change_segments(void)
{
    uint8_t *table = mutant + sizeof(struct header);
    struct segment one;

    memcpy(&one, table + dice(NSEGMENTS) * sizeof(one), sizeof(one));
    memcpy(table + dice(NSEGMENTS) * sizeof(one), &one, sizeof(one));
}

static void change(size_t nheaders)
{
    unsigned at[64], size[64], n = field_list(at, size), field = dice(n);

    switch (dice(6)) {
    case 0:
        mutant[dice(nheaders)] = (uint8_t)dice(256);
        break;
    case 1:
        mutant[dice(nheaders)] ^= (uint8_t)(1u << dice(8));
        break;
    case 2:
        change_segments();
        break;
    case 3:
        mutant_size = dice(2) ? dice(mutant_size + 1) : dice(600);
        break;
    default:
        put_field(at[field], size[field], dice(NEDGES));
    }
}

static void test_random(const struct program *program, unsigned count,
                        const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        start_mutant(program);
        for (unsigned n = 1 + dice(4); n > 0 && mutant_size >= CODE_AT; n--)
            change(CODE_AT);
        if (try_mutant(name, i, 0) < 0)
            break;
        if (i % 100 == 0)
            check_whole(program);
    }
    tap_end(name);
}

/* ---- frames ---- */

struct frames {
    unsigned user, tables, file, kernel;
};

static unsigned number_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    CHECK(at != NULL);
    return at ? (unsigned)strtoul(at + strlen(name), NULL, 10) : 0;
}

static struct frames read_frames(void)
{
    static char text[2048];
    struct frames frames;
    int fd = open("/proc/frames", O_RDONLY);
    ssize_t n = read(fd, text, sizeof(text) - 1);

    CHECK(n > 0);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    frames.user = number_of(text, "user:");
    frames.tables = number_of(text, "page table:");
    frames.file = number_of(text, "file:");
    frames.kernel = number_of(text, "kernel:");
    return frames;
}

/* Slabs and stacks may be kept for the next one, but few. */
static void test_frames(const struct frames *before)
{
    struct frames after = read_frames();

    CHECK_EQ(after.user, before->user);
    CHECK_EQ(after.tables, before->tables);
    CHECK_EQ(after.file, before->file);
    CHECK(after.kernel <= before->kernel + 32);
    tap_end("all frames are back");
}

/* The tests would say little if all mutants had one and the same fate. */
static void test_fates(void)
{
    unsigned total = 0;

    for (int i = 0; i < NFATES; i++) {
        printf("# %u %s\n", fates[i], fate_names[i]);
        total += fates[i];
    }
    printf("# %u mutants\n", total);
    CHECK(total >= 1000);
    CHECK(fates[RAN] >= 100);
    CHECK(fates[REFUSED] >= 300);
    CHECK(fates[SIGNALLED] >= 10);
    tap_end("some ran, some were refused, some ended by a signal");
}

int main(int argc, char **argv)
{
    bool is_long = getenv("TEST_LONG") != NULL;
    struct frames before;

    if (argc > 1 && strcmp(argv[1], "whole") == 0)
        return EXIT_GOOD;
    if (!tap_on_cairn()) {
        tap_skip("mutants", "they may do anything to a host");
        return tap_done();
    }
    state = tap_seed(3);
    make_small();
    CHECK(read_self());
    CHECK(make_movable());
    check_whole(&small);
    check_whole(&self);
    check_whole(&movable);
    unlink(MUTANT);
    tap_end("whole programs run");
    before = read_frames();
    test_fields(&small, "each field of the headers with each edge value");
    test_fields(&movable, "each field of a program with an interpreter");
    test_random(&movable, is_long ? 20000 : 500,
                "random changes of a program with an interpreter");
    run_path = PROGRAM;
    test_fields(&interp, "each field of an interpreter");
    test_random(&interp, is_long ? 20000 : 500,
                "random changes of an interpreter");
    run_path = MUTANT;
    test_random(&small, is_long ? 20000 : 1000,
                "random changes of a small one");
    test_random(&self, is_long ? 5000 : 500, "random changes of this one");
    CHECK_EQ(unlink(MUTANT), 0);
    test_frames(&before);
    unlink(PROGRAM);
    unlink(INTERP);
    test_fates();
    return tap_done();
}
