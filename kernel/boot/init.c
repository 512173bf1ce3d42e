/*
 * Pid 1.
 *
 * It is a kernel thread with a process of its own: parent of the first program
 * and of all orphans. It starts the program, reaps whatever ends, and when the
 * program itself has ended checks that all memory has come back and switches
 * the machine off.
 */
#include "boot/init.h"

#include <cairn/errno.h>

#include "arch/i386/latency.h"
#include "boot/balance.h"
#include "boot/options.h"
#include "boot/program.h"
#include "boot/request.h"
#include "dev/channel.h"
#include "dev/keyboard.h"
#include "dev/poweroff.h"
#include "dev/terminal.h"
#include "lib/checkpoint.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/inject.h"
#include "proc/exec.h"
#include "proc/process.h"
#include "sys/lab.h"

/* Statuses from here on mean something else to who started the machine. */
#define MACHINE_STATUS_END 124

static struct process *init_process;

/* An interrupt has signals for a group that it leaves to pid 1. */
static void wake_init(void)
{
    waitq_wake(&init_process->child_event);
}

/* Sleep until a child has ended, or signals are to be sent, and send them. */
static void wait_for_event(void)
{
    uint32_t flags = irq_save();

    if (!signal_any_late())
        waitq_wait(&init_process->child_event);
    irq_restore(flags);
    signal_send_late();
}

/* The program that a terminal's key, or a signal, has stopped. */
static void tell_of_stop(int pid)
{
    struct process *p;
    int signo;

    while ((p = process_find(pid)) != NULL &&
           (signo = process_take_stop(p)) != 0)
        terminal_tell_stop(signo);
}

/* Reap children until `pid` is among them; its wait status. */
static int wait_for(int pid)
{
    for (;; checkpoint()) {
        struct process *zombie;
        int ended, status;

        signal_send_late();
        tell_of_stop(pid);
        zombie = process_find_zombie(init_process);
        if (!zombie) {
            wait_for_event();
            continue;
        }
        ended = zombie->pid;
        status = zombie->wait_status;
        if (zombie == process_deputy)
            process_deputy = NULL;
        process_reap(zombie);
        if (ended == pid)
            return status;
    }
}

/* What a shell would report: 128 + signal, or the exit code. */
static int shell_status(int wait_status)
{
    int signo = wait_status & 0x7F;

    return signo ? 128 + signo : (wait_status >> 8) & 0xFF;
}

static const char *first_program = "the program that cairn-run asks for";

/* Why a program could not be started, in words for the console. */
static const char *reason(int error)
{
    switch (-error) {
    case ENOENT:
        return "there is no such file";
    case ENOTDIR:
        return "its path leads through a file";
    case EACCES:
        return "it may not be executed";
    case ENOEXEC:
        return "it is not a program for this machine";
    case ENOMEM:
        return "not enough memory";
    default:
        return "error";
    }
}

/* The program cannot be started: tell whoever waits for it, and stop. */
static _Noreturn void fail(int error)
{
    const char *problem = exec_problem[0] != '\0' ? exec_problem : NULL;

    klog(LOG_EMERG, "Cairn cannot start %s: %s (%d)", first_program,
         problem != NULL ? problem : reason(error), -error);
    channel_fail(-error, exec_problem); /* cairn-run has words for the error */
    machine_stop(POWEROFF_PANIC);
}

static void kill_other(struct process *p, void *ctx)
{
    (void)ctx;
    if (p->pid != 1 && p->state == PROCESS_ALIVE)
        (void)signal_send(p, SIGKILL);
}

/* End everything that is left, so that it gives its memory back. */
static void end_others(void)
{
    while (process_count() > 1) {
        process_each(kill_other, NULL);
        if (!process_find_zombie(init_process))
            wait_for_event();
        else
            process_reap(process_find_zombie(init_process));
    }
}

/* Wait until the program ends, look after its memory, and switch off. */
static _Noreturn void finish(struct process *p, bool on_channel)
{
    char name[PROCESS_NAME_LEN];
    int wait_status, status;
    bool good;

    process_log_name(p, name);
    wait_status = wait_for(p->pid);
    status = shell_status(wait_status);
    terminal_end(init_process);
    klog(LOG_INFO, "init: %s ended with status %d", name, status);
    if (boot_options.fails)
        klog(LOG_NOTICE, "inject: %s passed %u points of memory", name,
             inject_passed());
    latency_log();
    lab_finish();
    good = balance_check_processes();
    end_others();
    good &= balance_check() && balance_check_processes();
    if (!good && boot_options.leakcheck) {
        channel_fail(0, "memory has not come back");
        machine_stop(POWEROFF_PANIC);
    }
    if (on_channel)
        channel_exit(wait_status);
    machine_poweroff(status < MACHINE_STATUS_END ? status : 1);
}

/* Start what cairn-run asks for. */
static int start_request(struct process **out)
{
    struct fs_caller caller = {init_process->fs, &init_process->creds};
    struct request request;
    struct program program;
    int error = request_read(&caller, &request);

    if (error)
        return error;
    program = (struct program){.path = request.run.path,
                               .cwd = request.run.cwd,
                               .argv = request.run.argv,
                               .envp = request.run.envp,
                               .on_channel = true,
                               .input = request.run.input,
                               .data = request.run.data,
                               .as = request.run.as,
                               .stack = request.run.stack};
    if (request.run.lab)
        lab_start(request.run.lab);
    error = program_start(init_process, &program, out);
    request_free(&request);
    return error;
}

static int start_usual(struct process **out)
{
    struct program program;

    program_from_options(init_process, &program);
    first_program = program.path;
    return program_start(init_process, &program, out);
}

/* In the keyboard's interrupt. */
static void ctrl_alt_del(void)
{
    if (machine_cad_reboots)
        machine_reboot();
    if (process_deputy)
        (void)signal_send(process_deputy, SIGINT);
}

static void init_main(void *arg)
{
    bool on_channel;
    struct process *p;
    int error;

    (void)arg;
    if (fs_context_create(&init_process->fs) != 0)
        panic("init: no memory");
    keyboard_ctrl_alt_del = ctrl_alt_del;
    signal_late = wake_init;
    on_channel = channel_init(boot_options.steady);
    balance_take();
    error = on_channel ? start_request(&p) : start_usual(&p);
    if (error)
        fail(error);
    finish(p, on_channel);
}

void init_start(void)
{
    exec_norandom = boot_options.norandom;
    commit_privileged = process_is_roots;
    if (process_create_first(init_main, NULL, &init_process) != 0)
        panic("init: no memory for the first process");
    process_set_name(init_process, "init");
    thread_wake(process_thread(init_process));
}
