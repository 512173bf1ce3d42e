#!/bin/sh
# tests/host/malloc/coverage.sh DIR LEAST SOURCE ...
#
# Runs the allocator's tests that were built for gcov in DIR, in all modes, and
# prints how many lines and branches of each SOURCE they have reached, and of
# all together. Exit status 1 if less than LEAST percent of all branches were,
# or a test failed. What stands in for the system on this machine (os_host.c)
# is printed, but not counted.
dir=$1 least=$2
shift 2
find "$dir/newlib-port" -name '*.gcda' -exec rm -f {} + 2>/dev/null
status=0
run() {
    "$@" >"$dir/malloc/log" 2>&1 || {
        echo "failed: $*; see $dir/malloc/log"
        status=1
    }
}
run "$dir/malloc/model"
MALLOC_CONF=check run "$dir/malloc/model" 60000 1
MALLOC_CONF=check run "$dir/malloc/model" 20000 2 3
MALLOC_CONF=check run "$dir/malloc/model" 20000 2 2
MALLOC_CONF=trace run "$dir/malloc/model" 2000
MALLOC_CONF=xcheck,checks,tracer,trac run "$dir/malloc/model" 2000 2 2
TEST_LONG=1 run "$dir/malloc/corrupt"
run "$dir/malloc/table"
MALLOC_CONF=check,trace run "$dir/malloc/table"
run "$dir/malloc/misuse"

printf '%-34s %8s %10s\n' module lines branches
for source; do
    gcov -b -c -o "$dir/${source%.c}.o" "$source" 2>/dev/null |
        awk -v file="$source" '
            /^File/ { ours = index($0, file) > 0 }
            ours && /^Lines executed/ { split($0, l, "[:% ]+") }
            ours && /^Taken at least once/ { split($0, t, "[:% ]+") }
            END { print file, l[3], l[5], t[5], t[7] }'
    mv ./*.gcov "$dir/malloc" 2>/dev/null
done | awk -v least="$least" '
    function line(name, lines, taken, mark) {
        printf "%-34s %7.2f%% %9.2f%%%s\n", name, lines, taken, mark
    }
    {
        line($1, $2, $4, "")
        if ($1 !~ /os_host/) {
            lines += $3; hit += $2 * $3 / 100
            branches += $5; taken += $4 * $5 / 100
        }
    }
    END {
        all = 100 * taken / branches
        line("all but os_host.c", 100 * hit / lines, all,
             all < least ? "  below " least "%" : "")
        exit all < least
    }' || status=1
exit $status
