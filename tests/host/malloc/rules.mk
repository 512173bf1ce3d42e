# The allocator against its model; built by newlib-port/malloc/rules.mk.

HOST_TEST_PROGRAMS += $(BUILD)/host/malloc/model64 $(BUILD)/host/malloc/model32
