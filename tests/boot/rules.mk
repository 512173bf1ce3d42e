# The probe of /dev/kvm, for tests that need it.
KVM_PROBE := $(BUILD)/test/kvm.elf

$(KVM_PROBE): tests/boot/kvm.S
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--build-id=none \
	    -Wl,-Ttext=0x100000 -o $@ $<

guest-tests: $(KVM_PROBE)

# A Multiboot loader that does whatever tests/boot/scenario.py tells it, and a
# first program that needs nothing.
BOOT_CFLAGS := -std=gnu11 -O2 -ffreestanding -fno-pic -fno-stack-protector \
    -mgeneral-regs-only -fno-asynchronous-unwind-tables -fcf-protection=none \
    -Wall -Wextra -Werror -nostdlib -static -no-pie -Wl,--build-id=none
LOADER    := $(BUILD)/test/loader.elf
TINY_INIT := $(BUILD)/test/tiny-init

$(LOADER): tests/boot/loader/start.S tests/boot/loader/loader.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(BOOT_CFLAGS) -Wl,-Ttext=0x2001000 \
	    -Wl,--section-start=.multiboot=0x2000000 -o $@ $^

$(TINY_INIT): tests/boot/loader/init.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(BOOT_CFLAGS) -Wl,-z,noseparate-code -s -o $@ $^

guest-tests: $(LOADER) $(TINY_INIT) $(MEMMAP_KERNEL)
