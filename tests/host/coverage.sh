#!/bin/sh
# tests/host/coverage.sh DIR LEAST TEST=MODULE ...
#
# Runs each host test that was built for gcov in DIR, and prints how many lines
# and branches of its module it has reached; the module's source with counts is
# left in DIR. Exit status 1 if a module has fewer than LEAST percent of its
# branches covered, or a test failed.
dir=$1 least=$2
shift 2
status=0
printf '%-20s %8s %10s\n' module lines branches
for arg; do
    test=${arg%%=*} module=${arg#*=}
    find "$dir" -name '*.gcda' -exec rm -f {} +
    "$dir/$test" >"$dir/$test.log" 2>&1 || {
        echo "$module: its test failed, see $dir/$test.log"
        status=1
    }
    gcov -b -c -o "$dir/$module.o" "$module.c" >"$dir/$test.gcov.log" 2>&1
    mv "$(basename "$module").c.gcov" "$dir" 2>/dev/null
    rm -f ./*.gcov
    awk -v file="$module.c" -v least="$least" '
        /^File/ { ours = index($0, file) > 0 }
        ours && /^Lines executed/ { split($0, a, "[:%]"); lines = a[2] }
        ours && /^Taken at least once/ { split($0, a, "[:%]"); taken = a[2] }
        END {
            printf "%-20s %7s%% %9s%%%s\n", file, lines, taken,
                taken + 0 < least ? "  below " least "%" : ""
            exit taken + 0 < least
        }' "$dir/$test.gcov.log" || status=1
done
exit $status
