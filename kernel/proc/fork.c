/*
 * fork, vfork, and what of clone makes processes.
 */
#include <cairn/errno.h>
#include <cairn/resource.h>
#include <cairn/sched.h>

#include "arch/i386/segment.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/user.h"

/* The child's thread: its trap frame is a copy of the parent's. */
static void enter_child(void *arg)
{
    uint32_t set_tid = (uint32_t)(uintptr_t)arg;
    uint32_t tid = (uint32_t)current->tid;

    /* As on Linux, a bad address is the program's own problem. */
    if (set_tid != 0 && copy_to_user(set_tid, &tid, sizeof(tid)) != 0)
        set_tid = 0;
    trap_return(context_trapframe(&current->context));
}

/* Both run the same file, which stays closed to writers as long as one does. */
static void copy_exe(struct process *child, const struct process *parent)
{
    if (parent->exe && inode_deny_write(parent->exe->inode) == 0)
        process_set_exe(child, parent->exe);
}

/* Everything that may fail. What has been made is undone by the caller. */
static int copy_parts(struct process *child, struct process *parent,
                      uint32_t flags)
{
    int error = signal_handlers_copy(parent->handlers, &child->handlers);

    if (!error)
        error = fdtable_copy(parent->files, &child->files);
    if (!error)
        error = fs_context_copy(parent->fs, &child->fs);
    if (error)
        return error;
    copy_exe(child, parent);
    if (flags & CLONE_VM) {
        process_set_space(child, space_get(parent->space));
        return 0;
    }
    error = space_fork(parent->space, &child->space);
    if (!error)
        process_set_space(child, child->space);
    return error;
}

static void copy_thread(struct thread *to, uint32_t esp)
{
    struct context *c = &to->context;
    struct trapframe *tf = context_trapframe(c);

    context_leave(&current->context);
    memcpy(c->fpu, current->context.fpu, sizeof(c->fpu));
    memcpy(c->tls, current->context.tls, sizeof(c->tls));
    c->fs = current->context.fs;
    c->gs = current->context.gs;
    *tf = *context_trapframe(&current->context);
    tf->eax = 0;
    tf->call = TRAP_NO_CALL;
    if (esp != 0)
        tf->esp = esp;
    to->signals.blocked = current->signals.blocked;
    to->signals.alt_sp = current->signals.alt_sp;
    to->signals.alt_size = current->signals.alt_size;
    to->signals.alt_flags = current->signals.alt_flags;
}

static void copy_facts(struct process *child, const struct process *parent)
{
    child->arg_start = parent->arg_start;
    child->arg_end = parent->arg_end;
    child->env_start = parent->env_start;
    child->env_end = parent->env_end;
}

/*
 * Sleep until the child of a vfork execs or ends, or this process is killed:
 * no other signal counts meanwhile. What limits the child has set for itself
 * are not those of the address space any longer.
 */
static void wait_for_vfork(struct process *child, struct vfork_wait *wait)
{
    struct process *p = current_process();
    uint64_t blocked = current->signals.blocked;
    int error = 0;

    current->signals.blocked = ~SIGNAL_BIT(SIGKILL);
    signal_recheck(current);
    while (!wait->over && error == 0)
        error = waitq_sleep(&wait->wq, true, WAITQ_FOREVER);
    if (!wait->over)
        child->vfork = NULL;
    signal_set_blocked(blocked);
    *space_limits(p->space) = process_space_limits(p);
}

int process_fork(uint32_t flags, uint32_t esp, uint32_t set_tid,
                 uint32_t clear_tid)
{
    struct process *parent = current_process(), *child;
    struct vfork_wait wait = {.over = !(flags & CLONE_VFORK)};
    int error, pid;

    if (!user_may_fork())
        return -EAGAIN;
    error =
        process_create(parent, enter_child, (void *)(uintptr_t)set_tid, &child);
    if (error)
        return error;
    error = copy_parts(child, parent, flags);
    if (error) {
        process_abandon(child);
        return error;
    }
    copy_facts(child, parent);
    copy_thread(process_thread(child), esp);
    process_thread(child)->clear_tid = clear_tid;
    child->exit_signal = (int)(flags & CSIGNAL);
    pid = child->pid;
    waitq_init(&wait.wq);
    if (!wait.over)
        child->vfork = &wait;
    thread_wake(process_thread(child));
    if (!wait.over)
        wait_for_vfork(child, &wait);
    return pid;
}
