# The plugin of cairn-run --profile, which QEMU loads.

PROFILE_SO := $(HOST)/cairn-profile.so

$(PROFILE_SO): tools/cairn-profile/plugin.c $(HOST)/flags
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -shared -fPIC -fvisibility=hidden \
	    -MMD -MP -MF $(@:.so=.so.d) $< -o $@

-include $(PROFILE_SO).d
