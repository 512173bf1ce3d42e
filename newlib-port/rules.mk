# The C library and the cross toolchain: everything in sysroot/.
#
#   build/newlib-src      the source tree, unpacked and patched
#   build/newlib          newlib's own build, logged in build/newlib.log
#   build/newlib-install  what it installs
#   build/libc            Cairn's objects
#
# NEWLIB_SRC=DIR takes another newlib.  MALLOC=cairn|newlib chooses the allocator
# in libc.a; newlib's stock ones are always there as -lmalloc-newlib and
# -lmalloc-nano.

NEWLIB_SRC ?=
MALLOC     ?= cairn

PORT := newlib-port
NLOG := $(BUILD)/newlib.log

SYSROOT_BIN     := $(SYSROOT)/bin
SYSROOT_LIB     := $(SYSROOT)/usr/lib
SYSROOT_INCLUDE := $(SYSROOT)/usr/include
CAIRN_CC        := $(SYSROOT_BIN)/i686-cairn-gcc

# ---- the tools -------------------------------------------------------------

CAIRN_BINUTILS := addr2line ar as c++filt elfedit gcc-ar gcc-nm gcc-ranlib \
    gdb gprof ld ld.bfd nm objcopy objdump ranlib readelf size strings strip
CAIRN_DRIVERS  := i686-cairn-cc i686-cairn-cpp

CAIRN_TOOLS := $(CAIRN_CC) $(SYSROOT_BIN)/i686-cairn-binutil \
    $(SYSROOT_BIN)/i686-cairn-pkg-config $(SYSROOT_LIB)/i686-cairn.specs \
    $(SYSROOT)/share/i686-cairn.cmake $(SYSROOT)/share/config.site
CAIRN_LINKS := $(CAIRN_DRIVERS:%=$(SYSROOT_BIN)/%) \
    $(CAIRN_BINUTILS:%=$(SYSROOT_BIN)/i686-cairn-%)

$(SYSROOT_BIN)/i686-cairn-gcc $(SYSROOT_BIN)/i686-cairn-binutil \
$(SYSROOT_BIN)/i686-cairn-pkg-config: $(SYSROOT_BIN)/%: tools/%
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@ && chmod 755 $@

$(SYSROOT_LIB)/i686-cairn.specs: tools/i686-cairn.specs
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(SYSROOT)/share/i686-cairn.cmake: tools/i686-cairn.cmake
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(SYSROOT)/share/config.site: tools/i686-cairn-config.site
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(CAIRN_DRIVERS:%=$(SYSROOT_BIN)/%): $(CAIRN_CC)
	$(Q)ln -sf i686-cairn-gcc $@

$(CAIRN_BINUTILS:%=$(SYSROOT_BIN)/i686-cairn-%): \
    $(SYSROOT_BIN)/i686-cairn-binutil
	$(Q)ln -sf i686-cairn-binutil $@

# ---- newlib ----------------------------------------------------------------

PORT_HEADERS := $(call files,$(PORT)/include) $(wildcard \
    kernel/include/cairn/*)

$(call stamp,$(BUILD)/newlib.source,source: $(NEWLIB_SRC))
$(call stamp,$(BUILD)/newlib.headers,$(filter $(PORT)/%,$(PORT_HEADERS)))

$(BUILD)/newlib-src.stamp: $(PORT)/unpack-newlib $(PORT)/fetch-newlib \
    $(PORT)/patch-newlib $(call files,$(PORT)/patches) \
    $(PORT)/newlib.sha256 $(BUILD)/newlib.source
	$(call say,UNPACK,$(BUILD)/newlib-src)
	$(Q)$(PORT)/unpack-newlib $(BUILD)/newlib-src $(BUILD)/newlib-fetched \
	    $(NEWLIB_SRC)
	@touch $@

# newlib is built again when a header changes that it has seen, as the last
# build noted, or when there is another one.
NEWLIB_SEEN := $(patsubst $(CURDIR)/%,%,$(file <$(BUILD)/newlib.seen))

$(BUILD)/newlib.stamp: $(BUILD)/newlib-src.stamp $(PORT)/build-newlib \
    $(wildcard $(or $(NEWLIB_SEEN),$(PORT_HEADERS))) $(BUILD)/newlib.headers \
    $(CAIRN_TOOLS) | $(CAIRN_LINKS)
	$(call say,BUILD,newlib: a minute; log in $(NLOG))
	$(Q)$(PORT)/build-newlib $(BUILD)/newlib-src $(BUILD)/newlib \
	    $(BUILD)/newlib-install $(BUILD)/newlib.seen $(CURDIR)/$(CAIRN_CC) \
	    $(CURDIR)/$(PORT)/include $(CURDIR)/kernel/include \
	    >$(NLOG) 2>&1 || { tail -n 20 $(NLOG) >&2; exit 1; }
	@touch $@

# A header whose text is as before keeps its date, so that only what includes a
# changed one is compiled again. The programs of ports, which come with makefiles
# of their own, are built again for any change but one in the list of calls.
PORT_DEPS := $(BUILD)/headers.ports

$(BUILD)/headers.stamp: $(BUILD)/newlib.stamp $(PORT)/install-headers \
    $(PORT_HEADERS) $(PORT)/malloc/malloc_cairn.h \
    $(BUILD)/borrowed/unpacked $(call files,$(PORT)/borrowed/include) \
    $(call files,$(PORT)/include-over)
	$(call say,INSTALL,$(SYSROOT_INCLUDE))
	$(Q)$(PORT)/install-headers $(BUILD)/newlib-install/i686-cairn/include \
	    $(PORT)/include kernel/include $(PORT)/malloc/malloc_cairn.h \
	    $(SYSROOT_INCLUDE) $$(test ! -e $(BUILD)/borrowed/unpacked || \
	    echo $(PORT)/borrowed/include) >$@
	$(Q)if grep -qvxE '(cairn|sys)/syscall.*' $@; then touch $(PORT_DEPS); fi

$(PORT_DEPS): $(BUILD)/headers.stamp
	@test -e $@ || touch $@

# ---- Cairn's objects -------------------------------------------------------

# They are compiled again when a header of the sysroot changes (-MD).
LIBC_CFLAGS := -std=gnu11 -O2 -g1 -fno-omit-frame-pointer -fno-stack-protector \
    -Wall -Wextra -Werror -Wshadow -MD -MP $(PREFIX_MAP)
# The allocator is the hottest code of many programs.
MALLOC_CFLAGS := $(filter-out -fno-omit%,$(LIBC_CFLAGS)) -fomit-frame-pointer

# A program may bring an allocator of its own: these names give way to it, and
# what newlib takes for itself comes from there too.
MALLOC_WEAK := $(patsubst %,-W %,malloc free calloc realloc reallocarray \
    memalign aligned_alloc posix_memalign valloc pvalloc malloc_usable_size)

$(call stamp,$(BUILD)/libc/flags,$(LIBC_CFLAGS) $(MALLOC_CFLAGS) \
    $(MALLOC_WEAK))

LIBC_SRC   := $(sort $(wildcard $(PORT)/src/*.[cS] $(PORT)/src/*/*.[cS]))
CRT_SRC    := $(filter %/crt0.S %/crti.S %/crtn.S,$(LIBC_SRC))
LIBC_SRC   := $(filter-out $(CRT_SRC),$(LIBC_SRC))
MALLOC_SRC := $(sort $(wildcard $(PORT)/malloc/*.c))

port_objects = $(patsubst $(PORT)/%,$(BUILD)/libc/%.o,$(basename $(1)))

LIBC_OBJ   := $(call port_objects,$(LIBC_SRC))
CRT_OBJ    := $(call port_objects,$(CRT_SRC))
MALLOC_OBJ := $(call port_objects,$(MALLOC_SRC))

$(BUILD)/libc/src/%.o: $(PORT)/src/%.c $(BUILD)/libc/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(LIBC_CFLAGS) -c $< -o $@

$(BUILD)/libc/src/%.o: $(PORT)/src/%.S $(BUILD)/libc/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(LIBC_CFLAGS) -c $< -o $@

$(BUILD)/libc/malloc/%.o: $(PORT)/malloc/%.c $(BUILD)/libc/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(MALLOC_CFLAGS) -c $< -o $@
	$(Q)$(CROSS)objcopy $(MALLOC_WEAK) $@

-include $(LIBC_OBJ:.o=.d) $(CRT_OBJ:.o=.d) \
    $(MALLOC_OBJ:.o=.d)

# ---- what is borrowed ------------------------------------------------------
#
# Functions of other libraries, listed in borrowed/files and fetched once.
# Without the archive the C library has newlib's own in their place.

BORROWED     := $(BUILD)/borrowed
BORROWED_TAR  = $(PORTS_SRC)/musl.tar

$(BORROWED)/fetched: $(PORT)/borrowed/sources $(PORT)/borrowed/fetch
	@mkdir -p $(@D)
	$(Q)$(PORT)/borrowed/fetch $(PORTS_SRC) musl && touch $@ || :

$(BORROWED)/unpacked: $(BORROWED)/fetched $(PORT)/borrowed/files \
    $(PORT)/borrowed/unpack $(wildcard $(PORT)/borrowed/patches/*)
	$(Q)if test -e $<; then $(PORT)/borrowed/unpack $(BORROWED_TAR) \
	    $(BORROWED)/musl && touch $@; fi

$(BORROWED)/stamp: $(BORROWED)/unpacked $(BUILD)/headers.stamp \
    $(BUILD)/libc/flags $(call files,$(PORT)/borrowed)
	$(call say,BORROW,$(BORROWED))
	$(Q)mkdir -p $(BORROWED)/objects/libc $(BORROWED)/objects/libm; if test -e $<; then \
	    $(MAKE) -s -f $(PORT)/borrowed/objects.mk PORT=$(PORT) \
	        CC=$(CAIRN_CC) IN=$(BORROWED)/musl OUT=$(BORROWED)/objects \
	        FLAGS='-g1 -fno-stack-protector -fno-omit-frame-pointer $(PREFIX_MAP)'; fi
	@touch $@

# ---- the libraries ---------------------------------------------------------

# newlib's two allocators, to compare with.
STOCK_MALLOC := $(patsubst %,$(SYSROOT_LIB)/libmalloc-%.a,newlib nano)
$(STOCK_MALLOC): $(SYSROOT_LIB)/libmalloc-%.a: $(PORT)/build-stock-malloc \
    $(wildcard $(PORT)/stock-malloc/*.c) $(BUILD)/newlib.stamp \
    | $(BUILD)/headers.stamp
	$(call say,BUILD,$@)
	@mkdir -p $(@D)
	$(Q)$(PORT)/build-stock-malloc $(BUILD)/newlib-src \
	    $(BUILD)/stock-malloc/$* $(CURDIR)/$(SYSROOT_BIN) $@

# One that tells valgrind of its blocks.
VALGRIND_MALLOC := $(SYSROOT_LIB)/libmalloc-valgrind.a
$(BUILD)/libc/valgrind/malloc.o: $(PORT)/valgrind/malloc.c $(BUILD)/libc/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(LIBC_CFLAGS) -fno-builtin-malloc -c $< -o $@

$(VALGRIND_MALLOC): $(BUILD)/libc/valgrind/malloc.o
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(CROSS)ar qcsD $@ $<

# The address sanitizer's runtime: GCC links libasan_preinit.o first and then
# -lasan, which has nothing to add.
ASAN_CFLAGS := -std=gnu11 -O2 -g1 -fno-omit-frame-pointer -fno-stack-protector \
    -fno-builtin -fno-tree-loop-distribute-patterns -Wall -Wextra -Werror \
    -Wshadow -MD -MP $(PREFIX_MAP)
ASAN        := $(SYSROOT_LIB)/libasan_preinit.o $(SYSROOT_LIB)/libasan.a
ASAN_OBJ    := $(patsubst %,$(BUILD)/libc/sanitize/%.o,asan heap string entry)

$(call stamp,$(BUILD)/libc/sanitize/flags,$(ASAN_CFLAGS))

$(BUILD)/libc/sanitize/%.o: $(PORT)/sanitize/%.c $(BUILD)/libc/sanitize/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(ASAN_CFLAGS) -c $< -o $@

$(BUILD)/libc/sanitize/%.o: $(PORT)/sanitize/%.S $(BUILD)/libc/sanitize/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(ASAN_CFLAGS) -c $< -o $@

-include $(ASAN_OBJ:.o=.d)

$(SYSROOT_LIB)/libasan_preinit.o: $(ASAN_OBJ)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)ld -m elf_i386 -r -o $@ $^

$(SYSROOT_LIB)/libasan.a:
	@mkdir -p $(@D)
	$(Q)$(CROSS)ar rcsD $@

# What --coverage and -pg link.
PROFILE_OBJ := $(patsubst %,$(BUILD)/libc/profile/%.o,gcov gmon mcount)
$(BUILD)/libc/profile/%.o: $(PORT)/profile/%.c $(BUILD)/libc/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) -D_GNU_SOURCE $(LIBC_CFLAGS) -c $< -o $@

$(BUILD)/libc/profile/%.o: $(PORT)/profile/%.S $(BUILD)/libc/flags \
    | $(BUILD)/headers.stamp
	$(call say,LIBC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) -c $< -o $@

$(SYSROOT_LIB)/libprofile.a: $(PROFILE_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(CROSS)ar qcsD $@ $^

MERGE_TOOLS := --ar $(CROSS)ar --nm $(CROSS)nm --objcopy $(CROSS)objcopy \
    --reserved $(PORT)/iso-c-names.txt

# Objects of the chosen allocator: Cairn's, or the members of newlib's.
LIBC_MALLOC := $(if $(filter cairn,$(MALLOC)),$(MALLOC_OBJ))
$(call stamp,$(BUILD)/libc/choice,$(MALLOC) $(LIBC_OBJ) $(LIBC_MALLOC))

$(SYSROOT_LIB)/libc.a: $(PORT)/merge-libc $(PORT)/iso-c-names.txt $(BUILD)/newlib.stamp $(LIBC_OBJ) \
    $(LIBC_MALLOC) $(BUILD)/libc/choice $(SYSROOT_LIB)/libmalloc-newlib.a \
    $(BORROWED)/stamp
	$(call say,AR,$@)
	$(Q)$(PYTHON) $(PORT)/merge-libc $(MERGE_TOOLS) -o $@ \
	    $(BUILD)/newlib-install/i686-cairn/lib/libc.a $(LIBC_OBJ) \
	    $$(find $(BORROWED)/objects/libc -name '*.o' | sort) \
	    $(or $(LIBC_MALLOC),$(BUILD)/stock-malloc/newlib/*.o)

$(SYSROOT_LIB)/libm.a: $(PORT)/merge-libc $(PORT)/iso-c-names.txt $(BUILD)/newlib.stamp \
    $(BORROWED)/stamp
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) $(PORT)/merge-libc $(MERGE_TOOLS) -o $@ \
	    $(BUILD)/newlib-install/i686-cairn/lib/libm.a \
	    $$(find $(BORROWED)/objects/libm -name '*.o' | sort)

# Functions that elsewhere lie in these are in libc.a.
EMPTY_LIBS := $(patsubst %,$(SYSROOT_LIB)/lib%.a,crypt dl intl pthread resolv rt \
    util)
$(EMPTY_LIBS):
	@mkdir -p $(@D)
	$(Q)$(CROSS)ar rcsD $@

CRT := $(patsubst %,$(SYSROOT_LIB)/%.o,crt0 crti crtn)
$(CRT): $(SYSROOT_LIB)/%.o: $(BUILD)/libc/src/start/%.o
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@

# ---- all of it -------------------------------------------------------------

# What a program that is built by the sysroot's compiler depends on; which
# headers it depends on, the compiler tells (-MMD).
SYSROOT_READY := $(BUILD)/sysroot.stamp

$(SYSROOT_READY): $(CAIRN_TOOLS) $(CRT) $(EMPTY_LIBS) \
    $(addprefix $(SYSROOT_LIB)/,libc.a libm.a) $(STOCK_MALLOC) \
    $(VALGRIND_MALLOC) $(ASAN) $(SYSROOT_LIB)/libprofile.a \
    | $(BUILD)/headers.stamp $(CAIRN_LINKS)
	@touch $@

sysroot: $(SYSROOT_READY)

# The table of all functions; run it when a header, a source or a test changes.
.PHONY: docs/libc.md
docs/libc.md: $(SYSROOT_READY)
	$(Q)$(PYTHON) tools/libc-table

include newlib-port/cxx/rules.mk
include newlib-port/sanitize/rules.mk
