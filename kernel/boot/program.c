/*
 * Starting the first program: streams, working directory, arguments, address
 * space, and a thread that enters user mode.
 */
#include "boot/program.h"

#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include <cairn/resource.h>

#include "arch/i386/latency.h"
#include "arch/i386/layout.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "boot/options.h"
#include "dev/channel.h"
#include "dev/console.h"
#include "dev/terminal.h"
#include "dev/tty.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/inject.h"
#include "proc/exec.h"
#include "proc/process.h"
#include "proc/runfile.h"

static int add_strings(struct exec_args *args, char *const *strings,
                       bool is_env)
{
    for (; *strings; strings++) {
        int error = exec_args_add(args, *strings, is_env);

        if (error)
            return error;
    }
    return 0;
}

/*
 * fail= and failcopy=: as if the program's first deed were the call inject. It
 * is counted for all processes, and ends with this one.
 */
static void arm_injector(void)
{
    if (!boot_options.fails)
        return;
    current_process()->injects = true;
    ucopy_fail_in = boot_options.fail_copy;
    inject_arm(boot_options.fail_nth, boot_options.fail_on);
}

/* The program's thread starts here, in the kernel. */
static void enter_program(void *arg)
{
    const struct exec_image *image = arg;

    exec_set_registers(image);
    arm_injector();
    latency_start();
    trap_return(context_trapframe(&current->context));
}

/* All streams that are the terminal are one file of it. */
static int open_stream(const struct program *program, int which,
                       struct file **terminal, struct file **out)
{
    int error = 0;

    if (!program->on_channel)
        return console_open(out);
    if (!terminal_is_stream(which))
        return channel_open(which, out);
    if (*terminal == NULL)
        error = terminal_open(terminal);
    if (error == 0)
        *out = file_get(*terminal);
    return error;
}

/* A file instead of the channel's stdin. */
static int open_input(const struct process *p, const char *path,
                      struct file **out)
{
    struct fs_caller caller = {p->parent->fs, &p->creds};

    return path_open(&caller, NULL, path, O_RDONLY, 0, out);
}

static int open_streams(const struct program *program, const struct process *p)
{
    struct fdtable *files = p->files;
    struct file *terminal = NULL;
    int error = 0;

    for (int fd = 0; fd < 3 && error >= 0; fd++) {
        struct file *file;

        if (fd == 0 && program->input)
            error = open_input(p, program->input, &file);
        else
            error = open_stream(program, fd, &terminal, &file);
        if (error == 0)
            error = fdtable_add(files, file, FDTABLE_MAX, false);
    }
    if (terminal != NULL)
        file_put(terminal);
    return error < 0 ? error : 0;
}

static int change_directory(struct process *p, const char *path)
{
    struct fs_caller caller = {p->fs, &p->creds};
    struct dentry *place;
    int error = path_lookup(&caller, NULL, path, PATH_DIRECTORY, &place);

    if (error)
        return error;
    dentry_put(p->fs->cwd);
    p->fs->cwd = place;
    return 0;
}

static void set_limit(struct process *p, int which, uint64_t limit)
{
    if (limit == RUNFILE_NO_LIMIT)
        return;
    p->limits[which].cur = p->limits[which].max = limit;
    process_cap_limit((unsigned)which, limit);
}

static void set_limits(struct process *p, const struct program *program)
{
    set_limit(p, RLIMIT_DATA, program->data);
    set_limit(p, RLIMIT_AS, program->as);
    set_limit(p, RLIMIT_STACK, program->stack);
}

/* Fill the new process: files, working directory, address space. */
static int load_program(struct process *p, const struct program *program,
                        struct exec_image *image)
{
    struct space_limits limits = process_space_limits(p);
    struct fs_caller caller;
    struct exec_args args;
    struct file *file;
    bool readable;
    int error;

    exec_args_init(&args, limits.stack);
    error = signal_handlers_create(&p->handlers);
    if (!error)
        error = fdtable_create(&p->files);
    if (!error)
        error = open_streams(program, p);
    if (!error)
        error = program->on_channel ? terminal_begin(p->parent, p)
                                    : tty_set_session(console_tty(), p);
    if (!error)
        error = fs_context_create(&p->fs);
    if (!error && program->cwd)
        error = change_directory(p, program->cwd);
    if (error)
        return error;
    caller = (struct fs_caller){p->fs, &p->creds};
    error = path_open_program(&caller, program->path, &readable, &file);
    if (error)
        return error;
    error = add_strings(&args, program->argv, false);
    if (!error)
        error = add_strings(&args, program->envp, true);
    if (!error)
        error =
            exec_load(file, program->path, &args, &p->creds, &limits, image);
    if (!error && inode_deny_write(file->inode) == 0)
        process_set_exe(p, file);
    file_put(file);
    exec_args_free(&args);
    return error;
}

int program_start(struct process *init, const struct program *program,
                  struct process **out)
{
    static struct exec_image image; /* read by the new thread */
    struct process *p;
    int error = process_create(init, enter_program, &image, &p);

    if (error)
        return error;
    process_change_group(p, p->pid, p->pid);
    set_limits(p, program);
    error = load_program(p, program, &image);
    if (error) {
        process_abandon(p);
        return error;
    }
    process_set_name(p, program->path);
    process_set_space(p, image.space);
    p->arg_start = image.arg_start;
    p->arg_end = image.arg_end;
    p->env_start = image.env_start;
    p->env_end = image.env_end;
    if (!program->on_channel)
        process_deputy = p;
    thread_wake(process_thread(p));
    *out = p;
    return 0;
}

/* ---- from the command line ---- */

static const char *find_program(struct process *init)
{
    static const char *const usual[] = {"/sbin/init", "/bin/init", "/bin/tour"};
    struct fs_caller caller = {init->fs, &init->creds};
    struct file *file;
    bool readable;

    if (boot_options.init)
        return boot_options.init;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (path_open_program(&caller, usual[i], &readable, &file) == 0) {
            file_put(file);
            return usual[i];
        }
    }
    return usual[0];
}

void program_from_options(struct process *init, struct program *program)
{
    static char *argv[2], *envp[OPTIONS_MAX_ENV + 4];
    static char path[] = "PATH=/bin:/sbin:/usr/bin", home[] = "HOME=/",
                term[] = "TERM=linux";
    unsigned n = 0;

    envp[n++] = path;
    envp[n++] = home;
    envp[n++] = term;
    for (unsigned i = 0; i < boot_options.nenv; i++)
        envp[n++] = (char *)(uintptr_t)boot_options.env[i];
    *program = (struct program){.path = find_program(init),
                                .argv = argv,
                                .envp = envp,
                                .data = RUNFILE_NO_LIMIT,
                                .as = RUNFILE_NO_LIMIT,
                                .stack = RUNFILE_NO_LIMIT};
    argv[0] = (char *)(uintptr_t)program->path;
}
