/*
 * Signal frames: what a handler finds on the user's stack, and the way back
 * (Linux i386 layouts, <cairn/signal.h>).
 *
 *     old ESP  ...
 *              struct __cairn_fpstate, 16-byte aligned, which the CPU stores by
 *              itself: the FSAVE image, then the FXSAVE image
 *              8 bytes
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
#define FXSAVE_MXCSR   24 /* offset of MXCSR in the image */
#define FSAVE_BYTES    108
#define RT_CODE_OFFSET 16 /* of the code for rt frames in the page */
#define FPSTATE_FXSAVE offsetof(struct __cairn_fpstate, fxsave)

/*
 * The parts of a plain frame that are used: its head, and the other half of
 * the mask, far behind it. Between them lies room that nobody reads.
 */
struct plain_head {
    uint32_t pretcode;
    int32_t signo;
    struct __cairn_sigcontext sc;
};

#define PLAIN_MASK  offsetof(struct __cairn_sigframe, extramask)
#define PLAIN_BYTES (sizeof(struct __cairn_sigframe) + 8)

_Static_assert(sizeof(struct plain_head) ==
                   offsetof(struct __cairn_sigframe, fpstate_unused),
               "the same layout");

/* A frame with siginfo. */
struct rt_image {
    struct __cairn_rt_sigframe frame;
    uint32_t unused[2];
};

/* The FPU state follows; place_frame() puts frames 4 bytes below its kind. */
_Static_assert(PLAIN_BYTES % 16 == 4 && sizeof(struct rt_image) % 16 == 4,
               "FXSAVE wants 16-byte alignment");

/* ---- the page for programs without restorer ---- */

/*
 * pop %eax; mov $119, %eax; int $0x80      (sigreturn)
 * mov $173, %eax; int $0x80                (rt_sigreturn)
 */
static const uint8_t return_code[] = {
    0x58, 0xB8, 0x77, 0, 0,    0,    0xCD, 0x80, 0, 0,    0,    0,
    0,    0,    0,    0, 0xB8, 0xAD, 0,    0,    0, 0xCD, 0x80, 0,
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

static struct mobject code_object = {
    .ops = &code_page_ops,
    .refs = 1,
    .areas = LIST_INIT(code_object.areas),
};

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

size_t sigframe_frames(void)
{
    return code_page != 0;
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

/* Load a state that the CPU cannot load from where it lies. */
static int never_inline pop_fpu_copy(uint32_t at)
{
    uint8_t image[FXSAVE_BYTES] __attribute__((aligned(16)));
    uint32_t mxcsr;

    if (!cpu.fxsr) {
        if (copy_from_user(image, at, FSAVE_BYTES) != 0)
            return -EFAULT;
        fpu_load_image(image);
        return 0;
    }
    if (copy_from_user(image, at + FPSTATE_FXSAVE, FXSAVE_BYTES) != 0)
        return -EFAULT;
    memcpy(&mxcsr, image + FXSAVE_MXCSR, sizeof(mxcsr));
    mxcsr &= fpu_mxcsr_mask();
    memcpy(image + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    fpu_load_image(image);
    return 0;
}

/* Load a state from `at`, whatever it holds; 0: a new program's state. */
static int pop_fpu(uint32_t at)
{
    if (at == 0) {
        fpu_load_fresh();
        return 0;
    }
    if (cpu.fxsr && fpu_load_from_user(at + FPSTATE_FXSAVE))
        return 0;
    return pop_fpu_copy(at);
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

/*
 * Room for a frame of `nbytes` and the FPU state behind it, so that a
 * function's stack is aligned.
 */
static uint32_t place_frame(uint32_t sp, uint32_t nbytes)
{
    nbytes += sizeof(struct __cairn_fpstate);
    return ((sp - nbytes + 4) & ~15u) - 4;
}

static uint32_t return_address(const struct __cairn_sigaction *action, bool rt)
{
    if (action->flags & SA_RESTORER)
        return action->restorer;
    return SIGFRAME_PAGE + (rt ? RT_CODE_OFFSET : 0);
}

static int push_plain(struct trapframe *tf, int signo, uint32_t at,
                      const struct __cairn_sigaction *action, uint64_t blocked)
{
    struct plain_head head;

    head.pretcode = return_address(action, false);
    head.signo = signo;
    fill_context(&head.sc, tf, at + PLAIN_BYTES, blocked);
    if (copy_to_user(at, &head, sizeof(head)) != 0 ||
        put_user_word(at + PLAIN_MASK, (uint32_t)(blocked >> 32)) != 0 ||
        !fpu_save_to_user(at + PLAIN_BYTES))
        return -EFAULT;
    tf->edx = tf->ecx = 0;
    return 0;
}

/* The alternate stack as it was set up, so that it can be set up again. */
static void fill_stack(struct __cairn_stack *stack)
{
    const struct thread_signals *own = &current->signals;

    stack->ss_sp = own->alt_sp;
    stack->ss_size = own->alt_size;
    stack->ss_flags = own->alt_size != 0 ? (int32_t)own->alt_flags : SS_DISABLE;
}

static void fill_ucontext(struct __cairn_ucontext *uc,
                          const struct trapframe *tf, uint32_t fpstate,
                          uint64_t blocked)
{
    uc->uc_flags = uc->uc_link = 0;
    fill_stack(&uc->uc_stack);
    fill_context(&uc->uc_mcontext, tf, fpstate, blocked);
    uc->uc_sigmask.bits[0] = (uint32_t)blocked;
    uc->uc_sigmask.bits[1] = (uint32_t)(blocked >> 32);
}

static int push_rt(struct trapframe *tf, int signo, uint32_t at,
                   const struct __cairn_sigaction *action,
                   const struct signal_info *info, uint64_t blocked)
{
    struct rt_image image;
    struct __cairn_rt_sigframe *frame = &image.frame;

    frame->pretcode = return_address(action, true);
    frame->signo = signo;
    frame->info_ptr = at + offsetof(struct __cairn_rt_sigframe, info);
    frame->uc_ptr = at + offsetof(struct __cairn_rt_sigframe, uc);
    memcpy(&frame->info, info, sizeof(*info));
    memset((char *)&frame->info + sizeof(*info), 0,
           sizeof(frame->info) - sizeof(*info));
    fill_ucontext(&frame->uc, tf, at + sizeof(image), blocked);
    memcpy(frame->retcode, return_code + RT_CODE_OFFSET,
           sizeof(frame->retcode));
    image.unused[0] = image.unused[1] = 0;
    if (copy_to_user(at, &image, sizeof(image)) != 0 ||
        !fpu_save_to_user(at + sizeof(image)))
        return -EFAULT;
    tf->edx = frame->info_ptr;
    tf->ecx = frame->uc_ptr;
    return 0;
}

int sigframe_push(struct trapframe *tf, int signo,
                  const struct __cairn_sigaction *action,
                  const struct signal_info *info, uint64_t blocked)
{
    struct thread_signals *own = &current->signals;
    bool was_on_alt = sigframe_on_altstack(tf->esp);
    bool rt = action->flags & SA_SIGINFO;
    uint32_t at = tf->esp;
    int error;

    if ((action->flags & SA_ONSTACK) && own->alt_size != 0 && !was_on_alt)
        at = own->alt_sp + own->alt_size;
    at = place_frame(at, rt ? sizeof(struct rt_image) : PLAIN_BYTES);
    if (was_on_alt && !sigframe_on_altstack(at))
        return -EFAULT;
    context_save_segments(&current->context);
    error = rt ? push_rt(tf, signo, at, action, info, blocked)
               : push_plain(tf, signo, at, action, blocked);
    if (error)
        return error;
    if (own->alt_flags & SS_AUTODISARM)
        own->alt_size = own->alt_flags = 0;
    tf->esp = at;
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
    tf->call = TRAP_NO_CALL;
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
        get_user_word(at + PLAIN_MASK, &extra) != 0 ||
        restore_context(tf, &head.sc) != 0)
        return -EFAULT;
    signal_set_blocked(head.sc.oldmask | (uint64_t)extra << 32);
    *eax = (long)head.sc.eax;
    return 0;
}
