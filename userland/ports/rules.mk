# Ports: other people's programs, each built from its own source by the file
# "port" in its folder.  docs/porting.md tells how to add one.
#
#     make ports              all of them, also those that the image has not
#     make run WITH=lua       an image that has these as well
#     make check-ports        their own tests, in Cairn; P='sed grep' for some
#     build/ports/src         the archives, fetched once
#     build/ports/NAME/root   what a port puts into the initrd
#     build/ports/NAME.log    all that its build said

PORTS_DIR := userland/ports
PORTS_SRC ?= $(BUILD)/ports/src

port_names = $(sort $(patsubst $(PORTS_DIR)/%/port,%,$(1)))
PORTS       := $(call port_names,$(wildcard $(PORTS_DIR)/*/port))
IMAGE_PORTS := $(call port_names,$(shell \
    grep -lx image=yes $(PORTS_DIR)/*/port)) $(WITH)

# $(PORTS_SRC)/NAME.fetched says that the archive is there.  Where it cannot be
# had, fetch-source has said so in one line and all else is built: the port's
# stamp stays away, so that the next make tries again.
port_say = $(if $(Q),$(if $(SILENT),:,printf '  %-7s %s\n' PORT '$(1)'),:)

define port_rules
$(PORTS_SRC)/$(1).fetched: $(PORTS_DIR)/$(1)/port $(PORTS_DIR)/fetch-source
	@mkdir -p $$(@D)
	$$(Q). ./$(PORTS_DIR)/$(1)/port; $(PORTS_DIR)/fetch-source $$(@D) \
	    "$$$$package" "$$$$archive" "$$$$sha256" "$$$$suite" && \
	    touch $$@ || :

$(BUILD)/ports/$(1)/configured: $(call files,$(PORTS_DIR)/$(1)) \
    $(PORTS_DIR)/build-port $(PORT_DEPS) $(CAIRN_TOOLS)
	@rm -f $$@

$(call port_stamp,$(1)): $(call port_needs,$(1))
$(call port_stamp,$(1)): $(PORTS_SRC)/$(1).fetched \
    $(BUILD)/ports/$(1)/configured $(SYSROOT_READY)
	@mkdir -p $(call port_root,$(1))
	$$(Q)if test -e $$<; then $(call port_say,$(1)); \
	    $(PORTS_DIR)/build-port $(PORTS_DIR)/$(1) $(BUILD)/ports/$(1) \
	    $(PORTS_SRC) $(SYSROOT)/bin && touch $$@; fi
endef

port_root  = $(BUILD)/ports/$(1)/root
port_stamp = $(BUILD)/ports/$(1).stamp
port_needs = $(foreach n,$(patsubst $(1):%,%,$(filter $(1):%,\
    $(PORT_NEEDS))),$(call port_stamp,$(n)))

# PORT:NEED, from the lines needs='NEED ...' of the ports.
PORT_NEEDS := $(shell cd $(PORTS_DIR) && sed -n "s/^needs='\(.*\)'/\1/p;T;F" \
    */port | awk '/\/port$$/ { sub("/port", ""); for (i in n) print $$0 ":" n[i]; \
    next } { split($$0, n) }')

$(foreach p,$(PORTS),$(eval $(call port_rules,$(p))))

# What the image has of the ports, and what it waits for.  Of two files of one
# name the first counts, and busybox has many names: it comes last.
PORT_ROOTS  := $(foreach p,$(filter-out busybox,$(IMAGE_PORTS)) $(filter \
    busybox,$(IMAGE_PORTS)),$(call port_root,$(p)))
PORT_STAMPS := $(foreach p,$(IMAGE_PORTS),$(call port_stamp,$(p)))

.PHONY: ports
ports: $(foreach p,$(PORTS),$(call port_stamp,$(p)))

# The image in which the ports' own tests run: each port's programs before
# busybox's. Scripts name tools by the place that this machine has them at.
CHECK_IMAGE := $(BUILD)/ports/check.tar
P ?= $(filter-out $(IMAGE_PORTS),$(PORTS))

.PHONY: check-ports
check-ports: ports all
	@mkdir -p $(BUILD)/ports/check/usr
	@ln -sfn ../bin $(BUILD)/ports/check/usr/bin
	$(Q)$(MKINITRD) -k -x .keep -o $(CHECK_IMAGE) $(BUILD)/ports/check \
	    initrd $(TERMINFO)=usr/share/terminfo \
	    $(foreach p,$(USER_PROGRAMS),$(p)=bin/$(notdir $(p))) \
	    $(foreach p,$(filter-out busybox,$(PORTS)) busybox,$(call port_root,$(p)))
	$(Q)$(PYTHON) $(PORTS_DIR)/check-port $(BUILD) $(P)
