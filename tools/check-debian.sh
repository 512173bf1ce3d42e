#!/bin/sh
# tools/check-debian.sh FOLDER SUITE... - the first two commands, on each Debian
#
# For each suite, a fresh Debian is put into FOLDER/SUITE by debootstrap, from
# the mirror of this machine's own packages; the files of this clone, as they
# are, go into it; and there, as root, `make run` and `make check` do what they
# do for who has just got a machine: install packages, build, run.  What they say
# is in FOLDER/SUITE.log.
#
# Root's rights are needed, debootstrap and a network; where one of them is
# missing, a line says so and the suite is skipped.
#
# Exit status: 0; 1 when a command failed.
set -u

folder=$1
shift
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
clone=$(cd "${0%/*}/.." && pwd)
failed=0

say() {
    printf '  %-7s %s\n' DEBIAN "$*"
}

# The mirror of this machine's main suite.
find_mirror() {
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(SITE)' \
        'Created-By: Packages' 2>/dev/null |
        sed -n "s/^$codename main //p" | head -n 1
}

release() {
    umount -l "$root/proc" "$root/dev" 2>/dev/null
}

# Have a Debian in $root.
bootstrap() {
    [ -e "$root/complete" ] && return 0
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase --include=ca-certificates,make "$suite" \
        "$root" "$mirror" >"$root.log" 2>&1 || return 1
    cp /etc/apt/apt.conf.d/*prox* "$root/etc/apt/apt.conf.d/" 2>/dev/null
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    touch "$root/complete"
}

run_commands() {
    rm -rf "$root/cairn"
    mkdir "$root/cairn"
    (cd "$clone" && git ls-files -z --cached --others --exclude-standard |
        tar --null -cf - -T - --ignore-failed-read 2>/dev/null) |
        tar -xf - -C "$root/cairn"
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || return 1
    mount --make-rslave "$root/dev"
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        HOME=/root TERM=dumb \
        sh -c 'cd /cairn && make run </dev/null && make check </dev/null' \
        >"$root.log" 2>&1
}

for suite; do
    root=$folder/$suite
    mirror=$(find_mirror)
    if [ "$(id -u)" != 0 ]; then
        say "$suite: skipped: only root can make a Debian in a folder"
    elif ! command -v debootstrap >/dev/null 2>&1; then
        say "$suite: skipped: debootstrap is not installed"
    elif [ -z "$mirror" ] || ! bootstrap; then
        say "$suite: skipped: it could not be fetched (see $root.log)"
    else
        trap release EXIT
        trap 'exit 1' INT TERM HUP
        if run_commands; then
            say "$suite: $(tail -n 1 "$root.log")"
        else
            say "$suite: failed (see $root.log)"
            failed=1
        fi
        release
        trap - EXIT
    fi
done
exit $failed
