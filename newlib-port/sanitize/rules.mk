# The C library with the address and undefined behaviour sanitizers, and guest
# tests linked with it: for `make check T=asan`, and check-long.
#
# Instrumented are Cairn's own functions and what is borrowed, but not newlib's,
# the mathematics, the allocator (which the sanitizer's replaces), and what reads
# whole words, which may go past the end of a string.

SAN       := $(BUILD)/sanitized
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize=alignment \
    -fsanitize-undefined-trap-on-error --param=asan-use-after-return=0
SAN_SRC   := $(LIBC_SRC)
SAN_OBJ   := $(patsubst $(PORT)/%,$(SAN)/%.o,$(basename $(SAN_SRC)))
SAN_PLAIN := strchrnul.c stpcpy.c stpncpy.c strlcpy.c memccpy.c crypt%

$(call stamp,$(SAN)/flags,$(LIBC_CFLAGS) $(SAN_FLAGS) $(SAN_PLAIN) $(SAN_SRC))

$(SAN)/src/%.o: $(PORT)/src/%.c $(SAN)/flags | $(BUILD)/headers.stamp
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(LIBC_CFLAGS) $(SAN_FLAGS) -c $< -o $@

$(SAN)/src/%.o: $(PORT)/src/%.S $(SAN)/flags | $(BUILD)/headers.stamp
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) $(LIBC_CFLAGS) -c $< -o $@

-include $(SAN_OBJ:.o=.d)

$(SAN)/borrowed/stamp: $(BORROWED)/stamp $(SAN)/flags
	$(call say,BORROW,$(SAN)/borrowed)
	$(Q)mkdir -p $(@D)/libc; if test -e $(BORROWED)/unpacked; then \
	    $(MAKE) -s -f $(PORT)/borrowed/objects.mk PORT=$(PORT) \
	        CC=$(CAIRN_CC) IN=$(BORROWED)/musl OUT=$(@D) ONLY=libc \
	        PLAIN='$(SAN_PLAIN)' \
	        FLAGS='-g1 -fno-stack-protector -fno-omit-frame-pointer $(SAN_FLAGS) $(PREFIX_MAP)'; fi
	@touch $@

$(SAN)/lib/libc.a: $(SAN)/borrowed/stamp $(SAN_OBJ) $(SYSROOT_READY)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) $(PORT)/merge-libc $(MERGE_TOOLS) -o $@ \
	    $(BUILD)/newlib-install/i686-cairn/lib/libc.a $(SAN_OBJ) \
	    $$(find $(SAN)/borrowed/libc -name '*.o' | sort) $(MALLOC_OBJ)

$(SAN)/guest/%: tests/guest/%.c $(SAN)/lib/libc.a
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CC) -std=gnu11 -O1 -g -Itests/guest -Ikernel/include \
	    $(PREFIX_MAP) -fsanitize=address -L$(SAN)/lib $< -o $@ -lm
