/*
 * tools/cairn-run/debugger.c - gdb for the program
 *
 * QEMU waits for a debugger before the machine's first instruction. If there is
 * a terminal and a gdb, that is started here, has the terminal, and stops in
 * the program's main; else the command to attach one is shown. The program's
 * symbols are gdb's own; of the kernel's one is told, the function that it
 * calls when a signal ends a program: cairn.gdb stops there.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include <arpa/inet.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_FUNCTION "signal_ends_program"

static pid_t debugger;

/* ---- the kernel's symbol ---- */

/* Find a function in the symbol table of a mapped ELF file; 0: not there. */
static uint32_t find_function(const unsigned char *bytes, size_t nbytes,
                              const char *name)
{
    const Elf32_Ehdr *header = (const void *)bytes;
    const Elf32_Shdr *sections = (const void *)(bytes + header->e_shoff);

    if (header->e_shentsize != sizeof(*sections) || header->e_shoff > nbytes ||
        header->e_shnum > (nbytes - header->e_shoff) / sizeof(*sections))
        return 0;
    for (unsigned i = 0; i < header->e_shnum; i++) {
        const Elf32_Shdr *table = &sections[i], *strings;
        const Elf32_Sym *symbols = (const void *)(bytes + table->sh_offset);

        if (table->sh_type != SHT_SYMTAB || table->sh_link >= header->e_shnum ||
            table->sh_offset > nbytes ||
            table->sh_size > nbytes - table->sh_offset)
            continue;
        strings = &sections[table->sh_link];
        for (uint32_t n = 0; n < table->sh_size / sizeof(*symbols); n++) {
            uint32_t at = strings->sh_offset + symbols[n].st_name;

            if (at < nbytes && nbytes - at > strlen(name) &&
                strcmp((const char *)bytes + at, name) == 0)
                return symbols[n].st_value;
        }
    }
    return 0;
}

static uint32_t stop_address(const char *kernel)
{
    int fd = open(kernel, O_RDONLY | O_CLOEXEC);
    uint32_t address = 0;
    struct stat st;
    void *bytes;

    if (fd < 0 || fstat(fd, &st) != 0 ||
        st.st_size < (off_t)sizeof(Elf32_Ehdr) || st.st_size > 0x7fffffff)
        return 0;
    /* A copy of its own, whose last byte ends every string. */
    bytes = mmap(NULL, (size_t)st.st_size + 1, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes != MAP_FAILED &&
        read(fd, bytes, (size_t)st.st_size) == (ssize_t)st.st_size)
        address = find_function(bytes, (size_t)st.st_size, STOP_FUNCTION);
    close(fd);
    return address;
}

/* ---- gdb's command ---- */

/* A port that is free now. */
static int free_port(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        die(STATUS_FAILED, "no port for the debugger: %s", strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

enum { MAX_WORDS = 24 };

/* What gdb is started with, whoever starts it. */
static void make_command(char **argv, const char *gdb,
                         const struct options *options, const char *kernel,
                         int port)
{
    uint32_t stop = stop_address(kernel);
    char *script =
        install_look("usr/lib/cairn/cairn.gdb", "../tools/cairn-run/cairn.gdb");
    size_t n = 0;

    argv[n++] = format("%s", gdb);
    argv[n++] = format("-q");
    argv[n++] = format("-ex");
    argv[n++] = format("target remote localhost:%d", port);
    if (stop != 0 && script != NULL) {
        argv[n++] = format("-ex");
        argv[n++] = format("set $cairn_end = 0x%x", stop);
        argv[n++] = format("-x");
        argv[n++] = script;
    }
    if (!options->has_image) {
        char *program = image_program(options->argv[0]);

        argv[n++] = format("-ex");
        argv[n++] = format("tbreak main");
        argv[n++] = format("-ex");
        argv[n++] = format("continue");
        argv[n++] = program;
    }
    argv[n] = NULL;
}

static void show_command(char **argv)
{
    fprintf(stderr, "cairn-run: waiting for a debugger; type\n    ");
    for (size_t i = 0; argv[i] != NULL; i++)
        fprintf(stderr, strpbrk(argv[i], " $'") != NULL ? "%s'%s'" : "%s%s",
                i > 0 ? " " : "", argv[i]);
    fputc('\n', stderr);
}

/* ---- starting it ---- */

static bool is_in_path(const char *name)
{
    const char *path = getenv("PATH");

    if (strchr(name, '/') != NULL)
        return access(name, X_OK) == 0;
    while (path != NULL && *path != '\0') {
        size_t n = strcspn(path, ":");
        char *file = format("%.*s/%s", (int)n, path, name);
        bool found = n > 0 && access(file, X_OK) == 0;

        free(file);
        if (found)
            return true;
        path += n + (path[n] == ':');
    }
    return false;
}

static const char *find_gdb(void)
{
    const char *gdb = getenv("GDB");

    if (gdb != NULL && *gdb != '\0')
        return gdb;
    if (is_in_path("gdb"))
        return "gdb";
    return is_in_path("gdb-multiarch") ? "gdb-multiarch" : NULL;
}

/*
 * Keys are gdb's: ^C interrupts the program by it and must not end us. A stdin
 * that is the terminal is empty for the program.
 */
static void start(char **argv, int terminal)
{
    if (isatty(0)) {
        int null = open("/dev/null", O_RDONLY);

        dup2(null, 0);
        close(null);
    }
    debugger = fork();
    if (debugger == 0) {
        for (int fd = 0; fd < 3; fd++)
            dup2(terminal, fd);
        execvp(argv[0], argv);
        fprintf(stderr, "cairn-run: %s: %s\n", argv[0], strerror(errno));
        _exit(STATUS_FAILED);
    }
    if (debugger < 0)
        die(STATUS_FAILED, "no process: %s", strerror(errno));
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
}

/* gdb for the kernel, with the commands of cairn-gdb.py. */
static void show_kernel_command(const struct options *options,
                                const char *kernel, int port)
{
    fprintf(stderr,
            "cairn-run: waiting for a debugger; type\n"
            "    gdb -x %s -ex 'target remote localhost:%d' %s\n",
            install_find("usr/lib/cairn/cairn-gdb.py", "../tools/cairn-gdb.py"),
            port, kernel);
    if (!options->has_image)
        fprintf(stderr,
                "and there, for the program's own symbols,\n"
                "    add-symbol-file %s\n",
                options->argv[0]);
}

int debugger_prepare(const struct options *options, const char *kernel)
{
    int terminal, port = free_port();
    const char *gdb = find_gdb();
    char *argv[MAX_WORDS];

    if (options->gdb == GDB_KERNEL) {
        show_kernel_command(options, kernel, port);
        return port;
    }
    terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    make_command(argv, gdb != NULL ? gdb : "gdb", options, kernel, port);
    if (terminal < 0 || gdb == NULL || options->gdb == GDB_WAIT)
        show_command(argv);
    else
        start(argv, terminal);
    if (terminal >= 0)
        close(terminal);
    return port;
}

bool debugger_end(int *status)
{
    if (debugger <= 0)
        return false;
    while (waitpid(debugger, status, 0) < 0 && errno == EINTR)
        ;
    debugger = 0;
    return true;
}
