# Programs of the initrd: userland/NAME.c or userland/NAME/*.c becomes
# /bin/NAME, compiled and linked by the sysroot's own compiler, as a user's
# program would be.

USER_CC     := $(SYSROOT)/bin/i686-cairn-gcc
USER_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes \
    -Wshadow $(PREFIX_MAP)

USER_SINGLE   := $(patsubst userland/%.c,%,$(wildcard userland/*.c))
USER_DIRS     := $(filter-out ports,$(patsubst userland/%/,%,$(sort $(dir \
    $(wildcard userland/*/*.c)))))
USER_PROGRAMS := $(sort $(addprefix $(BUILD)/userland/bin/,$(USER_SINGLE) \
    $(USER_DIRS)))

$(call stamp,$(BUILD)/userland/flags,$(USER_CC) $(USER_CFLAGS))

$(BUILD)/userland/%.o: userland/%.c $(BUILD)/userland/flags $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -MMD -MP -c $< -o $@

# Which objects a program is made of: its one, or all of its folder.
user_objects = $(patsubst %.c,$(BUILD)/%.o,$(or $(wildcard \
    userland/$(1)/*.c),userland/$(1).c))

# Linked with debugging information as NAME.elf, for gdb; packed without.
define user_program
$(BUILD)/userland/$(1).elf: $(call user_objects,$(1))
endef
$(foreach p,$(USER_SINGLE) $(USER_DIRS),$(eval $(call user_program,$(p))))

$(BUILD)/userland/%.elf:
	$(call say,USERLD,$@)
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -o $@ $^

$(BUILD)/userland/bin/%: $(BUILD)/userland/%.elf
	$(call say,STRIP,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)strip -o $@ $<

-include $(foreach p,$(USER_SINGLE) $(USER_DIRS),$(patsubst %.o,%.d,$(call \
    user_objects,$(p))))

-include $(wildcard userland/ports/rules.mk)
