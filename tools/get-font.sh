#!/bin/sh
# tools/get-font.sh OUT TABLE.c - the glyphs of the framebuffer's console
#
# OUT gets 256 glyphs (tools/mkfont.py) of the VGA font in Debian's console
# fonts: the machine's own, or those of the package, which apt-get downloads
# from where this machine gets its packages. Without either OUT is empty, and
# the kernel has a console on VGA text screens only.
set -eu

out=$1 table=$2
here=$(dirname "$0")
name=usr/share/consolefonts/Uni2-VGA16.psf.gz
package=console-setup-linux
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_glyphs() {
    "${PYTHON:-python3}" "$here/mkfont.py" "$1" "$table" "$out" 2>"$work/why"
}

fetch() {
    (cd "$work" && timeout 60 apt-get -q -o APT::Sandbox::User=root \
        -o Acquire::Retries=0 -o Acquire::http::Timeout=10 \
        download "$package" &&
        dpkg-deb --fsys-tarfile "$package"_*.deb |
        tar -x "./$name") >"$work/log" 2>&1
}

if [ -f "/$name" ] && make_glyphs "/$name"; then
    exit 0
fi
if fetch && make_glyphs "$work/$name"; then
    exit 0
fi
: >"$out"
echo "  no console font ($package): no console on framebuffers" >&2
