# Tests of pure modules, as programs of this machine: `make test-host`,
# `make coverage`, `make fuzz`.
#
# tests/host/NAME.c is a program that speaks TAP (tests/host/tap.h); TEST_NAME
# lists the sources it tests. Each is built twice, 64-bit by the host's
# compiler and 32-bit by the cross compiler with glibc, both with the address
# and undefined behaviour sanitizers.
#
# A folder below this one adds its own programs to HOST_TEST_PROGRAMS in its
# rules.mk, and fuzz targets to FUZZ_NAMES with their sources in FUZZ_NAME.

TEST_string  := kernel/lib/string.c
TEST_printf  := kernel/lib/printf.c
TEST_log     := kernel/lib/log.c kernel/lib/printf.c
TEST_list    :=
TEST_bits    :=
TEST_tree    := kernel/lib/tree.c
TEST_memmap  := kernel/mm/memmap.c tests/host/memmap_oracle.c

TEST_frame   := kernel/mm/frame.c kernel/mm/memmap.c
TEST_tar     := kernel/fs/tar.c
TEST_elf     := kernel/proc/elf.c

HOST_TEST_NAMES := string printf log list bits tree memmap frame tar elf

HT        := $(BUILD)/host/test
HT_WARN   := -Wall -Wextra -Werror -Wmissing-prototypes -Wshadow \
    -Wno-unused-result
HT_SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all
HT_FLAGS  := -std=gnu11 -O1 -g $(HT_WARN) -Ikernel/include -Ikernel \
    -Itests/host $(PREFIX_MAP)

# A 32-bit program finds the cross compiler's C library wherever that is.
HT_LD32   := $(shell $(CROSS)gcc -print-file-name=ld-linux.so.2)
HT_LINK32 := -Wl,--dynamic-linker=$(HT_LD32) -Wl,-rpath,$(dir $(HT_LD32))

HOST_TEST_PROGRAMS := \
    $(HOST_TEST_NAMES:%=$(HT)/64/%) $(HOST_TEST_NAMES:%=$(HT)/32/%)
FUZZ_NAMES :=

-include $(wildcard tests/host/*/rules.mk)

# ---- test-host -------------------------------------------------------------

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

# $(call host_test,NAME): its programs.
define host_test
HT_OBJ_$(1) := $(patsubst %.c,%.o,tests/host/$(1).c tests/host/tap.c \
    $(TEST_$(1)))
$(HT)/64/$(1): $$(HT_OBJ_$(1):%=$(HT)/64/%)
	$$(call say,TESTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOSTCC) $(HT_SAN) -o $$@ $$^
$(HT)/32/$(1): $$(HT_OBJ_$(1):%=$(HT)/32/%)
	$$(call say,TESTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CROSS)gcc $(HT_SAN) $(HT_LINK32) -o $$@ $$^
-include $$(HT_OBJ_$(1):%.o=$(HT)/64/%.d) $$(HT_OBJ_$(1):%.o=$(HT)/32/%.d)
endef
$(foreach name,$(HOST_TEST_NAMES),$(eval $(call host_test,$(name))))

.PHONY: test-host
test-host: $(HOST_TEST_PROGRAMS)
	$(Q)tests/host/run.sh $(HOST_TEST_PROGRAMS)
