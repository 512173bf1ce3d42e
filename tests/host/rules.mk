# Tests of pure modules, as programs of this machine: `make test-host`,
# `make coverage`, `make fuzz`.
#
# tests/host/NAME.c is a program that speaks TAP (tests/host/tap.h); TEST_NAME
# lists the sources it tests. tests/fuzz/NAME.c is a fuzz target (fuzz.h);
# FUZZ_NAME lists what it is linked with. Each is built twice, 64-bit by the
# host's compiler and 32-bit by the cross compiler with glibc, both with the
# address and undefined behaviour sanitizers.
#
# `make test-host` runs every test, and every fuzz target on 100,000 inputs;
# `make fuzz` runs the targets with libFuzzer, each for FUZZ_SECONDS or for
# FUZZ_RUNS inputs.
#
# A folder below this one adds to HOST_TEST_NAMES, FUZZ_NAMES or, for programs
# with rules of their own, HOST_TEST_PROGRAMS in its rules.mk; a fuzz target
# may also come from tests/fuzz/NAME.mk.

TEST_string := kernel/lib/string.c
TEST_printf := kernel/lib/printf.c
TEST_log    := kernel/lib/log.c kernel/lib/printf.c
TEST_list   :=
TEST_bits   :=
TEST_div64  := kernel/lib/div64.c
TEST_calls  :=
TEST_kasan  := kernel/lib/kasan.c kernel/lib/printf.c
TEST_tree   := kernel/lib/tree.c
TEST_numset := kernel/lib/numset.c
TEST_memmap := kernel/mm/memmap.c tests/host/memmap_oracle.c
FRAME_SRC   := $(wildcard kernel/mm/frame*.c)
TEST_frame  := $(FRAME_SRC) kernel/mm/memmap.c
TEST_tar    := kernel/fs/tar.c tests/host/tar_oracle.c
TEST_retry  := kernel/arch/i386/retry.c
TEST_elf    := kernel/proc/elf.c tests/host/elf_oracle.c

FUZZ_memmap := kernel/mm/memmap.c $(FRAME_SRC) tests/host/memmap_oracle.c
FUZZ_tar    := kernel/fs/tar.c tests/host/tar_oracle.c
FUZZ_elf    := kernel/proc/elf.c tests/host/elf_oracle.c

HOST_TEST_NAMES    := string printf log list bits div64 calls kasan tree numset memmap frame tar \
    elf retry
HOST_TEST_PROGRAMS :=
FUZZ_NAMES         := memmap tar elf

HT       := $(BUILD)/host/test
HT_WARN  := -Wall -Wextra -Werror -Wmissing-prototypes -Wshadow \
    -Wno-unused-result
HT_SAN   := -fsanitize=address,undefined -fno-sanitize-recover=all
HT_FLAGS := -std=gnu11 -O1 -g $(HT_WARN) -Ikernel/include -Ikernel \
    -Itests/host $(PREFIX_MAP)

# A 32-bit program finds the cross compiler's C library wherever that is; the
# old kind of tag holds for the libraries of its libraries too.
HT_LD32   := $(shell $(CROSS)gcc -print-file-name=ld-linux.so.2)
HT_LINK32 := -Wl,--dynamic-linker=$(HT_LD32) -Wl,-rpath,$(dir $(HT_LD32)) \
    -Wl,--disable-new-dtags

-include $(wildcard tests/host/*/rules.mk tests/fuzz/*.mk)

# ---- how they are built ----------------------------------------------------

$(call stamp,$(HT)/64/flags,$(HOSTCC) $(HT_FLAGS) $(HT_SAN))
$(call stamp,$(HT)/32/flags,$(CROSS)gcc $(HT_FLAGS) $(HT_SAN) $(HT_LINK32))

$(HT)/64/%.o: %.c $(HT)/64/flags
	$(call say,TESTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HT_FLAGS) $(HT_SAN) -MMD -MP -c $< -o $@

$(HT)/32/%.o: %.c $(HT)/32/flags
	$(call say,TESTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(HT_FLAGS) $(HT_SAN) -MMD -MP -c $< -o $@

# The kernel's string functions get other names beside the C library's.
$(HT)/64/kernel/lib/string.o $(HT)/32/kernel/lib/string.o: \
    HT_FLAGS += -include tests/host/string_names.h

# The kernel's sanitizer is tested as it is in the kernel that has it; what the
# host's own sanitizer has too is under other names.
$(foreach bits,64 32,$(addprefix $(HT)/$(bits)/,kernel/lib/kasan.o \
    tests/host/kasan.o)): HT_FLAGS += -DKASAN \
    $(foreach name,register_globals unregister_globals handle_no_return,\
    -D__asan_$(name)=kasan_$(name))

# $(call host_program,NAME,SOURCES): a program in both sizes.
define host_program
HT_PROGRAMS += $(HT)/64/$(1) $(HT)/32/$(1)
HT_OBJECTS += $(2:%.c=%.o)
$(HT)/64/$(1): $(2:%.c=$(HT)/64/%.o)
	$$(call say,TESTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOSTCC) $(HT_SAN) -o $$@ $$^
$(HT)/32/$(1): $(2:%.c=$(HT)/32/%.o)
	$$(call say,TESTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CROSS)gcc $(HT_SAN) $(HT_LINK32) -o $$@ $$^
endef

$(foreach name,$(HOST_TEST_NAMES),$(eval $(call host_program,$(name),\
    tests/host/$(name).c tests/host/tap.c $(TEST_$(name)))))
$(foreach name,$(FUZZ_NAMES),$(eval $(call host_program,fuzz/$(name),\
    tests/fuzz/$(name).c tests/fuzz/driver.c tests/fuzz/require.c \
    $(FUZZ_$(name)))))

HT_OBJECTS := $(sort $(HT_OBJECTS))
-include $(HT_OBJECTS:%.o=$(HT)/64/%.d) $(HT_OBJECTS:%.o=$(HT)/32/%.d)

.PHONY: test-host coverage fuzz
test-host: $(HT_PROGRAMS) $(HOST_TEST_PROGRAMS)
	$(Q)tests/host/run.sh $(sort $^)

# ---- coverage --------------------------------------------------------------
#
# The modules of which 95 % of all branches must be reached, each by its own
# test, built without sanitizers.

COVERED      := memmap=kernel/mm/memmap \
    $(FRAME_SRC:%.c=frame=%) tar=kernel/fs/tar elf=kernel/proc/elf
COVER_FLAGS  := -O0 --coverage $(filter-out -O1,$(HT_FLAGS))

$(call stamp,$(HT)/gcov/flags,$(HOSTCC) $(COVER_FLAGS))

$(HT)/gcov/%.o: %.c $(HT)/gcov/flags
	$(call say,COVERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(COVER_FLAGS) -MMD -MP -c $< -o $@

# $(call cover_program,NAME)
define cover_program
COVER_PROGRAMS += $(HT)/gcov/$(1)
$(HT)/gcov/$(1): $(patsubst %.c,$(HT)/gcov/%.o,tests/host/$(1).c \
    tests/host/tap.c $(TEST_$(1)))
	$$(call say,COVERLD,$$@)
	$$(Q)$(HOSTCC) --coverage -o $$@ $$^
-include $(patsubst %.c,$(HT)/gcov/%.d,tests/host/$(1).c $(TEST_$(1)))
endef
$(foreach name,$(sort $(foreach pair,$(COVERED),$(firstword $(subst =, \
    ,$(pair))))),$(eval $(call cover_program,$(name))))

coverage: $(COVER_PROGRAMS)
	$(Q)tests/host/coverage.sh $(HT)/gcov 95 $(COVERED)

# ---- fuzz ------------------------------------------------------------------

FUZZ_SECONDS ?= 60
FUZZ_LIMIT   := $(if $(FUZZ_RUNS),-runs=$(FUZZ_RUNS),\
    -max_total_time=$(FUZZ_SECONDS))
FUZZ_FLAGS   := -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all $(filter -I%,$(HT_FLAGS))

$(foreach name,$(FUZZ_NAMES),$(eval $(HT)/libfuzzer/$(name): \
    tests/fuzz/$(name).c tests/fuzz/require.c $(FUZZ_$(name))))

$(HT)/libfuzzer/%:
	$(call say,FUZZCC,$@)
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -o $@ $^

fuzz: $(FUZZ_NAMES:%=$(HT)/libfuzzer/%) $(FUZZ_NAMES:%=$(HT)/64/fuzz/%)
	$(Q)for name in $(FUZZ_NAMES); do \
	    tests/fuzz/run.sh $(HT) $$name $(FUZZ_LIMIT) || exit 1; done
