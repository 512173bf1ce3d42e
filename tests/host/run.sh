#!/bin/sh
# tests/host/run.sh PROGRAM ... - runs test programs and passes their TAP on
#
# A comment "# suite NAME" precedes each: what stands in its path behind the
# word size, and that. One that dies early, or prints no plan, adds a "not ok"
# of its own. A program that this machine cannot execute at all (32-bit
# programs on some kernels) is skipped. Exit status 1 if any program failed.
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
status=0
for program; do
    name=${program#*/test/}
    echo "# suite ${name#*/}-${name%%/*}"
    "$program" >"$output" 2>&1
    code=$?
    cat "$output"
    if [ $code = 126 ]; then
        echo "ok - $program # SKIP this machine cannot execute it"
    elif [ $code -ge 2 ] || ! grep -q '^1\.\.[1-9]' "$output"; then
        echo "not ok - $program ended with status $code"
        status=1
    elif [ $code != 0 ]; then
        status=1
    fi
done
exit $status
