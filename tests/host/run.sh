#!/bin/sh
# tests/host/run.sh PROGRAM ... - runs test programs and passes their TAP on
#
# A comment "# suite NAME" precedes each. One that dies early, or breaks its
# plan, adds a "not ok" of its own. A program that this machine cannot execute
# at all (32-bit programs on some kernels) is skipped. Exit status 1 if any
# program failed.
status=0
for program; do
    path=${program#*/host/test/}
    echo "# suite ${path#*/}-${path%%/*}"
    output=$(mktemp)
    "$program" >"$output" 2>&1
    code=$?
    if [ $code = 126 ]; then
        echo "ok 1 - $program # SKIP this machine cannot execute it"
    elif [ $code -ge 2 ] || ! grep -q '^1\.\.[1-9]' "$output"; then
        cat "$output"
        echo "not ok - $program ended with status $code"
        status=1
    else
        cat "$output"
        [ $code = 0 ] || status=1
    fi
    rm -f "$output"
done
exit $status
