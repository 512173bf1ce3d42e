/*
 * Breakpoints on the public functions of malloc, so that any allocator can be
 * watched and made fail. cairn-run puts INT3 in the place of each function's
 * first byte in its copy of the program, and says what was there:
 *
 *      probe=OP:ADDRESS:WORD     OP of enum cairn_malloc_op, the address of the
 *                                function, its first four bytes as a word
 *
 * The breakpoint does what the first instruction would have done, which is one
 * of
 *
 *      push reg                    5r
 *      mov disp8(%esp), reg        8B, 01rrr100, 24, disp8
 *      sub $imm8, %esp             83 EC imm8 (its flags are not made)
 *
 * and puts a return address into the stack that leads nowhere, so that the
 * function's return is seen too. A function that such a one calls does not
 * count.
 */
#include <cairn/errno.h>

#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/space.h"
#include "proc/process.h"
#include "sys/lab.h"

#define MAX_PROBES  16
#define MAX_PENDING 64
#define MAX_DEPTH   CAIRN_TRACE_FRAMES

/* Where a probed function returns to: user code faults there. */
#define RETURN_ADDRESS 0xFFFFE000u

static struct probe {
    uint32_t op, address, code;
} probes[MAX_PROBES];
static unsigned nprobes;

/* A probed function that has not returned yet: one of a thread, at most. */
static struct pending {
    int tid; /* 0: free */
    uint32_t esp, back;
    uint32_t args[3];
    const struct probe *probe;
    uint32_t callers[MAX_DEPTH], ncallers;
} pending[MAX_PENDING];
static unsigned npending; /* those above are free */

static uint32_t ncalls; /* of those that may fail */
static struct record events;
static int events_pid;

static bool is_known(uint32_t code)
{
    return (code & 0xF8) == 0x50 || (code & 0xFFC7FF) == 0x24448B ||
           (code & 0xFFFF) == 0xEC83;
}

bool probe_add(const char *text)
{
    struct probe probe;

    if (nprobes == MAX_PROBES || !lab_number(&text, &probe.op) ||
        *text++ != ':' || !lab_number(&text, &probe.address) ||
        *text++ != ':' || !lab_number(&text, &probe.code) || *text != '\0' ||
        !is_known(probe.code))
        return false;
    probes[nprobes++] = probe;
    trap_probe = probe_hit;
    return true;
}

static const struct probe *find(uint32_t address)
{
    for (unsigned i = 0; i < nprobes; i++)
        if (probes[i].address == address)
            return &probes[i];
    return NULL;
}

/* A register of the frame by its number in an instruction. */
static uint32_t *register_of(struct trapframe *tf, unsigned number)
{
    uint32_t *const registers[] = {&tf->eax, &tf->ecx, &tf->edx, &tf->ebx,
                                   &tf->esp, &tf->ebp, &tf->esi, &tf->edi};

    return registers[number & 7];
}

/* Do what the instruction does that the breakpoint replaces. */
static bool step(struct trapframe *tf, uint32_t code)
{
    if ((code & 0xF8) == 0x50) {
        if (put_user_word(tf->esp - 4, *register_of(tf, code)) != 0)
            return false;
        tf->esp -= 4;
        return true;
    }
    if ((code & 0xFF) == 0x83) {
        tf->esp -= (uint32_t)(int8_t)(code >> 16);
        tf->eip += 2;
        return true;
    }
    tf->eip += 3;
    return get_user_word(tf->esp + (uint32_t)(int8_t)(code >> 24),
                         register_of(tf, code >> 11)) == 0;
}

/* ---- events ---- */

void probe_flush(void)
{
    struct record full = events;

    events.bytes = NULL;
    record_end(&full);
}

static void add_event(const struct pending *call, uint32_t result)
{
    struct cairn_trace_malloc event = {
        .op = (uint16_t)call->probe->op,
        .nwords = (uint16_t)call->ncallers,
        .tid = current->tid,
        .result = result,
        .brk = space_break(current->space),
    };
    size_t ncallers = 4 * call->ncallers, nbytes = sizeof(event) + ncallers;
    char *to;

    if (lab.malloc_depth == 0)
        return;
    event.arg = call->args[0];
    if (event.op == CAIRN_FREE || event.op == CAIRN_REALLOC) {
        event.old = call->args[0];
        event.arg = event.op == CAIRN_FREE ? 0 : call->args[1];
    } else if (event.op == CAIRN_CALLOC) {
        event.arg = call->args[0] * call->args[1];
    } else if (event.op == CAIRN_MEMALIGN) {
        event.old = call->args[0];
        event.arg = call->args[1];
    }
    if (events.bytes &&
        (record_room(&events) < nbytes || events_pid != current_process()->pid))
        probe_flush();
    if (!events.bytes)
        record_begin(&events, CAIRN_RECORD_MALLOC);
    events_pid = current_process()->pid;
    to = record_place(&events, nbytes);
    if (!to)
        return;
    memcpy(to, &event, sizeof(event));
    memcpy(to + sizeof(event), call->callers, ncallers);
}

static void find_callers(const struct trapframe *tf, struct pending *call)
{
    uint32_t frames[MAX_DEPTH + 1];
    uint32_t depth = lab.malloc_depth > 0 ? lab.malloc_depth : 1;

    call->callers[0] = call->back;
    call->ncallers = 1;
    if (depth <= 1)
        return;
    if (depth > MAX_DEPTH)
        depth = MAX_DEPTH;
    call->ncallers = lab_callers(tf, frames, depth);
    for (uint32_t i = 1; i < call->ncallers; i++)
        call->callers[i] = frames[i];
}

/* ---- calls and returns ---- */

static void drop_pending(struct pending *p)
{
    p->tid = 0;
    while (npending > 0 && pending[npending - 1].tid == 0)
        npending--;
}

/*
 * The call of this thread that is under way at stack pointer `esp`. A function
 * that it ends with a jump to has the same one, and the false return address.
 */
static struct pending *find_pending(uint32_t esp)
{
    uint32_t back;

    for (unsigned i = 0; i < npending; i++) {
        struct pending *p = &pending[i];

        if (p->tid != current->tid)
            continue;
        if (p->esp > esp || (p->esp == esp && get_user_word(esp, &back) == 0 &&
                             back == RETURN_ADDRESS))
            return p;
        drop_pending(p); /* it was left by a jump */
        return NULL;
    }
    return NULL;
}

static struct pending *new_pending(void)
{
    unsigned i = 0;

    while (i < npending && pending[i].tid != 0)
        i++;
    if (i == MAX_PENDING)
        return NULL;
    if (i == npending)
        npending++;
    pending[i].tid = current->tid;
    return &pending[i];
}

static bool must_fail(const struct probe *probe)
{
    return probe->op != CAIRN_FREE && lab.malloc_fail != 0 &&
           ++ncalls == lab.malloc_fail;
}

/* The base of segment GS of the current thread, by its descriptor. */
static uint32_t tls_base(void)
{
    struct context *c = &current->context;
    uint64_t descriptor;

    context_save_segments(c);
    if ((c->gs >> 3) < 6 || (c->gs >> 3) >= 6 + NTLS)
        return 0;
    descriptor = c->tls[(c->gs >> 3) - 6];
    return (uint32_t)(descriptor >> 16 & 0xFFFFFF) |
           (uint32_t)(descriptor >> 56) << 24;
}

static void set_errno(uint32_t error)
{
    uint32_t at = lab.errno_at, address;

    if (lab.errno_tls != 0 && tls_base() != 0)
        at = tls_base() + lab.errno_tls;
    if (at != 0 && get_user_word(at, &address) == 0)
        (void)!put_user_word(address, error);
}

/* Return NULL to the caller in the function's stead. */
static void fail_call(struct trapframe *tf, const struct pending *call)
{
    struct cairn_trace_place place = {.number = 0x10000 + call->probe->op};
    struct record r;

    place.nframes = lab_callers(tf, place.frames, CAIRN_TRACE_FRAMES);
    place.top = call->back;
    record_begin(&r, CAIRN_RECORD_INJECTED);
    record_add(&r, &place, sizeof(place));
    record_end(&r);
    set_errno(ENOMEM);
    tf->eax = 0;
    tf->eip = call->back;
    tf->esp += 4;
    add_event(call, 0);
}

/* Let the function return to us; false: it is of no interest any more. */
static bool watch_return(const struct trapframe *tf, const struct pending *call)
{
    if (call->probe->op != CAIRN_FREE)
        return lab.malloc_depth > 0 &&
               put_user_word(tf->esp, RETURN_ADDRESS) == 0;
    if (call->args[0] != 0)
        add_event(call, 0);
    return false;
}

static bool enter(struct trapframe *tf, const struct probe *probe)
{
    struct pending *call;
    uint32_t words[4];

    if (copy_from_user(words, tf->esp, sizeof(words)) != 0)
        return step(tf, probe->code);
    call = new_pending();
    if (!call)
        return step(tf, probe->code);
    call->esp = tf->esp;
    call->back = words[0];
    memcpy(call->args, words + 1, sizeof(call->args));
    call->probe = probe;
    find_callers(tf, call);
    if (must_fail(probe)) {
        fail_call(tf, call);
        drop_pending(call);
        return true;
    }
    if (!watch_return(tf, call))
        drop_pending(call);
    return step(tf, probe->code);
}

static bool leave(struct trapframe *tf)
{
    struct pending *call = find_pending(tf->esp - 8);

    if (!call)
        return false;
    tf->eip = call->back;
    add_event(call, tf->eax);
    drop_pending(call);
    return true;
}

bool probe_hit(struct trapframe *tf)
{
    const struct probe *probe;

    if (tf->vector == TRAP_PAGE)
        return tf->eip == RETURN_ADDRESS && leave(tf);
    if (tf->vector != TRAP_BREAKPOINT)
        return false;
    probe = find(tf->eip - 1);
    if (!probe)
        return false;
    if (find_pending(tf->esp))
        return step(tf, probe->code);
    return enter(tf, probe);
}
