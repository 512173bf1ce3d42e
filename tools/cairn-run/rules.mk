# cairn-run: built into build/host, installed into sysroot/bin with the kernel,
# the image for -c and what --grub wants beside it in sysroot/usr/lib/cairn.

CAIRN_RUN      := $(HOST)/cairn-run
CAIRN_RUN_DIR  := $(HOST)/run
CAIRN_RUN_OBJ  := $(patsubst tools/cairn-run/%.c,$(CAIRN_RUN_DIR)/%.o,\
    $(sort $(wildcard tools/cairn-run/*.c)))

$(CAIRN_RUN_DIR)/%.o: tools/cairn-run/%.c $(HOST)/flags
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -Ikernel -MMD -MP -c $< -o $@

$(CAIRN_RUN): $(CAIRN_RUN_OBJ) $(HOST)/pack.o $(HOST)/ustar.o
	$(call say,HOSTLD,$@)
	$(Q)$(HOSTCC) -o $@ $^

-include $(CAIRN_RUN_OBJ:.o=.d)

CAIRN_LIB := $(SYSROOT)/usr/lib/cairn

$(SYSROOT)/bin/cairn-run: $(CAIRN_RUN)
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

$(CAIRN_LIB)/cairn.elf: $(KERNEL)
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

$(CAIRN_LIB)/initrd.tar: $(BUILD)/initrd.tar
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

$(CAIRN_LIB)/cairn.gdb: tools/cairn-run/cairn.gdb
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

$(CAIRN_LIB)/mkiso.sh: tools/mkiso.sh
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

$(CAIRN_LIB)/eltorito.img: $(BUILD)/iso/eltorito.img
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

$(CAIRN_LIB)/heap.html: tools/cairn-run/heap.html
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

$(CAIRN_LIB)/cairn-gdb.py: tools/cairn-gdb.py
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

$(CAIRN_LIB)/cairn-profile.so: $(HOST)/cairn-profile.so
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

CAIRN_RUN_INSTALLED := $(SYSROOT)/bin/cairn-run $(addprefix $(CAIRN_LIB)/,\
    cairn.elf initrd.tar cairn.gdb cairn-gdb.py cairn-profile.so heap.html mkiso.sh eltorito.img)

tools sysroot: $(CAIRN_RUN_INSTALLED)
