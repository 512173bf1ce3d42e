# `make bench`: instructions per operation, in Cairn and in Linux.

BENCH := $(BUILD)/bench

$(BENCH)/bench $(BENCH)/growth $(BENCH)/count: $(BENCH)/%: tests/bench/%.c $(BUILD)/guest/flags $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP $< -o $@

-include $(BENCH)/bench.d $(BENCH)/growth.d

$(BENCH)/stretches: tests/bench/stretches.c $(BUILD)/guest/flags \
    $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP $< -o $@

-include $(BENCH)/stretches.d

# As large as what is loaded of the kernel, which `size` adds up.
$(BENCH)/entry.elf: tests/bench/entry.S $(KERNEL)
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--build-id=none \
	    -Wl,-Ttext=0x100000 -o $@ $< -Wa,--defsym,PADDING=$$( \
	    $(CROSS)size $(KERNEL) | awk 'NR == 2 { print $$1 + $$2 }')

$(BENCH)/counter: tests/bench/counter.S $(KDIR)/flags
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--build-id=none -o $@ $<

# Fetched once, and a bench without it only lacks a column.
$(BUILD)/linux/vmlinuz: tests/bench/get-linux.sh
	$(call say,FETCH,$@)
	$(Q)tests/bench/get-linux.sh $(@D) || \
	    echo "  no Linux to compare with; see $(@D)/log"

.PHONY: bench
bench: $(BENCH)/bench $(BENCH)/growth $(BENCH)/stretches $(BENCH)/entry.elf \
    $(BENCH)/counter $(KERNEL) \
    $(MKINITRD) $(BUILD)/initrd.tar $(BUILD)/linux/vmlinuz
	$(Q)$(PYTHON) tests/bench/run-bench.py $(BUILD)

# What the laboratory costs when it is off, beside a kernel without it.
.PHONY: bench-lab
bench-lab: $(BENCH)/bench $(BENCH)/count $(KERNEL) $(MKINITRD) \
    $(call port_stamp,busybox)
	@$(MAKE) --no-print-directory $(if $(SILENT),-s) NOLAB=1 \
	    $(BUILD)/kernel-nolab/cairn.elf
	$(Q)$(PYTHON) tests/bench/lab-off.py $(BUILD)

include tests/bench/malloc/rules.mk
