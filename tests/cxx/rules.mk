# C++: `make check-cxx` builds the library if it is not there, and tests it with
# tests/cxx/NAME.cc. Other tests build these programs if the library is there.

CXX_TESTS  := $(patsubst tests/%.cc,$(BUILD)/%,$(wildcard tests/cxx/*.cc))
CXX_CFLAGS := -std=gnu++20 -O2 -g1 -Wall -Wextra -Wno-unused-result \
    -Wno-mismatched-new-delete -Wno-restrict $(PREFIX_MAP)
# A file of the library without a rule: when it is there, all of it is.
CXX_THERE  := $(wildcard $(SYSROOT)/usr/lib/libsupc++.a)

$(call stamp,$(BUILD)/cxx/flags,$(CXX_CFLAGS))

$(CXX_TESTS): $(BUILD)/%: tests/%.cc tests/cxx/tap.hh $(BUILD)/cxx/flags \
    $(CXX_THERE) $(SYSROOT_READY)
	$(call say,USERCXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CAIRN_CXX) $(CXX_CFLAGS) $< -o $@

.PHONY: cxx-tests check-cxx
cxx-tests: $(CXX_TESTS)

ifneq ($(CXX_THERE),)
guest-tests: cxx-tests
endif

check-cxx: $(KERNEL) sysroot tools
	$(Q)$(MAKE) cxx
	$(Q)$(MAKE) cxx-tests
	$(Q)$(RUN_TESTS) run/test_cxx </dev/null
