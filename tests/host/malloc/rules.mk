# The allocator on this machine: against a model, against the tables of the
# guest's tests, under the fuzzer, and as a library for other programs.
#
#   test-malloc-host       the tests, 64-bit and 32-bit, with sanitizers
#   test-malloc-host-long  10,000,000 operations of each kind
#   coverage-malloc        lines and branches that they reach
#   fuzz-malloc            libFuzzer
#   preload-malloc         build/host/malloc/libcairn-malloc.so, for LD_PRELOAD

MALLOC_CORE := $(filter-out %/os_cairn.c %/lock.c %/reent.c %/reent_report.c,\
    $(sort $(wildcard newlib-port/malloc/*.c))) \
    newlib-port/malloc/host/os_host.c

# Its names are others here, beside those of the C library; the guest's tests
# find the headers that they want of newlib's in this folder.
MALLOC_FLAGS := -include tests/host/malloc/rename.h -Inewlib-port/malloc \
    -Itests/host/malloc -Wno-missing-prototypes \
    -Wno-deprecated-declarations

TEST_malloc/model   := $(MALLOC_CORE)
TEST_malloc/corrupt := $(MALLOC_CORE)
HOST_TEST_NAMES     += malloc/model malloc/corrupt

MALLOC_TESTS := tests/host/malloc/model.c tests/host/malloc/corrupt.c \
    tests/fuzz/malloc.c \
    $(patsubst %,tests/guest/malloc_%.c,table misuse)
MALLOC_OBJECTS := $(patsubst %.c,%.o,$(MALLOC_CORE) $(MALLOC_TESTS))

$(foreach size,64 32,$(MALLOC_OBJECTS:%=$(HT)/$(size)/%)): \
    HT_FLAGS += $(MALLOC_FLAGS)
$(MALLOC_OBJECTS:%=$(HT)/gcov/%): COVER_FLAGS += $(MALLOC_FLAGS)
$(patsubst %,$(HT)/64/tests/guest/malloc_%.o,table misuse) \
$(patsubst %,$(HT)/32/tests/guest/malloc_%.o,table misuse): \
    HT_FLAGS += -Itests/guest
$(patsubst %,$(HT)/gcov/tests/guest/malloc_%.o,table misuse): \
    COVER_FLAGS += -Itests/guest

# The guest's own tests, against the same core.
define malloc_guest_test
HOST_TEST_PROGRAMS += $(HT)/64/malloc/$(1) $(HT)/32/malloc/$(1)
HT_OBJECTS += tests/guest/malloc_$(1).o
$(HT)/64/malloc/$(1): $(patsubst %.c,$(HT)/64/%.o,\
    tests/guest/malloc_$(1).c $(MALLOC_CORE))
	$$(call say,TESTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(HOSTCC) $(HT_SAN) -o $$@ $$^
$(HT)/32/malloc/$(1): $(patsubst %.c,$(HT)/32/%.o,\
    tests/guest/malloc_$(1).c $(MALLOC_CORE))
	$$(call say,TESTLD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CROSS)gcc $(HT_SAN) $(HT_LINK32) -o $$@ $$^
endef
$(foreach name,table misuse,$(eval $(call malloc_guest_test,$(name))))

# The model against the fast paths that are written out: code at fixed addresses.
$(HT)/asm/malloc/model: $(MALLOC_CORE) tests/host/malloc/model.c \
    tests/host/tap.c tests/guest/malloc_model.h \
    $(wildcard newlib-port/malloc/*.h)
	$(call say,TESTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -std=gnu11 -g -O2 -Wall -Wextra -Werror -march=i686 \
	    -static -no-pie -fno-pic -Itests/host $(MALLOC_FLAGS) \
	    $(filter %.c,$^) -o $@
HOST_TEST_PROGRAMS += $(HT)/asm/malloc/model

MALLOC_HOST_TESTS := $(HT)/asm/malloc/model $(foreach size,64 32,$(patsubst \
    %,$(HT)/$(size)/malloc/%,model corrupt table misuse))

.PHONY: test-malloc-host test-malloc-host-long
test-malloc-host: $(MALLOC_HOST_TESTS)
	$(Q)tests/host/run.sh $^

test-malloc-host-long: $(MALLOC_HOST_TESTS)
	$(Q)TEST_LONG=1 tests/host/run.sh $^

# ---- fuzzing ---------------------------------------------------------------

FUZZ_malloc := $(MALLOC_CORE)
FUZZ_NAMES  += malloc

$(HT)/libfuzzer/malloc: FUZZ_FLAGS += $(MALLOC_FLAGS) -Wno-unknown-attributes

.PHONY: fuzz-malloc
fuzz-malloc: $(HT)/libfuzzer/malloc $(HT)/64/fuzz/malloc
	$(Q)tests/fuzz/run.sh $(HT) malloc $(FUZZ_LIMIT)

# ---- coverage --------------------------------------------------------------

MALLOC_GCOV := $(patsubst %.c,$(HT)/gcov/%.o,$(MALLOC_CORE))
MALLOC_COVERED := $(patsubst %,$(HT)/gcov/malloc/%,model corrupt table misuse)

$(HT)/gcov/malloc/model: $(HT)/gcov/tests/host/malloc/model.o \
    $(HT)/gcov/tests/host/tap.o
$(HT)/gcov/malloc/corrupt: $(HT)/gcov/tests/host/malloc/corrupt.o \
    $(HT)/gcov/tests/host/tap.o
$(HT)/gcov/malloc/table: $(HT)/gcov/tests/guest/malloc_table.o
$(HT)/gcov/malloc/misuse: $(HT)/gcov/tests/guest/malloc_misuse.o
$(MALLOC_COVERED): $(MALLOC_GCOV)
	$(call say,COVERLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) --coverage -o $@ $^

.PHONY: coverage-malloc
coverage-malloc: $(MALLOC_COVERED)
	$(Q)tests/host/malloc/coverage.sh $(HT)/gcov 90 \
	    $(MALLOC_CORE)

coverage: coverage-malloc

# ---- for programs of this machine ------------------------------------------

MALLOC_SO := $(BUILD)/host/malloc/libcairn-malloc.so

$(MALLOC_SO): $(MALLOC_CORE) newlib-port/malloc/host/preload.c \
    $(wildcard newlib-port/malloc/*.h newlib-port/malloc/host/*.h)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -fPIC -shared -Wall -Wextra \
	    -Inewlib-port/malloc $(filter %.c,$^) -o $@ -lpthread

.PHONY: preload-malloc
preload-malloc: $(MALLOC_SO)
