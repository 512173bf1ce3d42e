# Tests: `make check`, `make check-long`, and what they run.
#
#     make check T='guest/sbrk* boot'    only some, by name
#
# When T names guest tests alone, only these are built, and no image.
#
# tests/run-tests.py runs and counts; its head says what a test is.

GUEST_CC     := $(SYSROOT)/bin/i686-cairn-gcc
GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Itests/guest \
    -Ikernel/include $(PREFIX_MAP)
GUEST_TESTS  := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/guest/*.c))

$(call stamp,$(BUILD)/guest/flags,$(GUEST_CC) $(GUEST_CFLAGS))

$(BUILD)/guest/%: tests/guest/%.c $(BUILD)/guest/flags $(SYSROOT_READY)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP $< -o $@ -lm

-include $(GUEST_TESTS:=.d)
-include $(wildcard tests/*/rules.mk)

.PHONY: check check-long check-machine check-long-machine guest-tests
guest-tests: $(GUEST_TESTS)

RUN_TESTS = $(PYTHON) tests/run-tests.py --build $(BUILD)

# GUEST/PROGRAM:RUN is a run of PROGRAM. The shell's quotes in T are dropped.
chosen    := $(subst ',,$(subst ",,$(T)))
only-some := $(if $(chosen),$(if $(filter-out guest/% linux/%,$(chosen)),,yes))
sources    = $(wildcard tests/guest/$(firstword $(subst :, ,$(notdir $(1)))).c)
some-tests = $(patsubst tests/%.c,$(BUILD)/%,\
    $(foreach word,$(chosen),$(call sources,$(word))))
CHECK_NEEDS = $(if $(only-some),$(KERNEL) sysroot tools $(some-tests),\
    all guest-tests)

# The status goes through a file, as that of `run` does.
check-machine: $(CHECK_NEEDS)
	$(Q)$(RUN_TESTS) $(T) </dev/null; echo $$? >$(STATUS)

check-long-machine: $(CHECK_NEEDS)
	$(Q)$(RUN_TESTS) --long $(T) </dev/null; echo $$? >$(STATUS)

check check-long: %: %-machine
	@$(end-with-status)

# `make run` and `make check` in a fresh Debian of each kind; an hour.
.PHONY: check-debian
check-debian:
	$(Q)tools/check-debian.sh $(BUILD)/debian bookworm trixie

# Everything at once, for SECONDS of the machine's time, in an order by SEED.
SECONDS ?= 60
SEED    ?= 1

.PHONY: soak
soak: all $(BUILD)/guest/soak
	$(Q)$(HOST)/cairn-run --append leakcheck --timeout $$(($(SECONDS) * 4 + 60)) \
	    --env SECONDS=$(SECONDS) --env SEED=$(SEED) $(BUILD)/guest/soak
