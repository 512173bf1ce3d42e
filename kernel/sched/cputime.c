/*
 * Who has used the processor. What a thread has run is exact: it is charged
 * when another one follows it, and at every alarm. How much of that was in user
 * mode is sampled, so that system calls need not read the clock: an alarm that
 * hits a thread, at least every 10 ms of its running, counts all that the
 * thread has run since the last one for the mode that it hit. What is shown is
 * the exact sum, divided as the samples are; as they change the shares, neither
 * part is ever shown less than before.
 */
#include "sched/cputime.h"

#include "arch/i386/cpu.h"
#include "sched/thread.h"

uint64_t (*sched_sample_hook)(struct thread *thread, uint64_t ns, bool user);

void cputime_sample(struct thread *t, bool user)
{
    uint64_t ns = t->runtime_ns - t->cpu.user_ns - t->cpu.kernel_ns;
    uint64_t next = CPUTIME_SAMPLE_NS, wanted;

    if (user)
        t->cpu.user_ns += ns;
    else
        t->cpu.kernel_ns += ns;
    if (t->process && sched_sample_hook) {
        wanted = sched_sample_hook(t, ns, user);
        next = wanted < next ? wanted : next;
    }
    t->check_ns = t->runtime_ns + next;
}

/* sum * part / all, for all of them below 2^64 and part <= all. */
static uint64_t share(uint64_t sum, uint64_t part, uint64_t all)
{
    while (all >> 32 != 0 || sum >> 32 != 0) {
        if (all >> 24 != 0) {
            all >>= 1;
            part >>= 1;
        } else {
            return sum / all * part + sum % all * part / all;
        }
    }
    return sum * part / all;
}

void thread_cpu_times(struct thread *t, uint64_t *user_ns, uint64_t *kernel_ns)
{
    uint64_t sum = thread_runtime(t), user = sum, sampled;
    struct cpu_samples *shown = &t->cpu;
    uint32_t flags = irq_save();

    sampled = shown->user_ns + shown->kernel_ns;
    if (sampled != 0)
        user = share(sum, shown->user_ns, sampled);
    if (user < shown->shown_user_ns)
        user = shown->shown_user_ns;
    if (sum - user < shown->shown_kernel_ns)
        user = sum - shown->shown_kernel_ns;
    shown->shown_user_ns = *user_ns = user;
    shown->shown_kernel_ns = *kernel_ns = sum - user;
    irq_restore(flags);
}
