#!/bin/sh
# tools/ksyms.sh OUT LINK-COMMAND ... - link the kernel with its symbol table
#
# Links OUT from the given command, to which this script adds "-o FILE" and
# one object, in two stages:
#
#   1. with an empty table, to learn the address of every function;
#   2. with the table, an object made of these addresses and names, in the
#      section .ksyms (kernel/lib/ksym.c has the layout and reads it).
#
# The linker script puts .ksyms behind all code, so functions are where they
# were; should that cease to be, the build fails rather than that backtraces
# lie.  CROSS is the prefix of the tools.
set -eu

out=$1
shift

# Prints address and name of each function of an image, by address.  The
# linker script's own marks are no functions.
list() {
    "${CROSS}nm" "$1" |
        awk '$2 ~ /^[tTwW]$/ && $3 !~ /^kernel_/ { print $1, $3 }' |
        LC_ALL=C sort -u
}

# Makes the table's object from such a list: a count, the addresses, and the
# names in the same order, each ended by a NUL.
assemble() {
    awk '
        BEGIN { print ".section .ksyms, \"a\"\n.balign 4"
                print ".globl ksym_table\nksym_table:" }
        { address[NR] = $1; name[NR] = $2 }
        END {
            print ".long " NR
            for (i = 1; i <= NR; i++)
                print ".long 0x" address[i]
            for (i = 1; i <= NR; i++)
                print ".asciz \"" name[i] "\""
            print ".balign 4"
            print ".section .note.GNU-stack, \"\", @progbits"
        }' | "${CROSS}as" -o "$1" -
}

assemble "$out.ksyms.o" </dev/null
"$@" -o "$out.stage1" "$out.ksyms.o"
list "$out.stage1" >"$out.ksyms"

assemble "$out.ksyms.o" <"$out.ksyms"
"$@" -o "$out.stage2" "$out.ksyms.o"
if ! list "$out.stage2" | cmp -s - "$out.ksyms"; then
    echo "ksyms: functions moved when the table was added;" \
        "linker.ld must place .ksyms behind all code" >&2
    exit 1
fi
mv "$out.stage2" "$out"
rm "$out.stage1"
