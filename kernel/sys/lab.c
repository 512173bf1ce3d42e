/* What lab.h describes: the words of cairn-run, calls, signals and faults. */
#include "sys/lab.h"

#include <cairn/errno.h>
#include <cairn/signal.h>
#include <cairn/syscall.h>

#include "arch/i386/cpu.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "fs/file.h"
#include "fs/path.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sys/sys.h"

#define FIRST_PID 2

struct lab lab = {.strings = 32};

/* ---- totals ---- */

static struct cairn_trace_totals totals;
static size_t frames_before;

static size_t frames_now(void)
{
    return frame_count(FRAME_USER) + frame_count(FRAME_PAGETABLE);
}

static void note_peak(void)
{
    size_t n = frames_now() - frames_before;

    if (n > totals.peak_frames && n < SIZE_MAX / 2)
        totals.peak_frames = (uint32_t)n;
}

static void record_totals(void)
{
    struct record r;

    record_begin(&r, CAIRN_RECORD_TOTALS);
    record_add(&r, &totals, sizeof(totals));
    record_end(&r);
}

/* ---- system calls ---- */

typedef long stack_args call_fn(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                                uint32_t e, uint32_t f);

static void record_call(unsigned type, const struct cairn_trace_call *call)
{
    struct record r;

    if (!lab.trace)
        return;
    record_begin(&r, type);
    record_add(&r, call, sizeof(*call));
    capture_call(&r, call, type == CAIRN_RECORD_EXIT);
    record_end(&r);
}

/* The first program ends: memory as it has it. */
static void record_view(void)
{
    if (lab.memmap)
        view_record_memory();
    if (lab.pagemap)
        view_record_space();
}

static void record_process_end(int status)
{
    struct cairn_trace_end end = {status};
    struct record r;

    if (current_process()->pid == FIRST_PID &&
        (status & 0x7F || current_process()->nthreads == 1 ||
         context_trapframe(&current->context)->call == __NR_exit_group))
        record_view();
    probe_flush();
    tamper_forget(current->tid);
    totals.ns += thread_runtime(current);
    if (!lab.trace)
        return;
    record_begin(&r, CAIRN_RECORD_END);
    record_add(&r, &end, sizeof(end));
    record_end(&r);
}

never_inline void lab_image_begins(void)
{
    __asm__ volatile("");
}

/* The number is how many marks there have been: the plugin counts likewise. */
static uint32_t mark_image(void)
{
    static uint32_t nimages;
    uint32_t flags = irq_save(), number = ++nimages;

    lab_image_begins();
    irq_restore(flags);
    return number;
}

static void record_image(void)
{
    uint32_t number = mark_image();
    char *buf = kmalloc(PATH_MAX), *path = NULL;
    struct file *exe = current_process()->exe;
    struct record r;

    if (buf && exe)
        path = dentry_path(exe->dentry, current_process()->fs->root, buf,
                           PATH_MAX);
    record_begin(&r, CAIRN_RECORD_IMAGE);
    record_add(&r, &number, sizeof(number));
    record_add_string(&r, path ? path : "?");
    record_end(&r);
    kfree(buf);
}

static bool never_returns(uint32_t number)
{
    return number == __NR_exit || number == __NR_exit_group;
}

/* Make the call. A function takes as many of the words as it wants. */
static never_inline int32_t call_function(const struct cairn_trace_call *call)
{
    uintptr_t function = (uintptr_t)syscall_function(call->number);

    return (int32_t)((call_fn *)function)(call->args[0], call->args[1],
                                          call->args[2], call->args[3],
                                          call->args[4], call->args[5]);
}

long upcall_traced_call(struct trapframe *tf)
{
    struct cairn_trace_call call = {
        .number = tf->call,
        .args = {tf->ebx, tf->ecx, tf->edx, tf->esi, tf->edi, tf->ebp},
        .eip = tf->eip,
    };

    uint64_t since;

    record_call(CAIRN_RECORD_ENTRY, &call);
    since = thread_runtime(current);
    call.flags = tamper_call(tf, &call.result);
    if (!(call.flags & CAIRN_TRACE_STEPPED)) {
        if (never_returns(call.number))
            record_process_end((int)(call.args[0] & 0xFF) << 8);
        call.result = call_function(&call);
        if (lab.images && call.number == __NR_execve && call.result == 0)
            record_image();
    }
    totals.call_ns += thread_runtime(current) - since;
    note_peak();
    record_call(CAIRN_RECORD_EXIT, &call);
    return call.result;
}

/* ---- signals and faults ---- */

static struct signal_info last_signal;

static void signal_taken(const struct trapframe *tf,
                         const struct signal_info *info)
{
    struct cairn_trace_signal words;
    struct record r;

    (void)tf;
    last_signal = *info;
    if (!lab.trace)
        return;
    memcpy(words.info, info, sizeof(words.info));
    record_begin(&r, CAIRN_RECORD_SIGNAL);
    record_add(&r, &words, sizeof(words));
    record_end(&r);
}

static void signal_ends(const struct trapframe *tf, int signo)
{
    static const uint64_t dumps = SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGILL) |
                                  SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGABRT) |
                                  SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) |
                                  SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGSYS);

    (void)tf;
    if (lab.core && (dumps & SIGNAL_BIT(signo)))
        core_record(&last_signal);
    record_process_end(signo);
}

static const struct signal_watcher watcher = {.taken = signal_taken,
                                              .ends = signal_ends};

static int recorded_fault(uint32_t va, unsigned access)
{
    struct cairn_trace_fault fault = {.address = va, .access = access};
    struct record r;

    fault.result = upcall_page_fault(va, access);
    totals.nfaults++;
    note_peak();
    if (lab.faults && current->process && !record_is_reading()) {
        fault.eip = context_trapframe(&current->context)->eip;
        record_begin(&r, CAIRN_RECORD_FAULT);
        record_add(&r, &fault, sizeof(fault));
        record_end(&r);
    }
    return fault.result;
}

uint32_t lab_callers(const struct trapframe *tf, uint32_t *frames,
                     uint32_t nframes)
{
    uint32_t frame[2], ebp = tf->ebp, n = 0;

    frames[n++] = tf->eip;
    while (n < nframes && !(ebp & 3) &&
           copy_from_user(frame, ebp, sizeof(frame)) == 0 && frame[1] != 0) {
        frames[n++] = frame[1];
        if (frame[0] <= ebp)
            break;
        ebp = frame[0];
    }
    return n;
}

/* ---- the words ---- */

static const char *value_of(const char *word, const char *key)
{
    size_t n = strlen(key);

    return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static bool take_number(const char *word, const char *key, uint32_t *out)
{
    const char *value = value_of(word, key);

    return value && lab_number(&value, out) && *value == '\0';
}

static bool take_flag(const char *word, const char *name, bool *flag)
{
    if (strcmp(word, name) != 0)
        return false;
    return *flag = true;
}

static bool take_word(const char *word)
{
    return take_flag(word, "on", &lab.on) ||
           take_flag(word, "trace", &lab.trace) ||
           take_flag(word, "paths", &lab.paths) ||
           take_flag(word, "faults", &lab.faults) ||
           take_flag(word, "core", &lab.core) ||
           take_flag(word, "totals", &lab.totals) ||
           take_flag(word, "memmap", &lab.memmap) ||
           take_flag(word, "pagemap", &lab.pagemap) ||
           take_flag(word, "images", &lab.images) ||
           take_number(word, "strings", &lab.strings) ||
           take_number(word, "malloc", &lab.malloc_depth) ||
           take_number(word, "fail", &lab.malloc_fail) ||
           take_number(word, "errno", &lab.errno_at) ||
           take_number(word, "errnotls", &lab.errno_tls) ||
           (value_of(word, "inject") && tamper_add(value_of(word, "inject"))) ||
           (value_of(word, "probe") && probe_add(value_of(word, "probe")));
}

void lab_finish(void)
{
    if (lab.on)
        probe_flush();
    if (lab.totals)
        record_totals();
    tamper_end();
}

void lab_start(char *words)
{
    while (*words != '\0') {
        char *end = strchr(words, ' ');
        char *next = end ? end + 1 : words + strlen(words);

        if (end)
            *end = '\0';
        if (*words != '\0' && !take_word(words))
            klog(LOG_WARNING, "lab: %s: not understood", words);
        words = next;
    }
    lab.on = true;
    if (lab.strings > 8192)
        lab.strings = 8192;
    trap_trace_calls();
    signal_watch(&watcher);
    frames_before = frames_now();
    if (lab.faults || lab.totals)
        trap_page_fault = recorded_fault;
}
