/*
 * Signal frames: what a handler finds on the user's stack, and the way back
 * (Linux i386 layouts, <cairn/signal.h>).
 *
 *     old ESP  ...
 *              FPU and SSE state, 64-byte aligned
 *              struct __cairn_sigframe or __cairn_rt_sigframe
 *     new ESP  pretcode: the restorer, or SIGFRAME_PAGE
 *
 * Returning trusts nothing: flags are those that user code may set anyway,
 * selectors get ring 3, reserved bits of MXCSR are cleared, and a selector
 * that does not load becomes a fault of the program's (entry.S, fix_iret).
 */
#include <cairn/errno.h>
#include <cairn/mman.h>

#include "arch/i386/cpu.h"
#include "arch/i386/fpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/segment.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "arch/i386/window.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/signal.h"

/* What a program may change in EFLAGS, by this or by POPF. */
#define USER_FLAGS 0x00050DD5u

#define FXSAVE_BYTES   512
#define FXSAVE_CONTROL 32  /* bytes of control words, in front */
#define FXSAVE_HEAD    160 /* bytes up to the end of the x87 registers */
#define FXSAVE_MXCSR   24  /* offset of MXCSR in the image */
#define FPSTATE_LEGACY 112 /* bytes in front of it: the FSAVE image */
#define MAGIC_FXSAVE   0u
#define MAGIC_FSAVE    0xFFFFu
#define RT_CODE_OFFSET 16 /* of the code for rt frames in the page */

/* ---- the page for programs without restorer ---- */

/*
 * pop %eax; mov $119, %eax; int $0x80      (sigreturn)
 * mov $173, %eax; int $0x80                (rt_sigreturn)
 */
static const uint8_t return_code[] = {
    0x58, 0xB8, 0x77, 0, 0,    0,    0xCD, 0x80, 0, 0,    0,    0,
    0,    0,    0,    0, 0xB8, 0xAD, 0,    0,    0, 0xCD, 0x80,
};

static paddr_t code_page; /* 0 until it is first needed; then for ever */

static int code_page_get(struct mobject *obj, uint64_t index, bool write,
                         paddr_t *pa)
{
    (void)obj;
    if (index != 0 || write)
        return -ENXIO;
    *pa = code_page;
    frame_get(code_page);
    return 0;
}

static void code_page_release(struct mobject *obj)
{
    (void)obj;
}

static const struct mobject_ops code_page_ops = {
    .page = code_page_get,
    .release = code_page_release,
};

static struct mobject code_object = {.ops = &code_page_ops, .refs = 1};

static int make_code_page(void)
{
    if (code_page != 0)
        return 0;
    if (commit_charge(1) != 0)
        return -ENOMEM;
    code_page = commit_take(FRAME_FILE);
    frame_zero(code_page);
    phys_write(code_page, return_code, sizeof(return_code));
    return 0;
}

int sigframe_map_page(void)
{
    struct area_info info;
    vaddr_t at;
    int error;

    if (space_find(current->space, SIGFRAME_PAGE, &info) &&
        info.start <= SIGFRAME_PAGE)
        return 0;
    error = make_code_page();
    if (error)
        return error;
    return space_map(current->space, SIGFRAME_PAGE, PAGE_SIZE,
                     PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED,
                     &code_object, 0, PROT_READ | PROT_EXEC, &at);
}

/* ---- FPU state ---- */

/* The tag word of FSAVE, two bits a register, from FXSAVE's one bit. */
static uint32_t full_tags(const uint8_t *fx)
{
    uint32_t tags = 0, top = (uint32_t)(fx[3] >> 3) & 7;

    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *st = fx + 32 + ((i - top) & 7) * 16;
        uint32_t exponent = (st[8] | (uint32_t)st[9] << 8) & 0x7FFF;
        bool integer_bit = st[7] & 0x80, zero = true;
        uint32_t tag = 3;

        for (unsigned k = 0; k < 8; k++)
            zero = zero && st[k] == 0;
        if (fx[4] & (1u << i)) {
            if (exponent == 0x7FFF || (!integer_bit && exponent != 0))
                tag = 2;
            else if (exponent == 0)
                tag = zero ? 1 : 2;
            else
                tag = integer_bit ? 0 : 2;
        }
        tags |= tag << (i * 2);
    }
    return tags;
}

/* The old image, made from the new one. */
static void make_legacy(struct __cairn_fpstate *state, const uint8_t *fx)
{
    memset(state, 0, FPSTATE_LEGACY);
    state->cw = 0xFFFF0000u | fx[0] | (uint32_t)fx[1] << 8;
    state->sw = 0xFFFF0000u | fx[2] | (uint32_t)fx[3] << 8;
    state->tag = 0xFFFF0000u | (fx[4] ? full_tags(fx) : 0xFFFFu);
    memcpy(&state->ipoff, fx + 8, 4);
    memcpy(&state->cssel, fx + 12, 2);
    memcpy(&state->dataoff, fx + 16, 4);
    memcpy(&state->datasel, fx + 20, 2);
    for (unsigned i = 0; i < 8 && fx[4]; i++)
        memcpy(state->st[i], fx + 32 + i * 16, 10);
    state->status = (uint16_t)state->sw;
    state->magic = MAGIC_FXSAVE;
}

/* Write the state at `at`: both images one behind the other. */
static int push_fpu(uint32_t at)
{
    struct __cairn_fpstate state;
    uint8_t fx[FXSAVE_HEAD];

    context_save_segments(&current->context);
    if (!cpu.fxsr) {
        fpu_save(&current->context);
        memset(&state, 0, sizeof(state));
        memcpy(&state, current->context.fpu, 108);
        state.magic = MAGIC_FSAVE;
        return copy_to_user(at, &state, sizeof(state));
    }
    if (!fpu_save_to_user(at + FPSTATE_LEGACY) ||
        copy_from_user(fx, at + FPSTATE_LEGACY, FXSAVE_CONTROL) != 0)
        return -EFAULT;
    /* Registers that are all empty need not be shown in the old image. */
    if (fx[4] && copy_from_user(fx, at + FPSTATE_LEGACY, sizeof(fx)) != 0)
        return -EFAULT;
    make_legacy(&state, fx);
    return copy_to_user(at, &state, FPSTATE_LEGACY);
}

/* Load a state from `at`, whatever it holds; 0: a new program's state. */
static int pop_fpu(uint32_t at)
{
    uint8_t image[FXSAVE_BYTES] __attribute__((aligned(16)));
    uint32_t mxcsr;

    if (at == 0) {
        fpu_load_fresh();
        return 0;
    }
    if (!cpu.fxsr) {
        if (copy_from_user(image, at, 108) != 0)
            return -EFAULT;
        fpu_load_image(image);
        return 0;
    }
    if (fpu_load_from_user(at + FPSTATE_LEGACY))
        return 0;
    if (copy_from_user(image, at + FPSTATE_LEGACY, FXSAVE_BYTES) != 0)
        return -EFAULT;
    memcpy(&mxcsr, image + FXSAVE_MXCSR, sizeof(mxcsr));
    mxcsr &= fpu_mxcsr_mask();
    memcpy(image + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    fpu_load_image(image);
    return 0;
}

/* ---- pushing ---- */

bool sigframe_on_altstack(uint32_t sp)
{
    const struct thread_signals *s = &current->signals;

    return s->alt_size != 0 && sp - s->alt_sp - 1 < s->alt_size;
}

static void fill_context(struct __cairn_sigcontext *sc,
                         const struct trapframe *tf, uint32_t fpstate,
                         uint64_t blocked)
{
    const struct context *c = &current->context;

    sc->gs = c->gs;
    sc->fs = c->fs;
    sc->es = tf->es & 0xFFFF;
    sc->ds = tf->ds & 0xFFFF;
    sc->edi = tf->edi;
    sc->esi = tf->esi;
    sc->ebp = tf->ebp;
    sc->esp = sc->esp_at_signal = tf->esp;
    sc->ebx = tf->ebx;
    sc->edx = tf->edx;
    sc->ecx = tf->ecx;
    sc->eax = tf->eax;
    sc->trapno = c->fault_vector;
    sc->err = c->fault_error;
    sc->eip = tf->eip;
    sc->cs = tf->cs & 0xFFFF;
    sc->eflags = tf->eflags;
    sc->ss = tf->ss & 0xFFFF;
    sc->fpstate = fpstate;
    sc->oldmask = (uint32_t)blocked;
    sc->cr2 = c->fault_address;
}

/* Room for a frame of `size` bytes so that a function's stack is aligned. */
static uint32_t place_frame(uint32_t sp, uint32_t size)
{
    return ((sp - size + 4) & ~15u) - 4;
}

static uint32_t return_address(const struct __cairn_sigaction *action, bool rt)
{
    if (action->flags & SA_RESTORER)
        return action->restorer;
    return SIGFRAME_PAGE + (rt ? RT_CODE_OFFSET : 0);
}

/*
 * The parts of a plain frame that are used: its head, and the other half of
 * the mask, far behind it. Between them lies room that nobody reads.
 */
#define PLAIN_HEAD offsetof(struct __cairn_sigframe, fpstate_unused)
#define PLAIN_MASK offsetof(struct __cairn_sigframe, extramask)

struct plain_head {
    uint32_t pretcode;
    int32_t signo;
    struct __cairn_sigcontext sc;
};

_Static_assert(sizeof(struct plain_head) == PLAIN_HEAD, "the same layout");

static int push_plain(struct trapframe *tf, int signo, uint32_t sp,
                      uint32_t fpstate, const struct __cairn_sigaction *action,
                      uint64_t blocked)
{
    uint32_t at = place_frame(sp, sizeof(struct __cairn_sigframe));
    uint32_t extra = (uint32_t)(blocked >> 32);
    struct plain_head head;

    head.pretcode = return_address(action, false);
    head.signo = signo;
    fill_context(&head.sc, tf, fpstate, blocked);
    if (copy_to_user(at, &head, sizeof(head)) != 0 ||
        copy_to_user(at + PLAIN_MASK, &extra, sizeof(extra)) != 0)
        return -EFAULT;
    tf->esp = at;
    tf->edx = tf->ecx = 0;
    return 0;
}

static void fill_stack(struct __cairn_stack *stack, uint32_t sp)
{
    const struct thread_signals *own = &current->signals;

    stack->ss_sp = own->alt_sp;
    stack->ss_size = own->alt_size;
    stack->ss_flags = SS_DISABLE;
    if (own->alt_size != 0)
        stack->ss_flags = sigframe_on_altstack(sp) ? SS_ONSTACK : 0;
}

static int push_rt(struct trapframe *tf, int signo, uint32_t sp,
                   uint32_t fpstate, const struct __cairn_sigaction *action,
                   const struct signal_info *info, uint64_t blocked)
{
    uint32_t at = place_frame(sp, sizeof(struct __cairn_rt_sigframe));
    uint32_t info_at = at + offsetof(struct __cairn_rt_sigframe, info);
    uint32_t uc_at = at + offsetof(struct __cairn_rt_sigframe, uc);
    uint32_t head[4] = {return_address(action, true), (uint32_t)signo, info_at,
                        uc_at};
    struct __cairn_ucontext uc;

    uc.uc_flags = uc.uc_link = 0;
    fill_stack(&uc.uc_stack, tf->esp);
    fill_context(&uc.uc_mcontext, tf, fpstate, blocked);
    uc.uc_sigmask.bits[0] = (uint32_t)blocked;
    uc.uc_sigmask.bits[1] = (uint32_t)(blocked >> 32);
    if (copy_to_user(at, head, sizeof(head)) != 0 ||
        signal_info_to_user(info_at, info) != 0 ||
        copy_to_user(uc_at, &uc, sizeof(uc)) != 0)
        return -EFAULT;
    tf->esp = at;
    tf->edx = info_at;
    tf->ecx = uc_at;
    return 0;
}

int sigframe_push(struct trapframe *tf, int signo,
                  const struct __cairn_sigaction *action,
                  const struct signal_info *info, uint64_t blocked)
{
    struct thread_signals *own = &current->signals;
    bool was_on_alt = sigframe_on_altstack(tf->esp);
    uint32_t sp = tf->esp, fpstate;
    int error;

    if ((action->flags & SA_ONSTACK) && own->alt_size != 0 && !was_on_alt)
        sp = own->alt_sp + own->alt_size;
    fpstate = (sp - sizeof(struct __cairn_fpstate)) & ~63u;
    error = push_fpu(fpstate);
    if (!error)
        error =
            action->flags & SA_SIGINFO
                ? push_rt(tf, signo, fpstate, fpstate, action, info, blocked)
                : push_plain(tf, signo, fpstate, fpstate, action, blocked);
    if (error || (was_on_alt && !sigframe_on_altstack(tf->esp)))
        return -EFAULT;
    if (own->alt_flags & SS_AUTODISARM)
        own->alt_size = own->alt_flags = 0;
    tf->eax = (uint32_t)signo;
    tf->eip = action->handler;
    tf->cs = SEL_UCODE;
    tf->ds = tf->es = tf->ss = SEL_UDATA;
    tf->eflags &= ~(uint32_t)(FLAG_DF | FLAG_RF | FLAG_TF);
    fpu_load_fresh();
    return 0;
}

/* ---- popping ---- */

static int restore_context(struct trapframe *tf,
                           const struct __cairn_sigcontext *sc)
{
    struct context *c = &current->context;

    if (pop_fpu(sc->fpstate) != 0)
        return -EFAULT;
    c->gs = sc->gs & 0xFFFF;
    c->fs = sc->fs & 0xFFFF;
    segment_load_gs(c->gs);
    segment_load_fs(c->fs);
    tf->es = sc->es & 0xFFFF;
    tf->ds = sc->ds & 0xFFFF;
    tf->edi = sc->edi;
    tf->esi = sc->esi;
    tf->ebp = sc->ebp;
    tf->esp = sc->esp;
    tf->ebx = sc->ebx;
    tf->edx = sc->edx;
    tf->ecx = sc->ecx;
    tf->eip = sc->eip;
    tf->cs = (sc->cs & 0xFFFF) | 3;
    tf->ss = (sc->ss & 0xFFFF) | 3;
    tf->eflags = (tf->eflags & ~USER_FLAGS) | (sc->eflags & USER_FLAGS);
    tf->vector = TRAP_NMI; /* not a call that could be made again */
    return 0;
}

static void restore_altstack(const struct __cairn_stack *stack)
{
    struct thread_signals *own = &current->signals;

    if (sigframe_on_altstack(context_trapframe(&current->context)->esp))
        return;
    if (stack->ss_flags & SS_DISABLE) {
        own->alt_size = 0;
    } else if (stack->ss_size >= MINSIGSTKSZ) {
        own->alt_sp = stack->ss_sp;
        own->alt_size = stack->ss_size;
        own->alt_flags = (uint32_t)stack->ss_flags & SS_AUTODISARM;
    }
}

static int pop_rt(struct trapframe *tf, long *eax)
{
    uint32_t at = tf->esp - 4;
    struct __cairn_ucontext uc;

    if (copy_from_user(&uc, at + offsetof(struct __cairn_rt_sigframe, uc),
                       sizeof(uc)) != 0 ||
        restore_context(tf, &uc.uc_mcontext) != 0)
        return -EFAULT;
    restore_altstack(&uc.uc_stack);
    signal_set_blocked(uc.uc_sigmask.bits[0] | (uint64_t)uc.uc_sigmask.bits[1]
                                                   << 32);
    *eax = (long)uc.uc_mcontext.eax;
    return 0;
}

int sigframe_pop(struct trapframe *tf, bool rt, long *eax)
{
    uint32_t at = tf->esp - 8, extra;
    struct plain_head head;

    if (rt)
        return pop_rt(tf, eax);
    if (copy_from_user(&head, at, sizeof(head)) != 0 ||
        copy_from_user(&extra, at + PLAIN_MASK, sizeof(extra)) != 0 ||
        restore_context(tf, &head.sc) != 0)
        return -EFAULT;
    signal_set_blocked(head.sc.oldmask | (uint64_t)extra << 32);
    *eax = (long)head.sc.eax;
    return 0;
}
