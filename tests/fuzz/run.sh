#!/bin/sh
# tests/fuzz/run.sh TEST-DIR NAME LIMIT - runs one target with libFuzzer
#
# LIMIT is libFuzzer's: -max_total_time=SECONDS or -runs=NUMBER. Starts from
# the target's sound inputs and from what earlier runs found, which is kept in
# TEST-DIR/corpus/NAME. An input that fails is kept beside that folder, and
# its path is printed; the exit status is 1 then.
set -eu
corpus=$1/corpus/$2
mkdir -p "$corpus"
"$1/64/fuzz/$2" -seeds="$corpus"
echo "fuzz $2: $3"
status=0
"$1/libfuzzer/$2" "$3" -max_len=8192 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$corpus-" "$corpus" >"$corpus.log" 2>&1 || status=1
grep -E 'executed_units|ERROR|Test unit written|^broken|^panic' \
    "$corpus.log" || tail "$corpus.log"
exit $status
