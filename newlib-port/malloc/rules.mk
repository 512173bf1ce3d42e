# The allocator's own targets; its objects for Cairn are in ../rules.mk.
#
#   test-malloc-host       the model, 64-bit with sanitizers and 32-bit
#   test-malloc-host-long  10,000,000 operations
#   coverage-malloc        lines and branches that the model reaches
#   preload-malloc         the allocator for programs of the host

MA       := newlib-port/malloc
MH       := $(BUILD)/host/malloc
MA_HEADS := $(wildcard $(MA)/*.h $(MA)/host/*.h tests/host/malloc/*.h)

# ---- on the host -----------------------------------------------------------

MH_CORE  := $(MA)/heap.c $(MA)/api.c $(MA)/check.c $(MA)/walk.c \
    $(MA)/host/os_host.c
MH_FLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror -I$(MA) \
    -include tests/host/malloc/rename.h
MH_SRC   := tests/host/malloc/model.c $(MH_CORE)

$(MH)/model64: $(MH_SRC) $(MA_HEADS)
	$(call say,TESTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(MH_FLAGS) -fsanitize=address,undefined \
	    -fno-sanitize-recover=all $(MH_SRC) -o $@ -lpthread

$(MH)/model32: $(MH_SRC) $(MA_HEADS)
	$(call say,TESTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(MH_FLAGS) -O2 -static $(MH_SRC) -o $@ -lpthread

$(MH)/covered/model: $(MH_SRC) $(MA_HEADS)
	$(call say,TESTCC,$@)
	@mkdir -p $(@D)
	$(Q)cd $(@D) && $(HOSTCC) -I$(CURDIR) -I$(CURDIR)/$(MA) -std=gnu11 -O0 \
	    -include $(CURDIR)/tests/host/malloc/rename.h --coverage \
	    $(MH_SRC:%=$(CURDIR)/%) -o model -lpthread

$(MH)/libcairn-malloc.so: $(MH_CORE) $(MA)/host/preload.c $(MA_HEADS)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -fPIC -shared -I$(MA) -Wall -Wextra \
	    $(MH_CORE) $(MA)/host/preload.c -o $@ -lpthread

.PHONY: test-malloc-host test-malloc-host-long coverage-malloc preload-malloc
test-malloc-host: $(MH)/model64 $(MH)/model32
	$(Q)$(MH)/model64 60000
	$(Q)$(MH)/model32 600000
	$(Q)MALLOC_CONF=check $(MH)/model32 100000
	$(Q)$(MH)/model32 20000 0 1 0 1

test-malloc-host-long: $(MH)/model64 $(MH)/model32
	$(Q)for mix in 0 1 2; do \
	    $(MH)/model32 10000000 $$mix 1 0 100000 && \
	    $(MH)/model32 1000000 $$mix 2 3 100000 && \
	    $(MH)/model64 1000000 $$mix 3 0 100000 || exit 1; done

coverage-malloc: $(MH)/covered/model
	$(Q)rm -f $(MH)/covered/*.gcda; cd $(MH)/covered && ./model 300000 && \
	    MALLOC_CONF=check ./model 30000 && \
	    gcov -b -o . *heap.gcda *api.gcda *check.gcda *walk.gcda | \
	    grep -A4 "^File.*/malloc/.*\.c"

preload-malloc: $(MH)/libcairn-malloc.so

# ---- fuzzing ---------------------------------------------------------------

$(MH)/fuzz: tests/fuzz/malloc.c $(MH_CORE) $(MA_HEADS)
	$(call say,FUZZCC,$@)
	@mkdir -p $(@D)
	$(Q)clang $(MH_FLAGS) -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all tests/fuzz/malloc.c $(MH_CORE) -o $@

.PHONY: fuzz-malloc
fuzz-malloc: $(MH)/fuzz
	$(Q)cd $(MH) && ./fuzz -max_total_time=$(or $(FUZZ_SECONDS),60) \
	    -timeout=10 -len_control=0 -max_len=2048
