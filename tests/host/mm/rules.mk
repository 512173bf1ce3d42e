# Tests of the memory room above the frames: commit, slabs, address spaces,
# with the kernel's own sources over a machine made of arrays (machine.c).

MM_SOURCES := $(FRAME_SRC) $(patsubst %,kernel/mm/%.c,memmap commit inject kmalloc \
    space area cut demand tables map remap advise brk stack fault access shmem) \
    kernel/lib/tree.c kernel/lib/printf.c tests/host/mm/machine.c

MM_TESTS := mm/commit mm/kmalloc mm/space mm/fail mm/model
$(foreach name,$(MM_TESTS),$(eval TEST_$(name) := $(MM_SOURCES)))

HOST_TEST_NAMES    += $(MM_TESTS)
HOST_TEST_PROGRAMS += $(MM_TESTS:%=$(HT)/64/%) $(MM_TESTS:%=$(HT)/32/%)
