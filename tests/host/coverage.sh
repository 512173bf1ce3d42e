#!/bin/sh
# tests/host/coverage.sh DIR COMPILER LEAST MODULE:ROOM:SOURCES ...
#
# Builds each module's host test for gcov in DIR, runs it, and prints how many
# lines and branches of the module it reached. Exit status 1 if any module has
# fewer than LEAST percent of its branches covered, or its test failed.
set -eu
top=$(pwd)
dir=$1 compiler=$2 least=$3
shift 3
status=0
printf '%-20s %8s %10s\n' module lines branches
for arg; do
    module=${arg%%:*}
    rest=${arg#*:}
    room=${rest%%:*}
    sources=${rest#*:}
    rm -rf "${dir:?}/$module"
    mkdir -p "$dir/$module"
    # Absolute sources, so that gcov finds them from the folder it works in.
    for source in tests/host/$module.c tests/host/tap.c $sources; do
        echo "$top/$source"
    done | (cd "$dir/$module" && xargs $(echo " $compiler" |
        sed "s| -I| -I$top/|g") -o test)
    (cd "$dir/$module" && ./test >test.log 2>&1) || {
        echo "$module: its test failed, see $dir/$module/test.log"
        status=1
    }
    (cd "$dir/$module" && gcov -b -c ./*-"$module.gcda" >gcov.log 2>&1) || true
    awk -v file="kernel/$room/$module.c" -v least="$least" '
        /^File/ { ours = index($0, file) > 0 }
        ours && /^Lines executed/ { split($0, a, "[:%]"); lines = a[2] }
        ours && /^Taken at least once/ { split($0, a, "[:%]"); taken = a[2] }
        END {
            printf "%-20s %7s%% %9s%%%s\n", file, lines, taken,
                taken + 0 < least ? "  below " least "%" : ""
            exit taken + 0 < least
        }' "$dir/$module/gcov.log" || status=1
done
exit $status
