# The kernel's fuzzer: `make fuzz-kernel`, for FUZZ_SECONDS from SEED on.

FUZZ_KERNEL     := $(BUILD)/fuzz/kernel/fuzz
FUZZ_KERNEL_SRC := $(wildcard tests/fuzz/kernel/*.c)
FUZZ_KERNEL_RUN  = $(PYTHON) tests/fuzz/kernel/fuzz.py --build $(BUILD)

$(FUZZ_KERNEL): $(FUZZ_KERNEL_SRC) tests/fuzz/kernel/fuzz.h \
    $(wildcard kernel/include/cairn/*.def) $(BUILD)/guest/flags $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -Wno-unused-result -o $@ \
	    $(FUZZ_KERNEL_SRC)

guest-tests: $(FUZZ_KERNEL)

.PHONY: fuzz-kernel
fuzz-kernel: $(FUZZ_KERNEL) $(HOST)/cairn-run $(KERNEL)
	$(Q)$(MAKE) -s KASAN=1 KCOV=1 $(BUILD)/kernel-kasan-kcov/cairn.elf
	$(Q)$(FUZZ_KERNEL_RUN) --seconds $(FUZZ_SECONDS) \
	    $(if $(filter command%,$(origin SEED)),--seed $(SEED)) make
