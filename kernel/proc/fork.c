/*
 * fork, vfork and clone: what a new process or thread gets from its maker, and
 * what they share.
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
    int error = 0;

    if (flags & CLONE_SIGHAND)
        child->handlers = signal_handlers_get(parent->handlers);
    else
        error = signal_handlers_copy(parent->handlers, &child->handlers);
    if (!error && (flags & CLONE_FILES))
        child->files = fdtable_get(parent->files);
    else if (!error)
        error = fdtable_copy(parent->files, &child->files);
    if (!error && (flags & CLONE_FS))
        child->fs = fs_context_get(parent->fs);
    else if (!error)
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

/* What a new thread has as its maker has it. */
static void copy_thread(struct thread *to, const struct clone_request *request)
{
    const struct thread_signals *own = &current->signals;
    struct context *c = &to->context;
    struct trapframe *tf = context_trapframe(c);

    context_leave(&current->context);
    memcpy(c->fpu, current->context.fpu, sizeof(c->fpu));
    memcpy(c->tls, current->context.tls, sizeof(c->tls));
    if (request->flags & CLONE_SETTLS)
        c->tls[request->tls_slot] = request->tls_segment;
    c->fs = current->context.fs;
    c->gs = current->context.gs;
    *tf = *context_trapframe(&current->context);
    tf->eax = 0;
    tf->call = TRAP_NO_CALL;
    if (request->esp != 0)
        tf->esp = request->esp;
    if (request->flags & CLONE_CHILD_CLEARTID)
        to->clear_tid = request->child_tid;
    to->signals.blocked = own->blocked;
    if ((request->flags & CLONE_VM) && !(request->flags & CLONE_VFORK))
        return; /* two threads must not use one alternate stack */
    to->signals.alt_sp = own->alt_sp;
    to->signals.alt_size = own->alt_size;
    to->signals.alt_flags = own->alt_flags;
}

static void copy_facts(struct process *child, const struct process *parent)
{
    child->arg_start = parent->arg_start;
    child->arg_end = parent->arg_end;
    child->env_start = parent->env_start;
    child->env_end = parent->env_end;
}

/*
 * Sleep until the child of a vfork execs or ends, or this thread is to be
 * killed: no other signal counts meanwhile. What limits the child has set for
 * itself are not those of the address space any longer.
 */
static void wait_for_vfork(struct thread *child, struct vfork_wait *wait)
{
    struct process *p = current_process();
    int error = 0;

    while (!wait->over && error == 0)
        error = waitq_wait_killable(&wait->wq);
    if (!wait->over)
        child->vfork = NULL;
    *space_limits(p->space) = process_space_limits(p);
}

/* Start a thread that is complete. Returns its number. */
static int set_off(struct thread *t, const struct clone_request *request)
{
    struct vfork_wait wait = {.over = !(request->flags & CLONE_VFORK)};
    int tid = t->tid;

    copy_thread(t, request);
    waitq_init(&wait.wq);
    if (!wait.over)
        t->vfork = &wait;
    /* It is there, so a bad address cannot make the call fail. */
    if (request->flags & CLONE_PARENT_SETTID)
        (void)!copy_to_user(request->parent_tid, &tid, sizeof(tid));
    thread_wake(t);
    if (!wait.over)
        wait_for_vfork(t, &wait);
    return tid;
}

static int make_process(const struct clone_request *request, void *set_tid)
{
    struct process *parent = current_process(), *child;
    int error = process_create(parent, enter_child, set_tid, &child);

    if (error)
        return error;
    error = copy_parts(child, parent, request->flags);
    if (error) {
        process_abandon(child);
        return error;
    }
    copy_facts(child, parent);
    child->exit_signal = request->exit_signal;
    return set_off(process_thread(child), request);
}

int process_clone(const struct clone_request *request)
{
    uint32_t address =
        request->flags & CLONE_CHILD_SETTID ? request->child_tid : 0;
    void *set_tid = (void *)(uintptr_t)address;
    struct thread *t;
    int error;

    if (!user_may_fork())
        return -EAGAIN;
    if (!(request->flags & CLONE_THREAD))
        return make_process(request, set_tid);
    error = process_add_thread(enter_child, set_tid, &t);
    return error ? error : set_off(t, request);
}
