# `make bench-malloc`: the allocator and newlib's two beside eight others, on
# this machine (bench-malloc-tables) and in Cairn (bench-malloc-cairn).
#
# All are linked statically for Linux with the workloads of this folder: the
# allocator's own files, newlib's as its own Makefile would compile them, and
# what the host's C library has, which shows that the workloads are those the
# peers were measured with.

MB       := $(BUILD)/bench/malloc
MB_FLAGS := -std=gnu11 -O2 -march=i686 -fomit-frame-pointer -fno-pic -fno-pie \
    -fno-stack-protector -fno-asynchronous-unwind-tables -Wall -Wextra -Werror
MB_WORK  := $(patsubst %,tests/bench/malloc/%.c,bench small large shape \
    replay)
MB_LINK  := $(CROSS)gcc -g -O2 -Wall -Wextra -Werror -fno-builtin \
    -march=i686 -static -no-pie
MB_NAMES := malloc free calloc realloc memalign
MB_DEFS  := $(foreach n,$(MB_NAMES),-Wl,--defsym=bm_$(n)=$(n))
MB_CORE  := $(filter-out %/reent.c %/reent_report.c,$(sort \
    $(wildcard newlib-port/malloc/*.c)))
MB_OBJ   := $(MB_CORE:newlib-port/malloc/%.c=$(MB)/o/%.o)
MB_HEADS := $(wildcard newlib-port/malloc/*.h tests/bench/malloc/*.h)

# ---- Cairn's ---------------------------------------------------------------

$(call stamp,$(MB)/list,$(MB_FLAGS) $(MB_OBJ))

$(MB_OBJ): $(MB)/o/%.o: newlib-port/malloc/%.c $(MB_HEADS) $(MB)/list
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(MB_FLAGS) -c $< -o $@

$(MB)/libcore.a: $(MB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(CROSS)ar rcsD $@ $^

$(MB)/bench: $(MB_WORK) $(MB_OBJ)
$(MB)/misuse: tests/bench/malloc/misuse.c $(MB_OBJ)
$(MB)/perobj: tests/bench/malloc/perobj.c $(MB_OBJ)
$(MB)/bench-glibc: $(MB_WORK)

$(MB)/bench $(MB)/misuse $(MB)/perobj $(MB)/bench-glibc: $(MB_HEADS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(MB_LINK) $(MB_DEFS) $(filter %.c %.o,$^) -o $@

# ---- newlib's --------------------------------------------------------------

MB_STDLIB := $(BUILD)/newlib-src/newlib/libc/stdlib
MB_NEWLIB := -m32 -march=i686 -O2 -fomit-frame-pointer -fno-pic -fno-pie \
    -fno-stack-protector -w -nostdinc -D_COMPILING_NEWLIB -DINTERNAL_NEWLIB -D_LIBC \
    -isystem $(shell $(CROSS)gcc -print-file-name=include) \
    -isystem $(BUILD)/newlib-install/i686-cairn/include
MB_PARTS  := MALLOC FREE REALLOC CALLOC MEMALIGN MALLOC_USABLE_SIZE
MB_NL     := $(MB_PARTS:%=$(MB)/nl/%.o)
MB_NANO   := $(MB_PARTS:%=$(MB)/nano/%.o)

# newlib 4 calls both files by other names.
$(MB)/nl/%.o: $(BUILD)/newlib.stamp
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(MB_NEWLIB) -DDEFINE_$* -x c -c -o $@ $(firstword \
	    $(wildcard $(MB_STDLIB)/_mallocr.c) $(MB_STDLIB)/mallocr.c)

$(MB)/nano/%.o: $(BUILD)/newlib.stamp
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(MB_NEWLIB) -DDEFINE_$* -x c -c -o $@ $(firstword \
	    $(wildcard $(MB_STDLIB)/_nano-mallocr.c) $(MB_STDLIB)/nano-mallocr.c)

$(MB)/bench-nl: $(MB_NL)
$(MB)/bench-nano: $(MB_NANO)
$(MB)/bench-nl $(MB)/bench-nano: $(MB_WORK) \
    tests/bench/malloc/newlib_host.c $(MB_HEADS)
	$(call say,LD,$@)
	$(Q)$(MB_LINK) -fomit-frame-pointer -fno-pic -fno-pie \
	    $(filter %.c %.o,$^) -o $@

# ---- in Cairn --------------------------------------------------------------
#
# in-NAME is for Cairn, user-NAME the same for callgrind.

MB_GUESTS   := cairn newlib nano
MB_LIB       = $(if $(filter cairn,$(1)),,-lmalloc-$(1))
MB_GUEST     = $(GUEST_CC) -std=gnu11 -g -O2 -Wall -Wextra -Werror \
    -fno-builtin $(PREFIX_MAP) $(MB_DEFS)

$(MB_GUESTS:%=$(MB)/in-%): $(MB)/in-%: $(MB_WORK) $(MB_HEADS) $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(MB_GUEST) $(MB_WORK) -o $@ $(call MB_LIB,$*)

$(MB_GUESTS:%=$(MB)/user-%): $(MB)/user-%: $(MB_WORK) $(MB_HEADS) \
    tests/bench/malloc/sbrk_arena.c $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(MB_GUEST) -Wl,--wrap=sbrk,--wrap=_sbrk_r $(MB_WORK) \
	    tests/bench/malloc/sbrk_arena.c -o $@ $(call MB_LIB,$*)

.PHONY: bench-malloc-cairn
bench-malloc-cairn: $(MB_GUESTS:%=$(MB)/in-%) $(MB_GUESTS:%=$(MB)/user-%) \
    $(KERNEL) $(MKINITRD) $(MB)/traces.stamp
	$(Q)$(PYTHON) tests/bench/malloc/in_cairn.py $(BUILD) $(MB_GUESTS)

# ---- the tables ------------------------------------------------------------

$(MB)/step: tests/bench/malloc/step.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -Wall -Wextra -Werror $< -o $@

# What real programs ask for; those that cannot be built are left out.
$(MB)/traces.stamp: tests/bench/malloc/traces.py \
    $(patsubst %,tests/bench/malloc/%,churn.lua words.awk loop.sh) \
    $(foreach p,lua busybox dash,$(call port_stamp,$(p)))
	$(call say,TRACE,$(MB)/traces)
	$(Q)$(PYTHON) tests/bench/malloc/traces.py $(BUILD)/ports $(MB)/traces
	@touch $@

.PHONY: bench-malloc bench-malloc-tables
bench-malloc-tables: $(addprefix $(MB)/,traces.stamp libcore.a bench misuse \
    perobj step bench-nl bench-nano bench-glibc)
	$(Q)$(PYTHON) tests/bench/malloc/compare.py cairn=$(MB)/bench \
	    nl=$(MB)/bench-nl nano=$(MB)/bench-nano glibc=$(MB)/bench-glibc \
	    --traces $(MB)/traces --json $(MB)/compare.json
	$(Q)CROSS=$(CROSS) $(PYTHON) tests/bench/malloc/targets.py $(MB) \
	    $(MB)/bench-nl

# The tables come one after the other.
bench-malloc: bench-malloc-tables
	@$(MAKE) --no-print-directory $(if $(SILENT),-s) bench-malloc-cairn
