#!/bin/sh
# tests/fuzz/run.sh TEST-DIR NAME SECONDS - runs one target with libFuzzer
#
# Starts from the target's sound inputs and from what earlier runs found,
# which is kept in TEST-DIR/corpus/NAME. A failing input is kept there too, as
# a file beside the folder, and its path is printed.
set -eu
dir=$1/corpus/$2
mkdir -p "$dir"
"$1/64/fuzz/$2" -seeds="$dir"
echo "fuzz $2: $3 seconds"
"$1/libfuzzer/$2" -max_total_time="$3" -max_len=8192 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="$1/corpus/$2-" \
    "$dir" 2>&1 | tee "$1/corpus/$2.log" |
    grep -E 'stat::number_of_executed_units|ERROR|Test unit written|broken|panic' || true
! grep -q 'Test unit written' "$1/corpus/$2.log"
