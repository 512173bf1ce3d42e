# C++: `make cxx` builds libstdc++ of the cross compiler's own version into the
# sysroot; `make check-cxx` tests it. Nothing else needs it.
#
#     build/gcc-fetched     GCC's source as Debian packages it
#     build/gcc-src         the parts of it that are used, with a few changes
#     build/libstdc++       its build, logged in build/libstdc++.log
#
# It is built once: the C library's headers may change after that, as they may
# under any program. `make cxx-again` builds it from the source that is there.

CXX_PORT   := $(PORT)/cxx
CXX_LOG    := $(BUILD)/libstdc++.log
LIBSTDCXX  := $(SYSROOT_LIB)/libstdc++.a
CAIRN_CXX  := $(SYSROOT_BIN)/i686-cairn-g++
CXX_TOOLS  := $(CAIRN_CXX) $(SYSROOT_LIB)/i686-cairn-cxx.specs
GCC_VERSION = $(shell $(CROSS)g++ -dumpfullversion)

$(CAIRN_CXX): tools/i686-cairn-g++
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@ && chmod 755 $@ && ln -sf i686-cairn-g++ $(@D)/i686-cairn-c++

$(SYSROOT_LIB)/i686-cairn-cxx.specs: tools/i686-cairn-cxx.specs
	$(call say,INSTALL,$@)
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(BUILD)/gcc-src.stamp: $(CXX_PORT)/fetch-gcc $(CXX_PORT)/unpack-gcc
	$(call say,UNPACK,$(BUILD)/gcc-src)
	$(Q)archive=$$($(CXX_PORT)/fetch-gcc $(GCC_VERSION) \
	    $(BUILD)/gcc-fetched) && \
	    $(CXX_PORT)/unpack-gcc "$$archive" $(BUILD)/gcc-src
	@touch $@

$(LIBSTDCXX): $(BUILD)/gcc-src.stamp $(CXX_PORT)/build-libstdcxx \
    | $(CXX_TOOLS) $(SYSROOT_READY)
	$(call say,BUILD,libstdc++: some minutes; log in $(CXX_LOG))
	$(Q)$(CXX_PORT)/build-libstdcxx $(BUILD)/gcc-src $(BUILD)/libstdc++ \
	    $(SYSROOT) >$(CXX_LOG) 2>&1 || { tail -n 20 $(CXX_LOG) >&2; exit 1; }
	@touch $@

.PHONY: cxx cxx-again
cxx: $(LIBSTDCXX) $(CXX_TOOLS)
cxx-again:
	$(Q)rm -f $(LIBSTDCXX)
	$(Q)$(MAKE) cxx
