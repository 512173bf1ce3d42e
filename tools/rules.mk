# Programs that run on the host while building, testing and using Cairn.

HOSTCFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes \
    -Wshadow -Itools $(PREFIX_MAP)
HOST       := $(BUILD)/host

$(call stamp,$(HOST)/flags,$(HOSTCC) $(HOSTCFLAGS))

$(HOST)/%.o: tools/%.c $(HOST)/flags
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -MMD -MP -c $< -o $@

MKINITRD := $(HOST)/mkinitrd
$(MKINITRD): $(HOST)/mkinitrd.o $(HOST)/pack.o $(HOST)/ustar.o
	$(call say,HOSTLD,$@)
	$(Q)$(HOSTCC) -o $@ $^

# The function that lets `make run` exit with the machine's status.  A make
# without its header does without.
$(HOST)/make-exit.so: tools/make-exit.c $(HOST)/flags
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -shared -fPIC $< -o $@ 2>/dev/null || rm -f $@

.PHONY: tools
tools: $(MKINITRD)

-include $(wildcard tools/*/rules.mk)
-include $(wildcard $(HOST)/*.d)
