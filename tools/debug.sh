#!/bin/sh
# tools/debug.sh ISO KERNEL BUILD - the machine under gdb
#
# QEMU starts stopped, listening for gdb on a socket of its own, so that any
# number can run side by side; the serial console goes to BUILD/debug.log,
# away from gdb's prompt.  gdb runs here with the kernel's symbols, attached;
# QEMU ends with it.  Extra gdb commands: GDB_FLAGS="-ex 'break kmain'" is
# split at blanks; a script, -x FILE, has no such limit.
set -u

iso=$1 kernel=$2 build=$3
socket=$(mktemp -d "${TMPDIR:-/tmp}/cairn-debug.XXXXXX") || exit 1
log=$build/debug.log
qemu_pid=

finish() {
    [ -n "$qemu_pid" ] && kill "$qemu_pid" 2>/dev/null && wait "$qemu_pid"
    rm -rf "$socket"
}
trap finish EXIT
trap 'exit 1' HUP TERM
# Ctrl-C belongs to gdb, and must reach neither this script nor QEMU.
trap : INT

: >"$log"
[ -n "${VGA-}" ] && display= || display='-display none'
setsid "${QEMU:-qemu-system-i386}" -cpu "${QEMU_CPU:-max}" \
    -m "${MEM:-64M}" -no-reboot -cdrom "$iso" $display \
    -device isa-debug-exit,iobase=0xf4,iosize=4 ${QEMU_FLAGS-} \
    -serial "file:$log" -monitor none \
    -chardev "socket,id=gdb,path=$socket/gdb,server=on,wait=off" \
    -gdb chardev:gdb -S </dev/null >/dev/null 2>"$socket/messages" &
qemu_pid=$!

tries=0
until [ -S "$socket/gdb" ]; do
    tries=$((tries + 1))
    if ! kill -0 "$qemu_pid" 2>/dev/null || [ "$tries" -gt 100 ]; then
        cat "$socket/messages" >&2
        exit 1
    fi
    sleep 0.1
done

echo "The machine waits at its first instruction; its console: $log"
gdb -q -x "$(dirname "$0")/cairn-gdb.py" -ex 'set confirm off' -ex 'set architecture i386' \
    -ex "target remote $socket/gdb" ${GDB_FLAGS-} "$kernel"
