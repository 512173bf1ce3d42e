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

/* Take the free frames of this moment as the limit. Once, at boot. */
void commit_init(void);

/* Promise `nframes` of user memory or low memory: 0 or -ENOMEM. */
int commit_charge(size_t nframes) must_check;
int commit_charge_low(size_t nframes) must_check;

/* Take promises back that are not (or no longer) used by frames. */
void commit_uncharge(size_t nframes);
void commit_uncharge_low(size_t nframes);

/*
 * Take a frame that was charged for: cannot fail. The contents are whatever
 * the last owner left. FRAME_USER and FRAME_FILE count against user charges,
 * FRAME_KERNEL and FRAME_PAGETABLE against low ones.
 */
paddr_t commit_take(enum frame_kind kind);

/* Put a taken frame back (the last reference of it); the charge stays. */
void commit_give(paddr_t pa);

struct commit_state {
    size_t limit;       /* frames that may be promised */
    size_t charged;     /* frames promised, low ones included */
    size_t charged_low; /* of these, frames that must be low */
};

void commit_read(struct commit_state *state);

#endif
