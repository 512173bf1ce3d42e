# The kernel's memory map on the host, for tools/memmap-lab/memmap-lab. Of
# frame_init.c one function is wanted; the linker drops the others.

MEMMAP_KERNEL := $(HOST)/memmap-kernel
MEMMAP_FLAGS  := -Ikernel/include -Ikernel -ffunction-sections -fdata-sections
MEMMAP_SRC    := tools/memmap-lab/kernel.c kernel/mm/memmap.c \
    kernel/mm/frame_init.c
MEMMAP_OBJ    := $(patsubst %.c,$(HOST)/memmap-lab/%.o,$(notdir $(MEMMAP_SRC)))

$(foreach f,$(MEMMAP_SRC),$(eval $(HOST)/memmap-lab/$(notdir $(f:.c=.o)): $(f)))
$(MEMMAP_OBJ): $(HOST)/flags
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) $(MEMMAP_FLAGS) -MMD -MP -c \
	    $(filter %.c,$^) -o $@

$(MEMMAP_KERNEL): $(MEMMAP_OBJ)
	$(call say,HOSTLD,$@)
	$(Q)$(HOSTCC) -Wl,--gc-sections -o $@ $^

-include $(MEMMAP_OBJ:.o=.d)

tools: $(MEMMAP_KERNEL)
