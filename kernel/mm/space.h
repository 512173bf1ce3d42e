/*
 * Address spaces: what a process may touch, and what happens when it does.
 *
 * An address space is a set of disjoint, page-aligned areas of
 * [USER_BASE, USER_END). Pages are brought in by faults: zeroed frames for
 * anonymous memory, the object's own frames for files (copied on the first
 * write through a private mapping). Everything a fault may need was charged
 * when the area was made, so a fault on granted memory never fails, but for
 * stack growth and MAP_NORESERVE areas (docs/design.md, "Strict commit").
 *
 * Charges of a space, the invariant that space_check verifies:
 *     user  = pages of private areas that are, or once were, writable
 *           + own pages of other private areas: MAP_NORESERVE, and what exec
 *             wrote into read-only ones
 *     low   = PMAP_NDIRS + 2 MiB slots that hold a part of any area
 * Shared anonymous memory is charged by its object (mm/shmem.h), and a file's
 * pages by the file.
 *
 * Functions return 0 or -errno; on an error nothing has changed. Lengths are
 * in bytes and rounded up to pages; addresses that must be page-aligned and
 * are not give -EINVAL.
 *
 * Threads share a space. Long operations let others run at pauses (area.h),
 * and objects sleep (mobject_ops.page, release); an operation or a fault of
 * another thread that comes in between waits until the change is over. So all
 * of these may sleep, but for those that only read counts.
 */
#ifndef MM_SPACE_H
#define MM_SPACE_H

#include <cairn/mman.h>
#include "arch/i386/pmap.h"
#include "lib/types.h"
#include "mm/object.h"

struct space;
struct area;

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

/* The limits a space enforces, in bytes; SPACE_UNLIMITED for none. */
#define SPACE_UNLIMITED 0xFFFFFFFFu
struct space_limits {
    uint32_t data;  /* RLIMIT_DATA: ELF data and bss, brk, private writable */
    uint32_t as;    /* RLIMIT_AS: everything mapped */
    uint32_t stack; /* RLIMIT_STACK: how far the stack area may grow */
};

/*
 * An empty address space, one reference, charged for its directories.
 * -ENOMEM.
 */
int space_create(struct space **out) must_check;

struct space *space_get(struct space *space);

/* Drop a reference; the last one unmaps all and gives all charges back. */
void space_put(struct space *space);

/* Make it the one the CPU uses; NULL for the kernel's own. */
void space_activate(struct space *space);

/* The space last activated (NULL: the kernel's own). */
struct space *space_current(void);

struct space_limits *space_limits(struct space *space);

/*
 * A copy for fork: same areas, pages shared copy-on-write together with the
 * page tables that map them, all charges taken again for the child. -ENOMEM
 * with nothing changed.
 */
int space_fork(struct space *parent, struct space **child) must_check;

/*
 * Map `nbytes` with PROT_* `prot` and MAP_* `flags` (Linux values: SHARED or
 * PRIVATE, FIXED, FIXED_NOREPLACE, ANONYMOUS, NORESERVE, GROWSDOWN refused,
 * STACK, POPULATE). `obj` is NULL for anonymous memory, else a reference that
 * the areas share (taken here); `page` is the object's page at the start;
 * `may` limits what mprotect may later allow (PROT_* bits; a file opened
 * without write access and mapped shared lacks PROT_WRITE).
 * Without FIXED, `addr` is a hint; free addresses are found top-down from
 * below the stack. *out receives the address.
 * -EINVAL (zero or misaligned), -ENOMEM (charge, addresses, limits),
 * -EACCES (`prot` beyond `may`), -EEXIST (FIXED_NOREPLACE), -EPERM never.
 */
int space_map(struct space *space, vaddr_t addr, size_t nbytes, unsigned prot,
              unsigned flags, struct mobject *obj, uint64_t page, unsigned may,
              vaddr_t *out) must_check;

/* Unmap whatever lies in the range, splitting areas. -EINVAL, -ENOMEM. */
int space_unmap(struct space *space, vaddr_t addr, size_t nbytes) must_check;

/* mprotect: -EINVAL, -ENOMEM (a hole, or the charge), -EACCES (`may`). */
int space_protect(struct space *space, vaddr_t addr, size_t nbytes,
                  unsigned prot) must_check;

/*
 * mremap with MREMAP_MAYMOVE, MREMAP_FIXED (address `new_addr`) and
 * MREMAP_DONTUNMAP: moves page table entries, never bytes.
 * -EINVAL, -EFAULT (not mapped, or more than one area), -ENOMEM.
 */
int space_remap(struct space *space, vaddr_t addr, size_t old_nbytes,
                size_t new_nbytes, unsigned flags, vaddr_t new_addr,
                vaddr_t *out) must_check;

/*
 * madvise: DONTNEED and FREE drop pages; hints are accepted; else -EINVAL. A
 * hole gives -ENOMEM, but what is mapped has been dealt with, as in Linux.
 */
int space_advise(struct space *space, vaddr_t addr, size_t nbytes,
                 int advice) must_check;

/* mincore's vector, one byte a page: into vec[0 .. pages). -ENOMEM: a hole. */
int space_resident(struct space *space, vaddr_t addr, size_t npages,
                   uint8_t *vec) must_check;

/* msync: checks that the range is mapped (-ENOMEM); data is always in step. */
int space_sync(struct space *space, vaddr_t addr, size_t nbytes) must_check;

/* Fix where the heap starts (page-aligned or not); exec calls it once. */
void space_set_heap(struct space *space, vaddr_t start);

/* The break now. */
vaddr_t space_break(const struct space *space);

/*
 * Move the break. -ENOMEM, with nothing changed: below the heap's start,
 * across another mapping (one guard page is kept), past USER_END,
 * RLIMIT_DATA, RLIMIT_AS, or the charge. Pages wholly above a lowered break
 * are gone at once.
 */
int space_set_break(struct space *space, vaddr_t brk) must_check;

/* The same by a signed increment, with wrap refused; *old: the old break. */
int space_move_break(struct space *space, int32_t increment,
                     vaddr_t *old) must_check;

/*
 * Make the stack area: it ends at `top` (page-aligned), grows down on faults
 * to the stack limit, keeps a gap of SPACE_STACK_GAP bytes to what lies below
 * and is charged for its first 64 KiB now.
 */
#define SPACE_STACK_GAP 0x00100000u
int space_map_stack(struct space *space, vaddr_t top, unsigned prot) must_check;

/* Addresses at and above it are not used by space_map's own search. */
void space_set_mmap_top(struct space *space, vaddr_t top);

/*
 * Resolve a fault of user code or of a user copy at `va`; `access` is one of
 * FAULT_*. 0: mended, try again. FAULT_NOTHING: nothing was amiss, or things
 * changed while it slept; try again.
 *   -EFAULT  nothing mapped there, or beyond the stack: SIGSEGV, SEGV_MAPERR
 *   -EACCES  the area forbids it: SIGSEGV, SEGV_ACCERR
 *   -ENXIO   past the end of the object: SIGBUS, BUS_ADRERR
 *   -ENOMEM  a late charge was refused: SIGSEGV for the stack area
 *   -ENOBUFS a late charge was refused: SIGBUS for a NORESERVE area
 *   -EIO     the object could not be read: SIGBUS
 */
int space_fault(struct space *space, vaddr_t va, unsigned access) must_check;

/*
 * Bring in each page that [addr, addr + nbytes) touches and that can be had, up
 * to the first that cannot; nothing is said of errors. May sleep.
 */
void space_populate(struct space *space, vaddr_t addr, size_t nbytes);

/*
 * Copy between the kernel and a space that need not be the active one,
 * faulting pages in. `force` ignores the area's protection, as exec does to
 * fill a start stack or clear the tail of a file page (copies it first).
 * 0 or -EFAULT.
 */
int space_write(struct space *space, vaddr_t va, const void *src, size_t nbytes,
                bool force) must_check;
int space_zero(struct space *space, vaddr_t va, size_t nbytes,
               bool force) must_check;
int space_read(struct space *space, vaddr_t va, void *dst,
               size_t nbytes) must_check;

/* One area as others may see it: for /proc/PID/maps and crash reports. */
struct area_info {
    vaddr_t start, end;
    unsigned prot;       /* PROT_* */
    unsigned flags;      /* MAP_SHARED or MAP_PRIVATE, MAP_NORESERVE */
    struct mobject *obj; /* NULL: anonymous; no reference is given */
    uint64_t page;       /* object page at start */
    bool is_heap, is_stack;
};

/* The first area that ends above `va`; false if there is none. */
bool space_find(const struct space *space, vaddr_t va, struct area_info *info);

struct space_stats {
    size_t nareas;
    size_t mapped;   /* pages of all areas */
    size_t data;     /* pages of private writable areas */
    size_t stack;    /* pages of the stack area */
    size_t resident; /* frames held */
    size_t peak;     /* the most that were ever held at a time */
    size_t charged;  /* user frames promised */
    size_t charged_low;
};

void space_read_stats(const struct space *space, struct space_stats *stats);

/* What is really there of a range, in pages but for share_bytes. */
struct space_usage {
    size_t resident; /* pages held; the shared page of zeros is not counted */
    size_t file;     /* of these, pages of files and shared memory */
    size_t shared_clean, shared_dirty; /* mapped elsewhere too */
    size_t private_clean, private_dirty;
    uint64_t share_bytes; /* each page divided by how many map it */
};

void space_measure(struct space *space, vaddr_t start, vaddr_t end,
                   struct space_usage *usage);

/* Walk everything against the invariants: NULL, or what is broken. */
const char *space_check(const struct space *space);

/*
 * Pages [first, end) of an object are no longer what they were (a file became
 * shorter, or got a hole): every space forgets the pages it has from there,
 * private copies included, and asks the object again when they are touched.
 */
void space_forget_object(struct mobject *obj, uint64_t first, uint64_t end);

/* Sum of charges over all spaces, for the global invariant. */
void space_total_charges(size_t *user, size_t *low);

#endif
