# Cairn's one entry: `make help` names the targets.
#
# The order of this file: settings, the packages of the host, the kernel, the
# image, running it, and the targets that a person types.  What belongs to one
# folder is in that folder's rules.mk: newlib-port (the C library, sysroot/),
# userland (programs of the initrd), tools (programs of the host), tests.
#
# Rules for all of them: outputs go to build/ or sysroot/ and nowhere else;
# one line per file by $(call say,WORD,FILE), the command itself with V=1;
# object files are compiled with -MMD -MP, and depend on a flags stamp that
# changes when the command does; no timestamps, host names or absolute paths
# in outputs, so that two clones of one commit build the same bytes.

# Names of files are divided by blanks here, and the shell has its own marks.
HERE := $(CURDIR)
ifneq ($(words $(HERE)),1)
$(error The folder "$(HERE)" has a blank in its name, which make cannot work \
    with: move the clone)
endif
ifneq ($(findstring ',$(HERE))$(findstring ",$(HERE))$(findstring $$,$(HERE))$(findstring \#,$(HERE)),)
$(error The folder $(HERE) has a quote, $$ or # in its name, which make cannot \
    work with: move the clone)
endif

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.DELETE_ON_ERROR:

# All processors work, unless -j says how many; a make inside follows ours.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(or $(shell nproc 2>/dev/null),1)
endif
.SUFFIXES:

# ---- settings: each can be given on the command line -----------------------

VERSION ?= 1.1
BUILD   := build
SYSROOT := sysroot
CROSS   ?= i686-linux-gnu-
HOSTCC  ?= cc
QEMU    ?= qemu-system-i386

# What `make run` and `make debug` give the machine. CMDLINE is for the kernel
# of build/cairn.iso; without words in it, init starts a shell.
MEM      ?= 64M
QEMU_CPU ?= max
CMDLINE  ?=

# The date in archives and images, the same for everyone: 2026-01-01.
export SOURCE_DATE_EPOCH ?= 1767225600

# Python as packaged, whatever else comes first in PATH.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
export PYTHONDONTWRITEBYTECODE := 1

# With -s, a letter in the first word of MAKEFLAGS, not even the one line.
Q   := $(if $(filter 1,$(V)),,@)
SILENT := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say  = @$(if $(Q),$(if $(SILENT),:,printf '  %-7s %s\n' '$(1)' '$(2)'),:)

# $(call stamp,FILE,TEXT): FILE holds TEXT, and is written only when it does
# not yet: what depends on it is rebuilt when a command or a list changes.
stamp = $(if $(call differ,$(file <$(1)),$(strip $(2))),$(shell mkdir -p \
    $(dir $(1)))$(file >$(1),$(strip $(2))))
differ = $(filter-out _$(subst $(space),^,$(1)),_$(subst $(space),^,$(2)))
hash  := \#
empty :=
space := $(empty) $(empty)

# $(call files,DIR): all regular files below DIR, at any depth.
files = $(foreach f,$(wildcard $(1)/* $(1)/.[!.]*),$(if \
    $(wildcard $(f)/.),$(call files,$(f)),$(f)))

# ---- packages of the host --------------------------------------------------
#
# tools/deps.sh looks for what a goal needs and installs it where it may; a
# stamp in build/ makes the second time free.  When something is missing, the
# rest of this file is not read, and "question mode", in which make runs no
# recipe and exits 1, is the way to that exit status.

GOALS      := $(or $(MAKECMDGOALS),all)
FREE_GOALS := help clean distclean format
deps_of     = $(if $(filter-out $(FREE_GOALS),$(1)),base) \
    $(if $(filter check% test% coverage fuzz bench,$(1)),check) \
    $(if $(filter bench-malloc%,$(1)),count) \
    $(if $(filter fuzz,$(1)),fuzz) $(if $(filter format,$(1)),format) \
    $(if $(filter lint,$(1)),lint) $(if $(filter %cxx,$(1)),cxx)
DEPS       := $(sort $(foreach g,$(GOALS),$(call deps_of,$(g))) \
    $(if $(VGA),vga))
DEPS_STAMP  = $(BUILD)/deps/$(1)
DEPS       := $(strip $(if $(DEPS),$(shell for g in $(DEPS); do \
    test $(call DEPS_STAMP,$$g) -nt tools/deps.sh || echo $$g; done)))

ifneq ($(DEPS),)
ifneq ($(shell tools/deps.sh $(BUILD)/deps $(DEPS) >&2 && echo ok),ok)
DEPS_FAILED := yes
endif
endif

ifdef DEPS_FAILED
MAKEFLAGS += --question
.PHONY: $(GOALS)
$(GOALS):
	@false
else ifneq ($(filter-out $(FREE_GOALS),$(GOALS)),)

# ---- the kernel ------------------------------------------------------------
#
# UBSAN=1 builds a second kernel with the undefined behaviour sanitizer, KASAN=1
# one with the address sanitizer, LATENCY=1 one that measures how long it keeps
# the processor (arch/i386/latency.h), KCOV=1 one that tells what it has run; the
# last also with another. NOLAB=1 leaves the laboratory out (sys/lab.h), to measure
# what it costs when it is off. Each is in a folder of its own.

VARIANT := $(if $(UBSAN),-ubsan)$(if $(KASAN),-kasan)$(if $(KCOV),-kcov)$(if \
    $(LATENCY),-latency)$(if $(NOLAB),-nolab)
KDIR    := $(BUILD)/kernel$(VARIANT)
KERNEL  := $(KDIR)/cairn.elf

# Every access is checked by a call; stacks have no shadow. The string functions
# check what they are given, so calls of them stay calls.
KCOV_FLAGS  := -fsanitize-coverage=trace-pc
KASAN_PLAIN := -DKASAN -Dmemcpy=memcpy
KASAN_FLAGS := $(KASAN_PLAIN) -fsanitize=kernel-address \
    -fasan-shadow-offset=0 --param asan-instrumentation-with-call-threshold=0 \
    --param asan-stack=0 --param asan-globals=1

KCPPFLAGS := -Ikernel/include -Ikernel -I$(KDIR)/include
KCFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie -march=i686 \
    -mtune=generic -mregparm=3 \
    -mno-mmx -mno-sse -mgeneral-regs-only -mpreferred-stack-boundary=2 \
    -fno-omit-frame-pointer \
    -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fno-strict-aliasing -fcf-protection=none \
    -Wall -Wextra -Werror -Wmissing-prototypes -Wshadow \
    $(if $(LATENCY),-DLATENCY) $(if $(NOLAB),-DNOLAB) \
    $(if $(UBSAN),-w -fsanitize=undefined -fno-sanitize-recover=all) \
    $(if $(KASAN),$(KASAN_FLAGS)) $(if $(KCOV),-DKCOV $(KCOV_FLAGS))
KLDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none \
    -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
PREFIX_MAP := -ffile-prefix-map=$(CURDIR)=.

KSRC := $(sort $(wildcard kernel/*/*.c kernel/arch/i386/*.[cS]))
KSRC := $(if $(UBSAN),$(KSRC),$(filter-out kernel/lib/ubsan.c,$(KSRC)))
KSRC := $(if $(KASAN),$(KSRC),\
    $(filter-out kernel/lib/kasan.c kernel/mm/quarantine.c,$(KSRC)))
KSRC := $(if $(LATENCY),$(KSRC),$(filter-out %latency.c,$(KSRC)))
KSRC := $(if $(NOLAB),$(filter-out $(patsubst %,kernel/sys/%.c,lab record \
    capture tamper probe core view),$(KSRC)),$(KSRC))
KSRC := $(if $(KCOV),$(KSRC),$(filter-out kernel/dev/kcov.c,$(KSRC)))
KOBJ := $(patsubst %,$(KDIR)/%.o,$(basename $(KSRC:kernel/%=%)))

# These touch what nobody else may: free objects and free frames.
$(addprefix $(KDIR)/,lib/kasan.o mm/kmalloc.o mm/quarantine.o mm/zeroing.o): \
    KCFLAGS := $(if $(KASAN),$(subst $(KASAN_FLAGS),$(KASAN_PLAIN),$(KCFLAGS)),\
    $(KCFLAGS))

$(addprefix $(KDIR)/,lib/kasan.o dev/kcov.o): \
    KCFLAGS := $(filter-out $(KCOV_FLAGS),$(KCFLAGS))

# What lib/version.h includes.
$(call stamp,$(KDIR)/include/release.h,\
    $(hash)define CAIRN_RELEASE "$(VERSION)")
$(call stamp,$(KDIR)/flags,$(CROSS)gcc $(KCPPFLAGS) $(KCFLAGS))
$(call stamp,$(KDIR)/objects,$(CROSS)gcc $(KLDFLAGS) $(KOBJ))

# The glyphs of framebuffers; empty where no console font is to be had.
FONT := $(BUILD)/font.bin

$(FONT): tools/get-font.sh tools/mkfont.py kernel/dev/cp437.c
	$(call say,FONT,$@)
	@mkdir -p $(@D)
	$(Q)PYTHON=$(PYTHON) tools/get-font.sh $@ kernel/dev/cp437.c

$(KDIR)/dev/font.o: $(FONT)
$(KDIR)/dev/font.o: KCFLAGS += -DFONT_FILE='"$(FONT)"'

$(KDIR)/%.o: kernel/%.c $(KDIR)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(KCPPFLAGS) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -c $< -o $@

$(KDIR)/%.o: kernel/%.S $(KDIR)/flags
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(KCPPFLAGS) $(KCFLAGS) $(PREFIX_MAP) -MMD -MP -c $< -o $@

# Linked twice: the first image, with an empty symbol table, tells where the
# functions are; the second one carries the table.  The table lies behind all
# code, so it moves none of it, and tools/ksyms.sh checks that.
KLINK = $(CROSS)gcc $(KLDFLAGS) -T linker.ld $(KOBJ)

$(KERNEL): $(KOBJ) linker.ld tools/ksyms.sh $(KDIR)/objects
	$(call say,LD,$@)
	$(Q)CROSS=$(CROSS) tools/ksyms.sh $@ $(KLINK)

# What is booted has no debugging information: it loads several times faster.
KERNEL_BOOT := $(KDIR)/cairn.boot

$(KERNEL_BOOT): $(KERNEL)
	$(call say,STRIP,$@)
	$(Q)$(CROSS)strip -o $@ $<

-include $(KOBJ:.o=.d)

# ---- other folders ---------------------------------------------------------

.DEFAULT_GOAL := all
include tools/rules.mk $(wildcard newlib-port/rules.mk)
include userland/rules.mk tests/rules.mk

# ---- the image -------------------------------------------------------------

INITRD   := $(BUILD)/initrd.tar
ISO      := $(BUILD)/cairn$(VARIANT).iso
TOUR_ISO := $(BUILD)/tour$(VARIANT).iso
GRUB     := $(BUILD)/iso/eltorito.img

INITRD_FILES := $(call files,initrd)

# The usual terminals, as this machine describes them; those it has.
TERMINALS := ansi dumb linux screen screen-256color tmux tmux-256color vt100 \
    vt102 vt220 xterm xterm-256color
TERMINFO  := $(BUILD)/terminfo
TERMINFO_DIRS ?= /etc/terminfo /lib/terminfo /usr/share/terminfo
find_terminfo = $(firstword $(wildcard $(foreach d,$(TERMINFO_DIRS),\
    $(d)/$(shell printf %.1s $(1))/$(1))))
TERMINFO_FILES := $(foreach t,$(TERMINALS),$(call find_terminfo,$(t)))

$(call stamp,$(TERMINFO).list,$(TERMINFO_FILES))
$(TERMINFO).stamp: $(TERMINFO).list
	$(Q)rm -rf $(TERMINFO)
	$(Q)mkdir -p $(TERMINFO)
	$(Q)for file in $(TERMINFO_FILES); do name=$${file%/*}; \
	    mkdir -p $(TERMINFO)/$${name##*/}; \
	    cp -L $$file $(TERMINFO)/$${name##*/}; done
	$(Q)touch $@

# The pages of man, and the list of what is in them, which the port's own program
# makes, where this machine can run it.
MAN       := $(BUILD)/man
MAN_FILES := $(call files,userland/man)

$(call stamp,$(MAN).list,$(MAN_FILES))
$(MAN).stamp: $(MAN).list $(MAN_FILES) $(filter %/mandoc.stamp,$(PORT_STAMPS))
	$(Q)rm -rf $(MAN)
	$(Q)mkdir -p $(MAN)
	$(Q)cp -R userland/man/. $(MAN)
	$(Q)$(call port_root,mandoc)/bin/makewhatis $(MAN) >/dev/null 2>&1 || :
	$(Q)touch $@

# Of two files of one name the first is taken: Cairn's own programs, then ports.
INITRD_SRC   := initrd $(TERMINFO)=usr/share/terminfo $(MAN)=usr/share/man \
    $(foreach p,$(USER_PROGRAMS),$(p)=bin/$(notdir $(p))) $(PORT_ROOTS)

$(call stamp,$(BUILD)/initrd.list,$(INITRD_SRC) $(INITRD_FILES))
# A folder that git would not keep without a file has the file .keep.
# A link may lead to what is only there in Cairn: nothing make could wait for.
$(INITRD): $(MKINITRD) $(foreach f,$(INITRD_FILES),$(if \
    $(realpath $(f)),$(f))) $(USER_PROGRAMS) $(PORT_STAMPS) $(TERMINFO).stamp \
    $(MAN).stamp \
    $(BUILD)/initrd.list
	$(call say,PACK,$@)
	$(Q)$(MKINITRD) -k -x .keep -o $@ $(INITRD_SRC)

$(GRUB): tools/mkgrub.sh
	$(call say,GRUB,$@)
	@mkdir -p $(@D)
	$(Q)tools/mkgrub.sh $@

$(call stamp,$(BUILD)/iso/cmdline,words: $(CMDLINE))
$(ISO): $(BUILD)/iso/cmdline
$(ISO): ISO_CMDLINE := $(CMDLINE)
$(TOUR_ISO): ISO_CMDLINE := init=/bin/tour

$(ISO) $(TOUR_ISO): tools/mkiso.sh $(GRUB) $(KERNEL_BOOT) $(INITRD)
	$(call say,ISO,$@)
	$(Q)tools/mkiso.sh $@ $(GRUB) $(KERNEL_BOOT) $(INITRD) '$(ISO_CMDLINE)'

# ---- running ---------------------------------------------------------------
#
# GNU make itself only ever exits 0, 1 or 2, so a loaded function ends it with
# the status that the machine gave; without it a failure is make's usual 2. The
# status comes in a file of this make's own, whose name has its process number.

export QEMU QEMU_CPU MEM VGA

ifneq ($(filter run check check-long,$(GOALS)),)
-load $(BUILD)/host/make-exit.so(make_exit_setup)
STATUS := $(BUILD)/status.$(shell echo $$PPID)
endif

# Somebody at a terminal gets a shell, a script the tour; unless the command
# line says what to run.
GIVEN   := $(filter-out file,$(origin ISO) $(origin CMDLINE))
RUN_ISO := $(if $(or $(GIVEN),$(shell test -t 0 && echo \
    terminal)),$(ISO),$(TOUR_ISO))

# For the recipe of a target that depends on what wrote $(STATUS).
end-with-status = $(eval code := $(file <$(STATUS)))$(shell \
    rm -f $(STATUS))$(make-exit $(code))exit $(code)

.PHONY: run run-machine debug
# An image that is given is run as it is.
run-machine: $(if $(filter-out file,$(origin ISO)),,$(RUN_ISO)) sysroot
	$(Q)tools/run.sh $(RUN_ISO) $(STATUS)

run: run-machine
	@$(end-with-status)

# Its console is a file, where nobody types.
DEBUG_ISO := $(if $(GIVEN),$(ISO),$(TOUR_ISO))

debug: $(DEBUG_ISO)
	$(Q)tools/debug.sh $(DEBUG_ISO) $(KERNEL) $(BUILD)

# ---- what a person types ---------------------------------------------------

# How deep the kernel's stacks can get; STACKS=--all shows the ways there.
.PHONY: stacks
stacks: $(KERNEL)
	$(Q)tools/stack-check.py --tools $(CROSS) $(STACKS) $<

.PHONY: all image sysroot tools
all: $(KERNEL) $(INITRD) $(ISO) $(TOUR_ISO) sysroot tools

image: $(ISO)

sysroot:

# For clangd, and for `make lint`: how each C file is compiled.
.PHONY: compile_commands.json lint
compile_commands.json: sysroot
	$(call say,INDEX,$@)
	$(Q)$(MAKE) -nB V=1 all guest-tests </dev/null 2>/dev/null | \
	    tools/compile-commands.py >$@

# The drawings of the documents.
.PHONY: pictures
pictures:
	$(Q)tools/draw-pictures.py docs/pictures

# Style and three checkers; LINT='kernel/mm tools/pack.c' for some files only.
lint: compile_commands.json
	$(Q)tools/style.py $(LINT)
	$(Q)tools/lint.py $< $(LINT)

# Do the tests notice a fault? COUNT single changes of FILES, chosen by SEED.
.PHONY: mutate
mutate: sysroot tools
	$(Q)nice $(PYTHON) tools/mutate.py $(SEED:%=--seed %) \
	    $(COUNT:%=--count %) $(FILES)

endif # neither failed nor free

# ---- what needs no build ---------------------------------------------------

ifndef DEPS_FAILED
.PHONY: clean distclean help format

# Formatted are the sources of Cairn itself, not what comes from elsewhere.
FORMAT_FILES = $(shell git ls-files '*.c' '*.h' | grep -v /ports/)

format:
	$(Q)clang-format -i $(FORMAT_FILES)

clean:
	$(Q)rm -rf $(BUILD)
	$(Q)find $(SYSROOT) -mindepth 1 ! -name README.md -delete 2>/dev/null || :

# All of Cairn's outputs lie inside the clone: there is no cache elsewhere.
distclean: clean
	$(Q)find . -name __pycache__ -prune -exec rm -rf {} + ; \
	    rm -rf .pytest_cache

help:
	@cat tools/help.txt

endif # DEPS_FAILED
