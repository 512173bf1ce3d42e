#!/bin/sh
# tools/deps.sh STAMP-DIR GROUP ... - have what the host must have
#
# Looks for the programs and files that the named groups need.  On Debian and
# its kin, what is missing is installed by apt-get, with one line each saying
# what it is for; without the rights to, the line to type is printed.  On any
# other system, what is missing is named.  Exit status 0 when all is there,
# and STAMP-DIR/GROUP is written; else 1.
#
# Groups: base (build, run), check (tests), cxx (C++), count (instructions), fuzz, format,
# lint, vga (a window).
set -u

stamps=$1
shift

# Group, what to look for, Debian's package, what it is for.  "cmd:" is a
# program in PATH, "file:" a pattern of which one file exists, "py:" a module
# of Python.
needed='
base|cmd:cc|gcc|compiles the tools that run on this machine
base|file:/usr/include/stdio.h|libc6-dev|headers for these tools
base|cmd:i686-linux-gnu-gcc|gcc-i686-linux-gnu|compiles the kernel, the C library and programs
base|file:/usr/i686-linux-gnu/include/stdio.h|libc6-dev-i386-cross|headers for the 32-bit tests on this machine
base|file:/usr/src/newlib/newlib-*.tar.*|newlib-source|the source of the C library
base|cmd:qemu-system-i386|qemu-system-x86|the emulator that Cairn runs in
base|cmd:grub-mkimage|grub-common|makes the boot loader image
base|file:/usr/lib/grub/i386-pc/boot_hybrid.img|grub-pc-bin|the boot loader
base|cmd:xorriso|xorriso|writes the bootable ISO
base|cmd:gdb|gdb|the debugger of make debug and i686-cairn-gdb
base|cmd:xz|xz-utils|unpacks the source of the C library
base|cmd:patch|patch|mends the source of the C library
base|cmd:bzip2|bzip2|unpacks the source of the utilities
base|cmd:python3|python3|runs generators and tests
check|py:pytest|python3-pytest|runs the boot tests
check|file:/usr/include/mpfr.h|libmpfr-dev|computes exact results of mathematics for tests
check|py:pexpect|python3-pexpect|plays the person at the terminal in tests
cxx|cmd:i686-linux-gnu-g++|g++-i686-linux-gnu|compiles C++
fuzz|cmd:clang|clang|has the fuzzing library
count|cmd:valgrind|valgrind|counts the instructions of programs
format|cmd:clang-format|clang-format|formats the sources
lint|cmd:cppcheck|cppcheck|checks the sources
lint|cmd:clang-tidy|clang-tidy|checks the sources
vga|file:/usr/lib/*/qemu/ui-gtk.so|qemu-system-gui|opens the window of the screen
'

# Says whether one of the arguments, the matches of a pattern, exists.
any_exists() {
    for match; do
        [ -e "$match" ] && return 0
    done
    return 1
}

is_there() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
    # Unquoted on purpose: the pattern is expanded here.
    file:*) any_exists ${1#file:} ;;
    py:*)
        python=/usr/bin/python3
        [ -x "$python" ] || python=python3
        "$python" -c "import ${1#py:}" 2>/dev/null
        ;;
    esac
}

# Prints the lines of what is missing in the given groups.
list_missing() {
    for group; do
        printf '%s' "$needed" | grep "^$group|" |
            while IFS='|' read -r group probe package purpose; do
                is_there "$probe" ||
                    printf '%s|%s|%s\n' "$package" "$probe" "$purpose"
            done
    done
}

is_debian() {
    command -v apt-get >/dev/null 2>&1 &&
        grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

# Prints the prefix of a command that may install, "" for root; else fails.
find_rights() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    fi
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null &&
        printf 'sudo -n'
}

apt_install() {
    $rights env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends $packages >>"$log" 2>&1
}

mkdir -p "$stamps" || exit 1
log=$stamps/apt.log
missing=$(list_missing "$@")

if [ -n "$missing" ]; then
    packages=$(printf '%s\n' "$missing" | cut -d'|' -f1 | tr '\n' ' ')
    packages=${packages% }
    if ! is_debian; then
        echo 'Cairn needs these, which are not here:'
        printf '%s\n' "$missing" |
            while IFS='|' read -r package probe purpose; do
                printf '  %s: %s (in Debian: %s)\n' "${probe#*:}" \
                    "$purpose" "$package"
            done
        exit 1
    fi
    if ! rights=$(find_rights); then
        echo 'Cairn needs some packages; as root, type:'
        echo "apt-get install -y --no-install-recommends $packages"
        exit 1
    fi
    printf '%s\n' "$missing" |
        while IFS='|' read -r package probe purpose; do
            printf '  %-7s %s: %s\n' APT "$package" "$purpose"
        done
    : >"$log"
    if ! apt_install; then
        $rights apt-get update -q >>"$log" 2>&1
        apt_install || {
            tail -n 5 "$log"
            echo "apt-get failed; all it said is in $log"
            exit 1
        }
    fi
    missing=$(list_missing "$@")
    if [ -n "$missing" ]; then
        echo "installed, and still missing: $missing"
        exit 1
    fi
fi
for group; do
    : >"$stamps/$group"
done
