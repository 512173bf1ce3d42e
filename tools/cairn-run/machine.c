/*
 * tools/cairn-run/machine.c - QEMU: its command line, its start and its end
 *
 * Everything that QEMU reads is handed over as an open descriptor, by the name
 * /proc/self/fd/N: no file name of the user's ever stands on its command line,
 * where blanks and commas have a meaning, and nothing is left on disk. The two
 * sockets are inherited the same way.
 *
 * QEMU gets a process group of its own, so that ^C on the terminal reaches
 * only cairn-run, and the signal that its parent's death sends.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS 64

/* Bytes of QEMU's messages that are kept; the guest can provoke some. */
#define MAX_MESSAGES (256 * 1024)

/*
 * QEMU's own filter of system calls: no programs, no other user, no calls that
 * it has no use for.
 */
#define SANDBOX                                           \
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny," \
    "resourcecontrol=deny"

struct command {
    char *argv[MAX_ARGS + 1];
    size_t n;
    int inherit[10]; /* descriptors that QEMU keeps */
    size_t ninherit;
};

/* Adds words to the command, up to a NULL. */
__attribute__((sentinel)) static void add(struct command *command, ...)
{
    va_list ap;
    char *word;

    va_start(ap, command);
    while ((word = va_arg(ap, char *)) != NULL && command->n < MAX_ARGS)
        command->argv[command->n++] = word;
    va_end(ap);
    command->argv[command->n] = NULL;
}

static int inherit(struct command *command, int fd)
{
    command->inherit[command->ninherit++] = fd;
    return fd;
}

/* ---- what QEMU reads ---- */

static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    return fd;
}

char *kernel_find(void)
{
    const char *other = getenv("CAIRN_KERNEL");

    if (other != NULL && *other != '\0')
        return format("%s", other);
    return install_find("usr/lib/cairn/cairn.elf", "kernel/cairn.elf");
}

static char *kernel_options(const struct options *options)
{
    return format("%s%s%s", options->norandom ? "norandom" : "",
                  options->norandom && options->append != NULL ? " " : "",
                  options->append != NULL ? options->append : "");
}

static void add_direct(struct command *command, const struct options *options,
                       int image)
{
    int kernel = inherit(command, open_file(kernel_find()));

    inherit(command, image);
    add(command, "-kernel", format("/proc/self/fd/%d", kernel), "-initrd",
        format("/proc/self/fd/%d", image), "-append", kernel_options(options),
        NULL);
}

/* Runs a command, its output on stderr; exits if it fails. */
static void run(char **argv)
{
    int status, pid = fork();

    if (pid == 0) {
        dup2(2, 1);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
        die(STATUS_FAILED, "%s has failed", argv[0]);
}

/*
 * An ISO in a private folder, which is gone again before QEMU starts: what
 * counts is the open descriptor.
 */
static int make_iso(const struct options *options, int image)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = format("%s/cairn-run.XXXXXX",
                       tmp != NULL && *tmp == '/' ? tmp : "/tmp");
    char *iso;
    int fd;

    if (mkdtemp(dir) == NULL)
        die(STATUS_FAILED, "%s: %s", dir, strerror(errno));
    iso = format("%s/cairn.iso", dir);
    run((char *[]){
        install_find("usr/lib/cairn/mkiso.sh", "../tools/mkiso.sh"), iso,
        install_find("usr/lib/cairn/eltorito.img", "iso/eltorito.img"),
        kernel_find(), format("/proc/%d/fd/%d", (int)getpid(), image),
        kernel_options(options), NULL});
    fd = open_file(iso);
    unlink(iso);
    rmdir(dir);
    return fd;
}

static void add_grub(struct command *command, const struct options *options,
                     int image)
{
    int iso = inherit(command, make_iso(options, image));

    add(command, "-boot", "d", "-drive",
        format("file=/proc/self/fd/%d,format=raw,media=cdrom,readonly=on", iso),
        NULL);
}

static void add_debugger(struct command *command, const struct options *options)
{
    int port = debugger_prepare(options, kernel_find());

    add(command, "-S", "-gdb", format("tcp:127.0.0.1:%d", port), NULL);
}

/* ---- the command ---- */

/* A machine whose run depends on nothing of the host but the seed. */
static void add_icount(struct command *command, const struct options *options)
{
    add(command, "-icount", "shift=0,align=off,sleep=off", "-seed",
        format("%lu", options->lab.seed), "-rtc",
        "base=2026-01-01T00:00:00,clock=vm", "-global",
        "virtio-serial-pci.ioeventfd=off", NULL);
}

static void add_profile(struct command *command, const struct options *options)
{
    int plugin, memory;
    char *words = profile_prepare(options, &plugin, &memory);

    add(command, "-plugin",
        format("file=/proc/self/fd/%d,data=%d,%s", inherit(command, plugin),
               inherit(command, memory), words),
        NULL);
    free(words);
}

static void add_channel(struct command *command, int channel, int log)
{
    add(command, "-chardev",
        format("socket,id=log,fd=%d", inherit(command, log)), "-device",
        "isa-debugcon,iobase=0xe9,chardev=log", "-chardev",
        format("socket,id=run,fd=%d", inherit(command, channel)), "-device",
        "virtio-serial-pci,max_ports=2", "-device",
        "virtserialport,chardev=run,name=org.cairn.run", NULL);
}

/* A PC with nothing that Cairn does not use: no devices but those named. */
static void make_command(struct command *command, const struct options *options,
                         int image, int channel, int log)
{
    const char *qemu = getenv("QEMU");

    add(command, qemu != NULL && *qemu != '\0' ? qemu : "qemu-system-i386",
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-machine",
        format("pc,accel=%s,usb=off,vmport=off,dump-guest-core=off",
               options->accel),
        "-cpu", options->cpu, "-m", options->memory, "-device",
        "isa-debug-exit,iobase=0xf4,iosize=1", NULL);
    add_channel(command, channel, log);
    if (options->lab.icount)
        add_icount(command, options);
    if (options->lab.profile != NULL)
        add_profile(command, options);
    if (options->grub)
        add_grub(command, options, image);
    else
        add_direct(command, options, image);
    if (options->gdb != GDB_NONE)
        add_debugger(command, options);
}

static void show_command(const struct command *command)
{
    for (size_t i = 0; i < command->n; i++) {
        bool quote = command->argv[i][0] == '\0' ||
                     strpbrk(command->argv[i], " \t\n'\"\\$`*?<>|&;()") != NULL;

        fprintf(stderr, quote ? "%s'%s'" : "%s%s", i > 0 ? " " : "",
                command->argv[i]);
    }
    fputc('\n', stderr);
}

/* ---- start and end ---- */

/* In the child: become QEMU, never to outlive the parent. */
static _Noreturn void become(const struct command *command, int parent,
                             int messages)
{
    static const struct rlimit no_core = {0, 0};
    int null = open("/dev/null", O_RDWR);
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    /* The parent may have died before the line above took effect. */
    if (getppid() != parent)
        _exit(STATUS_FAILED);
    setpgid(0, 0);
    setrlimit(RLIMIT_CORE, &no_core);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; i < command->ninherit; i++)
        fcntl(command->inherit[i], F_SETFD, 0);
    dup2(null, 0);
    dup2(messages, 1);
    dup2(messages, 2);
    execvp(command->argv[0], command->argv);
    dprintf(2, "%s: %s\n", command->argv[0], strerror(errno));
    _exit(STATUS_NOT_FOUND);
}

static void make_sockets(int pair[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        die(STATUS_FAILED, "no socket: %s", strerror(errno));
}

/* Output is taken at once, so that the guest never waits for a reader. */
static void widen(int fd)
{
    int nbytes = 64 * 1024 * 1024;

    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &nbytes, sizeof(nbytes)) !=
        0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &nbytes, sizeof(nbytes));
}

/* A file for messages that cannot grow: what has no room is lost. */
static int make_messages(void)
{
    int fd = memfd_create("cairn-messages", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0 || ftruncate(fd, MAX_MESSAGES) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0)
        die(STATUS_FAILED, "no memory for messages: %s", strerror(errno));
    return fd;
}

void machine_start(struct machine *machine, const struct options *options,
                   int image, bool sandbox)
{
    struct command command = {0};
    int channel[2], log[2];
    int parent = getpid();

    make_sockets(channel);
    if (options->lab.icount)
        widen(channel[1]);
    make_sockets(log);
    machine->channel = channel[0];
    machine->log = log[0];
    machine->messages = make_messages();
    make_command(&command, options, image, channel[1], log[1]);
    if (sandbox)
        add(&command, "-sandbox", SANDBOX, NULL);
    if (options->verbose)
        show_command(&command);
    machine->pid = fork();
    if (machine->pid == 0)
        become(&command, parent, machine->messages);
    if (machine->pid < 0)
        die(STATUS_FAILED, "no process: %s", strerror(errno));
    for (size_t i = 0; i < command.ninherit; i++)
        if (command.inherit[i] != image)
            close(command.inherit[i]);
}

char *machine_messages(const struct machine *machine)
{
    off_t length = lseek(machine->messages, 0, SEEK_CUR);
    char *text = must_alloc((size_t)length + 1);
    ssize_t n = pread(machine->messages, text, (size_t)length, 0);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* Such a QEMU names the option that it does not know. */
bool machine_lacks_sandbox(const struct machine *machine)
{
    char *text = machine_messages(machine);
    bool lacks = strstr(text, "sandbox") != NULL;

    free(text);
    return lacks;
}

void machine_kill(struct machine *machine)
{
    if (machine->pid == 0)
        return;
    kill(machine->pid, SIGKILL);
    while (waitpid(machine->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    machine->pid = 0;
}
