/*
 * A machine made of arrays, for tests of the memory room: low memory from
 * 1 MiB, high memory above 4 GiB, PAE tables as the kernel's contract has
 * them (arch/i386/pmap.h), and a CPU that does nothing but touch memory.
 */
#ifndef TESTS_HOST_MM_MACHINE_H
#define TESTS_HOST_MM_MACHINE_H

#include "lib/types.h"
#include "mm/space.h"

#define MACHINE_LOW_BYTES  (11u << 20)
#define MACHINE_HIGH_BYTES (8u << 20)

/* Frames and commit, from nothing. Once per program. */
void machine_start(void);

/*
 * Touch the byte at `va` as user code would, FAULT_*: faults are resolved by
 * space_fault. 0 with *byte pointing at it, or the error of the fault.
 */
int machine_touch(struct space *space, vaddr_t va, unsigned access,
                  uint8_t **byte);

/* Write and read a byte that way: 0 or the error; -1000 for a wrong value. */
int machine_poke(struct space *space, vaddr_t va, uint8_t value);
int machine_peek(struct space *space, vaddr_t va, uint8_t expected);

/*
 * A file of `npages` pages that was in memory all along; page i is full of
 * the byte `first` + i. Its frames are charged. One reference.
 */
struct mobject *machine_file(size_t npages, uint8_t first);

/* Files that were not released yet, and frames they are charged for. */
extern size_t machine_nfiles;
extern size_t machine_file_frames;

/* Let each page() of a file call this first, as a sleep would let others. */
extern void (*machine_file_sleeps)(void);

/* What happens when a long operation lets others run. */
extern void (*machine_checkpoint)(void);

/*
 * Every check of the room, and the sum of all charges: NULL, or what is
 * broken.
 */
const char *machine_check(struct space *const spaces[], size_t nspaces);

/* What must be the same again after all is undone. */
struct machine_state {
    size_t free_low, free_high, charged, objects;
};
void machine_read(struct machine_state *state);

/* CHECK that the state is the same as before. */
void machine_check_same(const struct machine_state *before);

#endif
