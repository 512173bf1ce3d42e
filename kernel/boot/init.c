/*
 * Pid 1.
 *
 * It is a kernel thread with a process of its own: parent of the first program
 * and of all orphans. It opens the standard streams, starts the program, reaps
 * whatever ends, and when the program itself has ended checks that all memory
 * has come back and switches the machine off.
 */
#include "boot/init.h"

#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include <cairn/resource.h>

#include "arch/i386/layout.h"
#include "arch/i386/paging.h"
#include "arch/i386/trap.h"
#include "boot/options.h"
#include "boot/request.h"
#include "dev/channel.h"
#include "dev/console.h"
#include "dev/poweroff.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "proc/exec.h"
#include "proc/process.h"
#include "sched/kstack.h"

/* Statuses from here on mean something else to who started the machine. */
#define MACHINE_STATUS_END 124

/* What the first program is and gets. */
struct program {
    const char *path;
    const char *cwd; /* NULL: / */
    char **argv;     /* NULL-terminated; argv[0] may differ from path */
    char **envp;     /* NULL-terminated */
    bool on_channel; /* its streams are cairn-run's, else the console */
    uint64_t data, as, stack; /* limits, or RUNFILE_NO_LIMIT */
};

/* Counts that must be the same before and after a program. */
struct balance {
    size_t user, tables, charged;
    size_t spaces;
};

static struct balance before;
static struct process *init_process;

/* ---- the first program ---- */

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

/* The program's thread starts here, in the kernel. */
static void enter_program(void *arg)
{
    const struct exec_image *image = arg;
    struct trapframe *tf = context_trapframe(&current->context);

    memset(tf, 0, sizeof(*tf));
    tf->eip = image->entry;
    tf->esp = image->esp;
    tf->cs = SEL_UCODE;
    tf->ss = tf->ds = tf->es = SEL_UDATA;
    tf->eflags = FLAG_ONE | FLAG_IF;
    trap_return(tf);
}

static int open_stream(const struct program *program, int which,
                       struct file **out)
{
    return program->on_channel ? channel_open(which, out) : console_open(out);
}

static int open_streams(const struct program *program, struct fdtable *files)
{
    for (int fd = 0; fd < 3; fd++) {
        struct file *file;
        int error = open_stream(program, fd, &file);

        if (error)
            return error;
        error = fdtable_add(files, file, FDTABLE_MAX, false);
        if (error < 0)
            return error;
    }
    return 0;
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
    if (limit != RUNFILE_NO_LIMIT)
        p->limits[which].cur = p->limits[which].max = limit;
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
    int error;

    exec_args_init(&args);
    error = signal_handlers_create(&p->handlers);
    if (!error)
        error = fdtable_create(&p->files);
    if (!error)
        error = open_streams(program, p->files);
    if (!error)
        error = fs_context_create(&p->fs);
    if (!error && program->cwd)
        error = change_directory(p, program->cwd);
    if (error)
        return error;
    caller = (struct fs_caller){p->fs, &p->creds};
    error = exec_open(&caller, program->path, &file);
    if (error)
        return error;
    error = add_strings(&args, program->argv, false);
    if (!error)
        error = add_strings(&args, program->envp, true);
    if (!error)
        error =
            exec_load(file, program->path, &args, &p->creds, &limits, image);
    file_put(file);
    exec_args_free(&args);
    return error;
}

/* Start the program as a child: its process, or NULL with the error. */
static struct process *start(const struct program *program, int *error)
{
    static struct exec_image image;
    struct process *p;

    *error = process_create(init_process, enter_program, &image, &p);
    if (*error)
        return NULL;
    p->pgid = p->sid = p->pid;
    set_limits(p, program);
    *error = load_program(p, program, &image);
    if (*error) {
        process_abandon(p);
        return NULL;
    }
    process_set_name(p, program->path);
    process_set_space(p, image.space);
    p->arg_start = image.arg_start;
    p->arg_end = image.arg_end;
    p->env_start = image.env_start;
    p->env_end = image.env_end;
    thread_wake(process_thread(p));
    return p;
}

/* Reap children until `pid` is among them; its wait status. */
static int wait_for(int pid)
{
    for (;;) {
        struct process *zombie = process_find_zombie(init_process);
        int ended, status;

        if (!zombie) {
            waitq_wait(&init_process->child_event);
            continue;
        }
        ended = zombie->pid;
        status = zombie->wait_status;
        process_reap(zombie);
        if (ended == pid)
            return status;
    }
}

/* ---- balance ---- */

static void take_balance(struct balance *b)
{
    struct commit_state commit;

    kstack_shrink();
    kmalloc_shrink();
    commit_read(&commit);
    b->user = frame_count(FRAME_USER);
    b->tables = frame_count(FRAME_PAGETABLE);
    space_total_charges(&b->spaces, &b->charged);
    b->spaces += b->charged;
    b->charged = commit.charged;
}

static bool expect(const char *what, size_t was, size_t is)
{
    if (was == is)
        return true;
    klog(LOG_ERR, "leak: %s: %zu before, %zu after", what, was, is);
    return false;
}

static bool expect_sound(const char *room, const char *broken)
{
    if (!broken)
        return true;
    klog(LOG_ERR, "check: %s: %s", room, broken);
    return false;
}

/* Compare with the counts before the program, and walk everything. */
static bool check_balance(void)
{
    struct balance after;
    bool good = true;

    take_balance(&after);
    good &= expect("user frames", before.user, after.user);
    good &= expect("page tables", before.tables, after.tables);
    good &= expect("charges of address spaces", before.spaces, after.spaces);
    good &= expect_sound("frames", frame_check());
    good &= expect_sound("slabs", kmalloc_check());
    good &= expect_sound("commit", commit_check());
    good &= expect_sound("kernel pages", paging_check());
    return good;
}

/* Make what the first address space brings and nobody gives back. */
static void warm_up(void)
{
    struct space *space;

    if (space_create(&space) == 0)
        space_put(space);
}

/* ---- pid 1 ---- */

/* What a shell would report: 128 + signal, or the exit code. */
static int shell_status(int wait_status)
{
    int signo = wait_status & 0x7F;

    return signo ? 128 + signo : (wait_status >> 8) & 0xFF;
}

static const char *find_program(void)
{
    static const char *const usual[] = {"/sbin/init", "/bin/init", "/bin/tour"};
    struct fs_caller caller;
    struct file *file;

    if (boot_options.init)
        return boot_options.init;
    caller = (struct fs_caller){init_process->fs, &init_process->creds};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (exec_open(&caller, usual[i], &file) == 0) {
            file_put(file);
            return usual[i];
        }
    }
    return usual[0];
}

static void make_environment(char **envp)
{
    static char path[] = "PATH=/bin:/sbin:/usr/bin", home[] = "HOME=/",
                term[] = "TERM=linux";
    unsigned n = 0;

    envp[n++] = path;
    envp[n++] = home;
    envp[n++] = term;
    for (unsigned i = 0; i < boot_options.nenv; i++)
        envp[n++] = (char *)(uintptr_t)boot_options.env[i];
    envp[n] = NULL;
}

static void run_first_program(void)
{
    static char *argv[2], *envp[OPTIONS_MAX_ENV + 4];
    struct program program = {
        .argv = argv,
        .envp = envp,
        .data = RUNFILE_NO_LIMIT,
        .as = RUNFILE_NO_LIMIT,
        .stack = RUNFILE_NO_LIMIT,
    };
    struct process *p;
    int error, status;

    program.path = find_program();
    argv[0] = (char *)(uintptr_t)program.path;
    make_environment(envp);
    warm_up();
    take_balance(&before);
    p = start(&program, &error);
    if (!p) {
        klog(LOG_EMERG, "Cairn cannot start %s: error %d", program.path,
             -error);
        machine_stop(POWEROFF_PANIC);
    }
    status = shell_status(wait_for(p->pid));
    klog(LOG_INFO, "init: %s ended with status %d", program.path, status);
    if (!check_balance() && boot_options.leakcheck)
        machine_poweroff(POWEROFF_PANIC);
    machine_poweroff(status < MACHINE_STATUS_END ? status : 1);
}

/* Run what cairn-run asks for; *wait_status as wait4 has it. 0 or -errno. */
static int run_request(int *wait_status)
{
    struct fs_caller caller = {init_process->fs, &init_process->creds};
    struct request request;
    struct process *p;
    int error = request_read(&caller, &request);

    if (error)
        return error;
    p = start(&(struct program){.path = request.run.path,
                                .cwd = request.run.cwd,
                                .argv = request.run.argv,
                                .envp = request.run.envp,
                                .on_channel = true,
                                .data = request.run.data,
                                .as = request.run.as,
                                .stack = request.run.stack},
              &error);
    request_free(&request);
    if (p)
        *wait_status = wait_for(p->pid);
    return error;
}

/* Serve cairn-run: it gets the program's status, and ends the machine. */
static void run_for_channel(void)
{
    int wait_status = 0, error;

    warm_up();
    take_balance(&before);
    error = run_request(&wait_status);
    if (error)
        channel_fail(-error, "the program cannot be started");
    else if (boot_options.leakcheck && !check_balance())
        channel_fail(0, "memory of the program has not come back");
    else
        channel_exit(wait_status);
    machine_poweroff(0);
}

static void init_main(void *arg)
{
    (void)arg;
    if (fs_context_create(&init_process->fs) != 0)
        panic("init: no memory");
    if (channel_init())
        run_for_channel();
    run_first_program();
    panic("init: nothing left to do");
}

void init_start(void)
{
    exec_norandom = boot_options.norandom;
    if (process_create_first(init_main, NULL, &init_process) != 0)
        panic("init: no memory for the first process");
    process_set_name(init_process, "init");
    thread_wake(process_thread(init_process));
}
