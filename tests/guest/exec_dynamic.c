/*
 * Programs that run anywhere, and programs with an interpreter: where they are
 * put, what they are told, what their memory holds, and what each fault of an
 * interpreter is answered with. The files are made here (small_elf.h).
 *
 * test: linux
 * test: name=norandom run="--norandom" args="norandom"
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "small_elf.h"
#include "tap.h"

#include <cairn/auxv.h>

#define FIXED          0x20000000u /* of programs that cannot run anywhere */
#define OTHER          0x30000000u
#define REFUSED(error) (1000 + (error))

static uint8_t bytes[SMALL_ROOM];
static struct small_said said;

static void write_file(const char *path, const void *data, size_t n,
                       mode_t mode)
{
    int fd;

    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || write(fd, data, n) != (ssize_t)n || fchmod(fd, mode) != 0)
        printf("# cannot write %s\n", path);
    close(fd);
}

static void write_elf(const char *path, const struct small_elf *elf,
                      const char *name)
{
    write_file(path, bytes, small_make(bytes, elf, name), 0755);
}

static void make(const char *path, uint32_t base, const char *interpreter)
{
    struct small_elf elf = small_headers(base, interpreter);

    write_elf(path, &elf, interpreter);
}

/* In the child: room above the stack for all that the program says. */
static _Noreturn void become(const char *path, int out, uid_t uid)
{
    static char room[2 * SMALL_SAID];
    char *argv[] = {"small", "word", NULL}, *envp[] = {room, NULL};

    memset(room, 'R', sizeof(room) - 1);
    if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
        _exit(1);
    dup2(out, 1);
    execve(path, argv, envp);
    out = errno;
    _exit(out + 100);
}

/*
 * Run the program: its exit status with `said` set, REFUSED(errno), or minus
 * the signal that ended it.
 */
static int run_as(const char *path, uid_t uid)
{
    int ends[2], status = -1;
    ssize_t n;
    pid_t pid;

    if (pipe(ends) != 0)
        return -1000;
    pid = fork();
    if (pid == 0)
        become(path, ends[1], uid);
    close(ends[1]);
    memset(&said, 0, sizeof(said));
    n = read(ends[0], &said, sizeof(said));
    close(ends[0]);
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        return -WTERMSIG(status);
    if (WEXITSTATUS(status) > 100)
        return REFUSED(WEXITSTATUS(status) - 100);
    return n == sizeof(said) ? WEXITSTATUS(status) : -2000;
}

static int run(const char *path)
{
    return run_as(path, 0);
}

/* The value of an entry of the auxiliary vector; 0xDEAD if there is none. */
static uint32_t aux(uint32_t type)
{
    uint32_t *word = said.stack, *end = said.stack + sizeof(said.stack) / 4;

    word += said.argc + 1;
    while (word < end && *word != 0)
        word++;
    for (word++; word + 1 < end && word[0] != AT_NULL; word += 2)
        if (word[0] == type)
            return word[1];
    return 0xDEAD;
}

static void check_memory(void)
{
    EQUAL(said.word, SMALL_WORD);
    EQUAL(said.zeros[0], 0);
    EQUAL(said.zeros[1], 0);
    EQUAL(said.argc, 2);
    EQUAL(said.dumpable, 1);
}

/* What a program at `base` is told of itself. */
static void check_program(uint32_t base, unsigned nphdrs)
{
    EQUAL(aux(AT_ENTRY), base + SMALL_ENTRY);
    EQUAL(aux(AT_PHDR), base + sizeof(struct small_header));
    EQUAL(aux(AT_PHENT), sizeof(struct small_segment));
    EQUAL(aux(AT_PHNUM), nphdrs);
    EQUAL(aux(AT_PAGESZ), 4096);
    EQUAL(aux(AT_SECURE), 0);
    EQUAL(aux(AT_CLKTCK), 100);
    CHECK(aux(AT_RANDOM) > aux(AT_PHDR));
    CHECK(aux(AT_EXECFN) > aux(AT_PLATFORM));
}

static void test_alone(void)
{
    make("fixed", FIXED, NULL);
    EQUAL(run("fixed"), SMALL_EXIT);
    EQUAL(said.entry, FIXED + SMALL_ENTRY);
    EQUAL(aux(AT_BASE), 0);
    check_program(FIXED, 3);
    check_memory();
    make("movable", 0, NULL);
    EQUAL(run("movable"), SMALL_EXIT);
    CHECK(said.entry >= 0x10000 + SMALL_ENTRY);
    EQUAL(said.entry % 4096, SMALL_ENTRY);
    EQUAL(aux(AT_BASE), 0);
    check_program(said.entry - SMALL_ENTRY, 3);
    check_memory();
}

/* Each kind of program by each kind of interpreter. */
static void test_interpreted(void)
{
    static const uint32_t bases[] = {FIXED, 0};

    for (int i = 0; i < 4; i++) {
        uint32_t base = bases[i / 2], interp = i % 2 == 0 ? 0 : OTHER;

        make("interp", interp, "/this/is/ignored");
        make("program", base, "interp");
        EQUAL(run("program"), SMALL_EXIT);
        if (base == 0)
            base = aux(AT_ENTRY) - SMALL_ENTRY;
        CHECK(base >= 0x10000);
        CHECK(said.entry != base + SMALL_ENTRY);
        EQUAL(aux(AT_BASE), interp == 0 ? said.entry - SMALL_ENTRY : 0);
        EQUAL(said.entry % 4096, SMALL_ENTRY);
        check_program(base, 4);
        check_memory();
    }
}

static bool is_random = true;

static void test_random(void)
{
    unsigned nprograms = 0, ninterps = 0, nboth = 0;
    uint32_t program = 0, interp = 0;

    make("interp", 0, NULL);
    make("program", 0, "interp");
    for (int i = 0; i < 9; i++) {
        EQUAL(run("program"), SMALL_EXIT);
        nprograms += i > 0 && program != aux(AT_ENTRY);
        ninterps += i > 0 && interp != aux(AT_BASE);
        nboth += aux(AT_ENTRY) - SMALL_ENTRY + SMALL_SPAN <= aux(AT_BASE) ||
                 aux(AT_BASE) + SMALL_SPAN <= aux(AT_ENTRY) - SMALL_ENTRY;
        program = aux(AT_ENTRY);
        interp = aux(AT_BASE);
    }
    EQUAL(nboth, 9);
    if (!is_random) {
        EQUAL(nprograms, 0);
        EQUAL(ninterps, 0);
    } else {
        CHECK(nprograms >= 5);
        CHECK(ninterps >= 5);
    }
}

/* A base that is a multiple of what the segments ask for. */
static void test_alignment(void)
{
    static const uint32_t aligns[] = {0x2000, 0x10000, 0x400000};
    struct small_elf elf = small_headers(0, "interp");

    make("interp", 0, NULL);
    for (int i = 0; i < 3; i++) {
        elf.segments[0].align = aligns[i];
        write_elf("program", &elf, "interp");
        EQUAL(run("program"), SMALL_EXIT);
        EQUAL((aux(AT_ENTRY) - SMALL_ENTRY) % aligns[i], 0);
    }
    if (!is_cairn())
        return; /* Linux does so for programs with an interpreter only */
    elf = small_headers(0, NULL);
    for (int i = 0; i < 3; i++) {
        elf.segments[0].align = aligns[i];
        write_elf("interp", &elf, NULL);
        EQUAL(run("program"), SMALL_EXIT);
        EQUAL((said.entry - SMALL_ENTRY) % aligns[i], 0);
    }
    elf.segments[0].align = 0x80000000;
    write_elf("interp", &elf, NULL);
    CHECK(run("program") == REFUSED(ENOMEM) || said.entry == 0x80000200);
    EQUAL(run("interp"), REFUSED(ENOMEM));
}

/* Two segments of one page: the upper one's rights are the page's. */
static void test_shared_page(void)
{
    struct small_elf elf = small_headers(FIXED, NULL);

    elf.segments[0].filesz = elf.segments[0].memsz = 0xF80;
    elf.segments[1] =
        (struct small_segment){1,    0xF80, FIXED + 0xF80, 0, 0x40,
                               0x40, 7,     0x1000};
    elf.segments[2] =
        (struct small_segment){1, 0, FIXED + 0x2000, 0, 0, 0x3000, 6, 0x1000};
    write_elf("program", &elf, NULL);
    EQUAL(run("program"), SMALL_EXIT);
    EQUAL(said.entry, FIXED + SMALL_ENTRY);
    EQUAL(said.word, 0);
}

/* ---- interpreters that are none ---- */

static int with(const char *interpreter)
{
    make("program", FIXED, interpreter);
    return run("program");
}

static void test_missing(void)
{
    char name[300];

    make("interp", 0, NULL);
    EQUAL(with("interp"), SMALL_EXIT);
    EQUAL(with("/no/such/ld.so"), REFUSED(ENOENT));
    EQUAL(with("interp/x"), REFUSED(ENOTDIR));
    EQUAL(with("."), REFUSED(EACCES));
    EQUAL(with("/dev/null"), REFUSED(EACCES));
    CHECK(symlink("loop", "loop") == 0);
    EQUAL(with("loop"), REFUSED(ELOOP));
    CHECK(symlink("interp", "link") == 0);
    EQUAL(with("link"), SMALL_EXIT);
    chmod("interp", 0644);
    EQUAL(with("interp"), REFUSED(EACCES));
    memset(name, 'n', sizeof(name));
    name[299] = '\0';
    EQUAL(with(name), REFUSED(ENAMETOOLONG));
}

static void test_bad_name(void)
{
    struct small_elf elf = small_headers(FIXED, "interp");
    static char name[4096];

    make("interp", 0, NULL);
    elf.segments[3].filesz--;
    write_elf("program", &elf, "interp");
    EQUAL(run("program"), REFUSED(ENOEXEC));
    elf.segments[3].filesz = 1;
    write_elf("program", &elf, "");
    EQUAL(run("program"), REFUSED(ENOEXEC));
    elf.segments[3].filesz = 0;
    write_elf("program", &elf, "");
    EQUAL(run("program"), REFUSED(ENOEXEC));
    memset(name, '/', sizeof(name));
    memcpy(name, ".", 1);
    memcpy(name + sizeof(name) - 7, "interp", 7);
    EQUAL(with(name), SMALL_EXIT);
    elf.segments[3].filesz = 4097;
    write_elf("program", &elf, name);
    EQUAL(run("program"), REFUSED(ENOEXEC));
}

static void test_bad_interpreter(void)
{
    struct small_elf elf = small_headers(0, NULL);
    static char text[200] = "#!/bin/sh\n";

    write_file("interp", text, sizeof(text), 0755);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    elf.header.machine = 62;
    elf.header.ident[4] = 2;
    write_elf("interp", &elf, NULL);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    elf = small_headers(0, NULL);
    elf.header.phentsize = 31;
    write_elf("interp", &elf, NULL);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    elf.header.phentsize = 32;
    elf.header.phnum = 0;
    write_elf("interp", &elf, NULL);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    if (!is_cairn())
        return; /* the rest kills the program on Linux, or it is EIO */
    write_file("interp", text, 0, 0755);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    write_file("interp", "\177ELF", 4, 0755);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    elf = small_headers(0, NULL);
    elf.header.type = 1;
    write_elf("interp", &elf, NULL);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    elf = small_headers(0, NULL);
    elf.header.entry = SMALL_DATA;
    write_elf("interp", &elf, NULL);
    EQUAL(with("interp"), REFUSED(ELIBBAD));
    elf = small_headers(0, NULL);
    elf.segments[1].memsz = 0xB0000000;
    write_elf("interp", &elf, NULL);
    EQUAL(with("interp"), REFUSED(ENOMEM));
    make("interp", FIXED + 0x4000, NULL); /* on the program's last page */
    EQUAL(with("interp"), REFUSED(ENOEXEC));
    make("interp", FIXED + 0x5000, NULL);
    EQUAL(with("interp"), SMALL_EXIT);
}

/* A busy file is no program, and none of its parts. */
static void test_busy(void)
{
    int fd;

    make("interp", 0, NULL);
    fd = open("interp", O_WRONLY);
    EQUAL(with("interp"), REFUSED(ETXTBSY));
    close(fd);
    EQUAL(with("interp"), SMALL_EXIT);
    fd = open("interp", O_WRONLY); /* not busy when its process has ended */
    CHECK(fd >= 0);
    close(fd);
}

/* What a user may not read makes a process that he may not look into. */
static void test_unreadable(void)
{
    if (getuid() != 0) {
        tap_skip("an interpreter that cannot be read", "not root");
        return;
    }
    chmod(".", 0755);
    make("interp", 0, NULL);
    make("program", 0, "interp");
    EQUAL(run_as("program", 1000), SMALL_EXIT);
    EQUAL(said.dumpable, 1);
    chmod("interp", 0711);
    EQUAL(run_as("program", 1000), SMALL_EXIT);
    CHECK(said.dumpable != 1);
    chmod("interp", 0700);
    EQUAL(run_as("program", 1000), REFUSED(EACCES));
}

int main(int argc, char **argv)
{
    static const char *const files[] = {"fixed",   "movable", "interp",
                                        "program", "loop",    "link"};

    is_random = argc < 2 || strcmp(argv[1], "norandom") != 0;
    scratch_enter("exec_dynamic");
    test_alone();
    test_interpreted();
    test_random();
    test_alignment();
    test_shared_page();
    test_missing();
    test_bad_name();
    test_bad_interpreter();
    test_busy();
    test_unreadable();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
