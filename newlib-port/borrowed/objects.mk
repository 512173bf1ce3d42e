# Compile what is borrowed, and the glue: called by newlib-port/rules.mk when
# the archive is there.
#
#     make -f objects.mk PORT=... CC=... IN=unpacked OUT=objects FLAGS=...
#
# ONLY=libc leaves out what goes into libm; PLAIN are names of files that FLAGS
# without -fsanitize=% is for.
#
# OUT/libc and OUT/libm receive the objects; OUT/list is written when they are
# all there.  A function with a wrapper is compiled from a generated file that
# includes the borrowed one, under its private name, and then the wrapper.

HERE  := $(PORT)/borrowed
GLUE  := $(wildcard $(HERE)/glue/*.c)
NAMES := $(OUT)/math-names.h

INCLUDES := -I$(HERE)/shim -I$(IN)/src/internal -I$(IN)/arch/i386
BORROWED_FLAGS := $(FLAGS) -std=gnu99 -O2 -fno-builtin -ffp-contract=off \
    -fexcess-precision=standard -frounding-math -fno-math-errno \
    -Werror=implicit-function-declaration -Werror=int-conversion \
    -Werror=incompatible-pointer-types \
    $(INCLUDES) -include $(HERE)/shim/musl.h

GLUE_FLAGS := $(FLAGS) -std=gnu11 -O2 -fno-builtin -Wall -Wextra -Werror \
    $(INCLUDES)

all: $(OUT)/list

# "LIBRARY PATH KIND" of each file that is compiled, as LIBRARY:PATH:KIND.
ENTRIES := $(shell awk '/^lib[cm] / { print $$1 ":" $$2 ":" ($$3 ? $$3 : "-") }' \
    $(HERE)/files)
ENTRIES := $(filter $(ONLY)%,$(ENTRIES))
GLUE := $(if $(ONLY),$(foreach g,$(GLUE),$(if $(findstring /math-,$(g)),,$(g))),$(GLUE))
ALL :=

# $(call compile,LIBRARY,PATH,KIND,OBJECT)
define compile
ALL += $(4)
$(4): $(IN)/$(2) $(HERE)/objects.mk $(if $(filter libm,$(1)),$(NAMES))
	@mkdir -p $$(@D)
	$(if $(filter - plain,$(3)),,printf '#include "%s"\n#undef %s\n#include "%s"\nWRAP_%s(%s)\n' \
	    $(abspath $(IN)/$(2)) $(basename $(notdir $(2))) \
	    $(abspath $(HERE)/glue/math-wrap.h) $(3) \
	    $(basename $(notdir $(2))) >$(4:.o=.c))
	$(CC) $(if $(filter $(PLAIN),$(notdir $(2))),$(filter-out \
	    -fsanitize%,$(BORROWED_FLAGS)),$(BORROWED_FLAGS)) $(if $(filter libm,$(1)),$(MATH_FLAGS) \
	    -DMATH_NAMES='"$(abspath $(NAMES))"') $(if $(filter %.s,$(2)),-Wa$(comma)--noexecstack) \
	    -I$(IN)/src/math -MD -MP -c $(if $(filter - plain,$(3)),$$<,$(4:.o=.c)) -o $$@
endef
comma := ,
field = $(word $(1),$(subst :, ,$(2)))
$(foreach e,$(ENTRIES),$(eval $(call compile,$(call field,1,$(e)),$(call \
    field,2,$(e)),$(call field,3,$(e)),$(OUT)/$(call field,1,$(e))/$(subst \
    /,-,$(basename $(patsubst src/%,%,$(call field,2,$(e))))).o)))

$(NAMES): $(HERE)/files
	@mkdir -p $(@D)
	awk '/^libm / && $$3 { n = $$2; sub(/.*\//, "", n); sub(/\..*/, "", n); \
	    print "#define " n " __musl_" n }' $< >$@

define compile_glue
ALL += $(OUT)/$(2)/glue-$(3).o
$(OUT)/$(2)/glue-$(3).o: $(1) $(HERE)/objects.mk
	@mkdir -p $$(@D)
	$(CC) $(GLUE_FLAGS) -MD -MP -c $$< -o $$@
endef
$(foreach g,$(GLUE),$(eval $(call compile_glue,$(g),$(if $(findstring \
    /math-,$(g)),libm,libc),$(basename $(notdir $(g))))))

$(OUT)/list: $(ALL) $(HERE)/files
	@find $(OUT) -name '*.o' | sort | while read -r o; do \
	    case " $(ALL) " in *" $$o "*) ;; *) rm -f "$$o" ;; esac; done
	@printf '%s\n' $(ALL) >$@

-include $(ALL:.o=.d)
