/*
 * Strict commit: the counters behind mm/commit.h, where the rule and the
 * reason why a take never fails are written down.
 *
 *     0        taken                 charged                  limit
 *     |-----------|---- out --------------|---- still to have ----|
 *
 * "Out" is what was promised and not taken yet. The counters are kept for
 * user and low frames apart; the limit holds for their sum.
 */
#include <cairn/errno.h>

#include "arch/i386/window.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "mm/commit.h"
#include "mm/inject.h"

/* What is kept for the privileged: a part of the limit, within bounds. */
#define KEPT_PART 20
#define KEPT_MIN  128u
#define KEPT_MAX  2048u

bool (*commit_privileged)(void);

static struct {
    size_t limit;        /* frames that may be promised */
    size_t kept;         /* the last of them, for the privileged */
    size_t charged_user; /* promised for users and files */
    size_t charged_low;  /* promised for the kernel: must be low */
    size_t taken_user;   /* of charged_user, in use */
    size_t taken_low;    /* of charged_low, in use */
} commit;

/* Less than a fourth, however small the machine is. */
static void set_kept(void)
{
    size_t kept = commit.limit / KEPT_PART;

    if (kept < KEPT_MIN)
        kept = KEPT_MIN;
    if (kept > KEPT_MAX)
        kept = KEPT_MAX;
    commit.kept = kept < commit.limit / 4 ? kept : commit.limit / 4;
}

void commit_init(void)
{
    commit.limit = frame_free_low() + frame_free_high();
    set_kept();
    commit.charged_user = 0;
    commit.charged_low = 0;
    commit.taken_user = 0;
    commit.taken_low = 0;
}

void commit_adopt(size_t nframes)
{
    commit.limit += nframes;
    set_kept();
    commit.charged_user += nframes;
    commit.taken_user += nframes;
}

bool commit_is_privileged(void)
{
    return commit_privileged == NULL || commit_privileged();
}

/* Of `have` frames the running thread may have this many more. */
static bool suffices(size_t have, size_t nframes)
{
    if (likely(have >= commit.kept && nframes <= have - commit.kept))
        return true;
    return nframes <= have && commit_is_privileged();
}

static bool fits(size_t nframes)
{
    return suffices(commit.limit - commit.charged_user - commit.charged_low,
                    nframes);
}

int commit_charge(size_t nframes)
{
    if (unlikely(!fits(nframes)) || inject_fails())
        return -ENOMEM;
    commit.charged_user += nframes;
    return 0;
}

int commit_charge_low(size_t nframes)
{
    size_t out = commit.charged_low - commit.taken_low;

    if (unlikely(!fits(nframes)))
        return -ENOMEM;
    if (unlikely(!suffices(frame_free_low() - out, nframes)) || inject_fails())
        return -ENOMEM;
    commit.charged_low += nframes;
    return 0;
}

void commit_uncharge(size_t nframes)
{
    assert(nframes <= commit.charged_user - commit.taken_user);
    commit.charged_user -= nframes;
}

void commit_uncharge_low(size_t nframes)
{
    assert(nframes <= commit.charged_low - commit.taken_low);
    commit.charged_low -= nframes;
}

static bool kind_is_low(enum frame_kind kind)
{
    return kind == FRAME_KERNEL || kind == FRAME_PAGETABLE;
}

static _Noreturn void broken_promise(enum frame_kind kind)
{
    panic("commit: no frame of kind %d: user %zu of %zu, low %zu of %zu, "
          "limit %zu, free %zu high, %zu low",
          (int)kind, commit.taken_user, commit.charged_user, commit.taken_low,
          commit.charged_low, commit.limit, frame_free_high(),
          frame_free_low());
}

paddr_t commit_take(enum frame_kind kind)
{
    paddr_t pa;

    if (kind_is_low(kind)) {
        if (unlikely(commit.taken_low == commit.charged_low ||
                     frame_alloc(0, FRAME_LOW, kind, &pa) != 0))
            broken_promise(kind);
        commit.taken_low++;
    } else {
        if (unlikely(commit.taken_user == commit.charged_user ||
                     frame_alloc(0, FRAME_ANY, kind, &pa) != 0))
            broken_promise(kind);
        commit.taken_user++;
    }
    return pa;
}

static paddr_t never_inline take_zeroed_low(enum frame_kind kind)
{
    paddr_t pa;
    int content = -ENOMEM;

    if (likely(commit.taken_low < commit.charged_low))
        content = frame_alloc_zeroed(FRAME_LOW, kind, &pa);
    if (unlikely(content < 0))
        broken_promise(kind);
    commit.taken_low++;
    if (content == FRAME_UNDEFINED)
        frame_zero(pa);
    return pa;
}

paddr_t commit_take_zeroed(enum frame_kind kind)
{
    paddr_t pa;
    int content = -ENOMEM;

    if (kind_is_low(kind))
        return take_zeroed_low(kind);
    if (likely(commit.taken_user < commit.charged_user))
        content = frame_alloc_zeroed(FRAME_ANY, kind, &pa);
    if (unlikely(content < 0))
        broken_promise(kind);
    commit.taken_user++;
    if (content == FRAME_UNDEFINED)
        frame_zero(pa);
    return pa;
}

uint32_t commit_give(paddr_t pa, enum frame_kind kind)
{
    uint32_t left = frame_put(pa);

    if (left != 0)
        return left;
    if (kind_is_low(kind))
        commit.taken_low--;
    else
        commit.taken_user--;
    return 0;
}

void commit_given(size_t nframes)
{
    commit.taken_user -= nframes;
}

void commit_put_file(paddr_t pa)
{
    if (commit_give(pa, FRAME_FILE) == 0)
        commit_uncharge(1);
}

int commit_alloc_block(unsigned order, enum frame_kind kind, paddr_t *pa)
{
    size_t nframes = (size_t)1 << order;
    int error;

    assert(kind_is_low(kind));
    error = commit_charge_low(nframes);
    if (error != 0)
        return error;
    error = inject_fails() ? -ENOMEM : frame_alloc(order, FRAME_LOW, kind, pa);
    if (error != 0) {
        commit_uncharge_low(nframes);
        return error;
    }
    commit.taken_low += nframes;
    return 0;
}

void commit_free_block(paddr_t pa, unsigned order)
{
    size_t nframes = (size_t)1 << order;

    frame_free(pa, order);
    commit.taken_low -= nframes;
    commit_uncharge_low(nframes);
}

void commit_read(struct commit_state *state)
{
    state->limit = commit.limit;
    state->kept = commit.kept;
    state->charged = commit.charged_user + commit.charged_low;
    state->charged_low = commit.charged_low;
    state->taken = commit.taken_user;
    state->taken_low = commit.taken_low;
}

const char *commit_check(void)
{
    size_t charged = commit.charged_user + commit.charged_low;
    size_t taken = commit.taken_user + commit.taken_low;

    if (charged > commit.limit)
        return "commit: more promised than there is";
    if (commit.taken_user > commit.charged_user)
        return "commit: more user frames taken than promised";
    if (commit.taken_low > commit.charged_low)
        return "commit: more low frames taken than promised";
    if (commit.charged_low - commit.taken_low > frame_free_low())
        return "commit: low frames promised that are not free";
    if (commit.limit - taken != frame_free_low() + frame_free_high())
        return "commit: frames were taken without a charge";
    return NULL;
}
