/*
 * Strict commit: whoever may take a frame charges for it first, when it is
 * promised, not when it is touched. If the charge does not fit, it fails with
 * -ENOMEM and nothing has changed; a frame that was charged for can always be
 * taken afterwards.
 *
 *   charged = the sum over address spaces + shared objects + the kernel's own
 *   charged <= the frames that were free when the system started
 *
 * Low charges are for frames that must lie in the direct map (page tables,
 * slabs, kernel stacks). A low charge also needs that many low frames free
 * beyond those promised already: user pages may have taken low frames when no
 * high one was left, and they cannot be moved.
 *
 * Why a take cannot fail: let out(x) be what is charged and not yet taken.
 * Charges of both kinds never exceed all frames, so out(low) + out(user) <=
 * free. User pages prefer high frames; one taken from low memory while no
 * high frame is free leaves out(low) <= free - 1 = low free. A low charge
 * checks out(low) <= low free itself. So both kinds find their frame.
 */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include "lib/types.h"
#include "mm/frame.h"

/*
 * The last part of the limit is only for privileged threads, those of root
 * (commit_privileged says so of the running one; NULL: all are). Others are
 * refused while root can still log in, look at what has happened and end it.
 */
extern bool (*commit_privileged)(void);
bool commit_is_privileged(void);

/* Take the free frames of this moment as the limit. Once, at boot. */
void commit_init(void);

/*
 * Bring `nframes` frames into the accounting that were in use, as FRAME_FILE,
 * when commit_init ran: a boot module's. They count as charged for and taken
 * from now on, and the limit grows by them, so that commit_put_file can give
 * them back like any other.
 */
void commit_adopt(size_t nframes);

/* Promise `nframes` of user memory or low memory: 0 or -ENOMEM. */
int commit_charge(size_t nframes) must_check;
int commit_charge_low(size_t nframes) must_check;

/* Take promises back that are not (or no longer) used by frames. */
void commit_uncharge(size_t nframes);
void commit_uncharge_low(size_t nframes);

/*
 * Take a frame that was charged for: cannot fail. It has one reference; its
 * contents are whatever the last owner left. FRAME_USER and FRAME_FILE count
 * against user charges, FRAME_KERNEL and FRAME_PAGETABLE against low ones.
 */
paddr_t commit_take(enum frame_kind kind);

/* The same with nothing but zeros in it. */
paddr_t commit_take_zeroed(enum frame_kind kind);

/*
 * Drop one reference of a taken frame, `kind` being what it was taken as.
 * With the last one the frame is free again; the charge stays. Returns the
 * references left.
 */
uint32_t commit_give(paddr_t pa, enum frame_kind kind);

/* The same for `nframes` FRAME_USER frames that frame_put has freed already. */
void commit_given(size_t nframes);

/*
 * Drop one reference of a FRAME_FILE frame, and with the last one its charge
 * too. A file page that was cut off its file lives on while it is mapped, and
 * nobody but its last holder can give the charge back.
 */
void commit_put_file(paddr_t pa);

/*
 * Charge for 2^order adjacent low frames and take them; and give them back
 * with their charge. Unlike a single frame, a block may be refused although
 * the charge would fit: -ENOMEM with nothing changed.
 */
int commit_alloc_block(unsigned order, enum frame_kind kind,
                       paddr_t *pa) must_check;
void commit_free_block(paddr_t pa, unsigned order);

struct commit_state {
    size_t limit;       /* frames that may be promised */
    size_t kept;        /* of these, the last, for the privileged alone */
    size_t charged;     /* frames promised, low ones included */
    size_t charged_low; /* of these, frames that must be low */
    size_t taken;       /* frames in use against user charges */
    size_t taken_low;   /* frames in use against low charges */
};

void commit_read(struct commit_state *state);

/* Test the counters against each other: NULL, or what is broken. */
const char *commit_check(void);

#endif
