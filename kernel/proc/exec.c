/*
 * execve: a new program in an old process. load.c builds its address space.
 *
 * Everything that can fail is done first, in a new address space beside the
 * old one; then the other threads end, the process is switched over, and
 * nothing can fail any more.
 *
 * A file that starts with "#!" names its interpreter. It is then run instead,
 * with the path of the script in front of the arguments; that may repeat.
 */
#include <cairn/errno.h>
#include <cairn/signal.h>
#include <cairn/stat.h>

#include "arch/i386/fpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "lib/checkpoint.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/posix_timer.h"
#include "proc/process.h"
#include "proc/user.h"

#define SCRIPT_LINE    256 /* bytes of a script that are looked at */
#define SCRIPT_NESTING 5
#define MANY_STRINGS   256 /* taken over between two chances for others */
#define PREFIX_MAX     (SCRIPT_NESTING * 2 + 1)

#define SECURE_STACK (8u << 20) /* most that a set-id program's may be */

/* The file that is being executed, and strings that replace argv[0]. */
struct target {
    struct file *file;
    bool hidden;      /* the caller may not read it, or what leads to it */
    unsigned nprefix; /* 0: not a script */
    char *prefix[PREFIX_MAX];
};

static char *duplicate(const char *text, size_t length)
{
    char *copy = kmalloc(length + 1);

    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Put a string in front of the arguments. */
static int push_prefix(struct target *t, const char *text, size_t length)
{
    char *copy = duplicate(text, length);

    if (!copy)
        return -ENOMEM;
    memmove(&t->prefix[1], &t->prefix[0], t->nprefix * sizeof(t->prefix[0]));
    t->prefix[0] = copy;
    t->nprefix++;
    return 0;
}

static void target_free(struct target *t)
{
    for (unsigned i = 0; i < t->nprefix; i++)
        kfree(t->prefix[i]);
    if (t->file)
        file_put(t->file);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/*
 * The end of the first line in `n` bytes with a NUL after them, or NULL. If
 * there are more, the argument is cut off, as in Linux since 5.1: who reads the
 * script can read it there. A name that may be cut off is an error.
 */
static char *end_of_line(char *line, size_t n)
{
    char *end = strchr(line, '\n'), *p = line + 2;

    if (end || n < SCRIPT_LINE)
        return end ? end : line + n;
    end = line + SCRIPT_LINE - 1;
    while (p < end && is_blank(*p))
        p++;
    if (p == end)
        return NULL;
    while (p < end && *p != '\0' && !is_blank(*p))
        p++;
    return p < end ? end : NULL;
}

/* What the first line of a file makes it. */
enum first_line {
    LINE_OF_PROGRAM,
    LINE_OF_SCRIPT,
};

/*
 * Find interpreter and argument in a "#!" line of `n` bytes: LINE_OF_SCRIPT
 * with both set (*arg NULL if there is none), LINE_OF_PROGRAM if it has no
 * "#!", or -ENOEXEC.
 */
static int parse_script(char *line, size_t n, char **interpreter, char **arg)
{
    char *end, *p;

    if (n < 2 || line[0] != '#' || line[1] != '!')
        return LINE_OF_PROGRAM;
    line[n] = '\0';
    end = end_of_line(line, n);
    if (!end)
        return -ENOEXEC;
    while (end > line + 2 && is_blank(end[-1]))
        end--;
    *end = '\0';
    for (p = line + 2; is_blank(*p); p++)
        continue;
    if (*p == '\0')
        return -ENOEXEC;
    *interpreter = p;
    while (*p != '\0' && !is_blank(*p))
        p++;
    while (is_blank(*p))
        *p++ = '\0';
    *arg = *p == '\0' ? NULL : p;
    return LINE_OF_SCRIPT;
}

/* Put interpreter, its argument and the script's path in front. */
static int add_script(struct target *t, const char *script,
                      const char *interpreter, const char *arg)
{
    int error = 0;

    /* An interpreter that is a script itself stands in front already. */
    if (t->nprefix == 0)
        error = push_prefix(t, script, strlen(script));
    if (!error && arg)
        error = push_prefix(t, arg, strlen(arg));
    if (!error)
        error = push_prefix(t, interpreter, strlen(interpreter));
    return error;
}

/* Open what `path` stands for, through any scripts. */
static int target_open(struct target *t, const struct fs_caller *caller,
                       const char *path)
{
    char line[SCRIPT_LINE + 1], *interpreter, *arg;

    memset(t, 0, sizeof(*t));
    for (unsigned depth = 0;; depth++) {
        const char *now = t->nprefix ? t->prefix[0] : path;
        ssize_t n;
        bool readable;
        int error = path_open_program(caller, now, &readable, &t->file);

        if (error)
            return error;
        t->hidden |= !readable;
        n = file_read_at(t->file, line, sizeof(line) - 1, 0);
        if (n < 0)
            return (int)n;
        error = parse_script(line, (size_t)n, &interpreter, &arg);
        if (error < 0 || error == LINE_OF_PROGRAM)
            return error;
        if (depth == SCRIPT_NESTING - 1)
            return -ELOOP;
        error = add_script(t, now, interpreter, arg);
        if (error)
            return error;
        file_put(t->file);
        t->file = NULL;
    }
}

/* Add the strings of a user's vector, each pointer fetched once. */
static int add_vector(struct exec_args *args, uint32_t vector, unsigned skip,
                      bool is_env)
{
    if (vector == 0)
        return 0;
    for (uint32_t i = 0;; i++) {
        uint32_t string;
        int error;

        if (i > args->limit / sizeof(uint32_t))
            return -E2BIG;
        if (i % MANY_STRINGS == MANY_STRINGS - 1 && checkpoint())
            return -EINTR;
        if (copy_from_user(&string, vector + i * 4, sizeof(string)) != 0)
            return -EFAULT;
        if (string == 0)
            return 0;
        if (i < skip)
            continue;
        error = exec_args_add_user(args, string, is_env);
        if (error)
            return error;
    }
}

static int collect_args(const struct target *t, uint32_t argv, uint32_t envp,
                        struct exec_args *args)
{
    int error = 0;

    for (unsigned i = 0; i < t->nprefix && !error; i++)
        error = exec_args_add(args, t->prefix[i], false);
    if (!error)
        error = add_vector(args, argv, t->nprefix ? 1 : 0, false);
    if (!error && args->argc == 0) /* as Linux: argv[0] is always there */
        error = exec_args_add(args, "", false);
    if (!error)
        error = add_vector(args, envp, 0, true);
    return error;
}

/* What set-user-id and set-group-id bits of the file make of the ids. */
static void apply_set_id(struct creds *c, const struct inode *inode)
{
    bool heeded = !inode->fs->nosuid && !current_process()->no_new_privs;

    if (heeded && (inode->mode & S_ISUID))
        c->euid = inode->uid;
    if (heeded && (inode->mode & S_ISGID) && (inode->mode & S_IXGRP))
        c->egid = inode->gid;
    c->suid = c->fsuid = c->euid;
    c->sgid = c->fsgid = c->egid;
}

/* The program has rights that who started it may not have himself. */
static bool is_secure(const struct creds *c)
{
    return c->uid != c->euid || c->gid != c->egid;
}

/*
 * May its user look into the process from now on: not if it runs with other
 * rights than before or than his, or shows a file that he cannot read.
 */
static bool is_dumpable(const struct target *t, const struct creds *before,
                        const struct creds *now)
{
    return !t->hidden && !is_secure(now) && before->euid == now->euid &&
           before->egid == now->egid;
}

/* A stack limit of any size must not decide where its memory lies. */
static void limit_stack(struct process *p, const struct creds *now)
{
    struct rlimit64_values *limit = &p->limits[RLIMIT_STACK];

    if (is_secure(now) && limit->cur > SECURE_STACK)
        limit->cur = SECURE_STACK;
}

void exec_set_registers(const struct exec_image *image)
{
    struct trapframe *tf = context_trapframe(&current->context);

    memset(tf, 0, sizeof(*tf));
    tf->call = TRAP_NO_CALL;
    tf->eip = image->entry;
    tf->esp = image->esp;
    tf->cs = SEL_UCODE;
    tf->ss = tf->ds = tf->es = SEL_UDATA;
    tf->eflags = FLAG_ONE | FLAG_IF;
    context_clear_segments(&current->context);
    fpu_reset(&current->context);
    fpu_load(&current->context);
}

static void reset_signals(struct process *p, struct signal_handlers *own)
{
    struct thread_signals *s = &current->signals;

    signal_handlers_put(p->handlers);
    p->handlers = own;
    signal_handlers_reset(own);
    s->alt_sp = s->alt_size = s->alt_flags = 0;
}

/*
 * A signal that a child was made to send at its end, clone may name any, was
 * meant for the program before and might be one that the child may not send.
 */
static void reset_exit_signals(struct process *p)
{
    struct process *child;

    list_for_each_entry(child, &p->children, struct process, sibling)
        child->exit_signal = SIGCHLD;
}

/* The point of no return: nothing below can fail. */
static void switch_over(const struct target *t, const char *path,
                        struct signal_handlers *handlers,
                        const struct creds *creds,
                        const struct exec_image *image)
{
    struct process *p = current_process();
    struct space *old = p->space;

    p->dumpable = is_dumpable(t, &p->creds, creds);
    limit_stack(p, creds);
    p->space = image->space;
    thread_set_space(image->space);
    process_keep_peak(p, old);
    space_put(old);
    thread_end_vfork(current);
    posix_timers_delete(p);
    reset_signals(p, handlers);
    fdtable_close_exec(p->files);
    p->creds = *creds;
    process_set_name(p, path);
    p->arg_start = image->arg_start;
    p->arg_end = image->arg_end;
    p->env_start = image->env_start;
    p->env_end = image->env_end;
    p->has_execed = true;
    reset_exit_signals(p);
    p->exit_signal = SIGCHLD; /* whatever clone said, as on Linux */
    current->clear_tid = 0;
    current->name[0] = '\0';
    exec_set_registers(image);
}

/*
 * Be the only thread, with descriptors that no other process shares. The
 * threads go first, since they may be using the table that is shared.
 */
static int become_one(struct process *p)
{
    int error = process_be_alone();

    if (!error)
        error = fdtable_unshare(&p->files);
    if (!error)
        futex_forget_robust();
    return error;
}

static int load_and_switch(struct target *t, const char *path,
                           const struct exec_args *args)
{
    struct process *p = current_process();
    struct space_limits limits = process_space_limits(p);
    struct signal_handlers *handlers;
    struct creds creds = p->creds;
    struct exec_image image;
    int error = inode_deny_write(t->file->inode);

    if (error)
        return error;
    error = signal_handlers_copy(p->handlers, &handlers);
    if (error)
        goto err_write;
    apply_set_id(&creds, t->file->inode);
    if (is_secure(&creds) && limits.stack > SECURE_STACK)
        limits.stack = SECURE_STACK;
    error = exec_load(t->file, path, args, &creds, &limits, &image);
    if (error)
        goto err_handlers;
    error = become_one(p);
    if (error)
        goto err_image;
    t->hidden |= image.hidden;
    process_set_exe(p, t->file);
    switch_over(t, path, handlers, &creds, &image);
    return 0;

err_image:
    space_put(image.space);
err_handlers:
    signal_handlers_put(handlers);
err_write:
    inode_allow_write(t->file->inode);
    return error;
}

/* system() and popen() do not say so: cairn-run looks for this line. */
static void tell_of_no_shell(const char *path)
{
    static bool told;

    if (!told && strcmp(path, "/bin/sh") == 0)
        klog(LOG_NOTICE, "exec: there is no /bin/sh");
    told |= strcmp(path, "/bin/sh") == 0;
}

int process_exec(const char *path, uint32_t argv, uint32_t envp)
{
    struct process *p = current_process();
    struct fs_caller caller = {p->fs, &p->creds};
    struct exec_args args;
    struct target t;
    int error;

    /* Who became a user that is full may not start programs as that user. */
    if (p->too_many && user_is_over_limit(p))
        return -EAGAIN;
    p->too_many = false;
    exec_args_init(&args, process_space_limits(p).stack);
    error = target_open(&t, &caller, path);
    if (error == -ENOENT)
        tell_of_no_shell(path);
    if (!error)
        error = collect_args(&t, argv, envp, &args);
    if (!error)
        error = load_and_switch(&t, path, &args);
    exec_args_free(&args);
    target_free(&t);
    return error;
}
