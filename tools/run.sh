#!/bin/sh
# tools/run.sh ISO STATUS-FILE - boot an image in QEMU on this terminal
#
# The serial line is the terminal: keys go in, the console comes out.  With a
# terminal, all keys go to Cairn, Ctrl-C and Ctrl-Z too, but for Ctrl-A, which
# is QEMU's: Ctrl-A X ends it, and reboot starts the machine again.  Without
# one, stdin's bytes go in as they come, a reset ends it, and the rest is the
# same.  VGA=1 opens a window too.  QEMU, QEMU_CPU, MEM and QEMU_FLAGS come from
# the environment.
#
# Writes to STATUS-FILE what became of the machine, and exits 0 itself: make
# ends with the status in that file.
#
# Cairn ends by writing a byte v to port 0xf4, which makes QEMU exit with
# 2v + 1:
#
#     QEMU exits           v     status
#     1                    0     0: the program passed
#     3 to 255, odd        any   1: it failed; a line says how
#     251                  125   125: the kernel panicked or could not start
#     0                    -     125: reset or switched off without a word
#     1, with a message    -     125: QEMU itself has failed
set -u

iso=$1 status_file=$2
messages=$(mktemp "$status_file.XXXXXX") || exit 1
status=125
tty=$(stty -g 2>/dev/null) || tty=
qemu_pid=
cat_pid=

finish() {
    [ -n "$qemu_pid" ] && kill "$qemu_pid" 2>/dev/null
    [ -n "$tty" ] && stty "$tty" 2>/dev/null
    rm -f "$messages" "$messages.out"
    [ -z "$status" ] || echo "$status" >"$status_file"
}
trap finish EXIT
trap 'status=; exit 1' HUP INT TERM

# The size and type of the terminal, for the shell on the line.
words=
if [ -n "$tty" ]; then
    set -- $(stty size)
    [ "${1:-0}" -gt 0 ] && [ "${2:-0}" -gt 0 ] && words="rows=$1 columns=$2"
    case ${TERM-} in
    '' | *[!A-Za-z0-9+._-]*) ;;
    *) words="$words term=$TERM" ;;
    esac
fi

set -- -cpu "${QEMU_CPU:-max}" -m "${MEM:-64M}" -cdrom "$iso" \
    -device isa-debug-exit,iobase=0xf4,iosize=4 ${QEMU_FLAGS-}
[ -z "$words" ] || set -- "$@" -fw_cfg \
    "name=opt/org.cairn.terminal,string=$words"
[ -n "${VGA-}" ] || set -- "$@" -display none
if [ -n "$tty" ]; then
    echo "To leave: exit, Ctrl-D or poweroff in the shell; or Ctrl-A X." >&2
    set -- "$@" -serial mon:stdio
else
    set -- "$@" -serial stdio -monitor none -no-reboot
fi

# QEMU makes its standard streams non-blocking: a pipe between keeps the other
# users of ours from that.  A terminal it puts back itself.  All of it runs in
# the background, because a shell that waits answers signals at once; and the
# shell would give a background job /dev/null, hence the copy of stdin.
[ -e /proc/self/fd/0 ] || exec </dev/null
exec 3<&0
if [ -t 1 ]; then
    "${QEMU:-qemu-system-i386}" "$@" <&3 2>"$messages" &
    qemu_pid=$!
else
    mkfifo "$messages.out"
    cat "$messages.out" &
    cat_pid=$!
    "${QEMU:-qemu-system-i386}" "$@" <&3 >"$messages.out" 2>"$messages" &
    qemu_pid=$!
fi
wait "$qemu_pid"
code=$?
qemu_pid=
[ -z "$cat_pid" ] || wait "$cat_pid"

said=$(grep -v ': warning: ' "$messages")
[ -z "$said" ] || printf '%s\n' "$said" >&2
case $code in
1) [ -n "$said" ] || status=0 ;;
251) ;;
*[13579])
    echo "run: the program ended with status $((code / 2))" >&2
    status=1
    ;;
0) echo "run: the machine stopped without a status" >&2 ;;
*) echo "run: QEMU ended with status $code" >&2 ;;
esac
exit 0
