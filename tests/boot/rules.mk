# The probe of /dev/kvm, for tests that need it.
KVM_PROBE := $(BUILD)/test/kvm.elf

$(KVM_PROBE): tests/boot/kvm.S
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--build-id=none \
	    -Wl,-Ttext=0x100000 -o $@ $<

guest-tests: $(KVM_PROBE)
