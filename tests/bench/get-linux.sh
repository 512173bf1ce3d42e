#!/bin/sh
# tests/bench/get-linux.sh FOLDER - fetch the Linux that Cairn is compared with
#
# Puts Debian 12's kernel for 32-bit PCs with PAE into FOLDER/vmlinuz, and its
# version into FOLDER/version.  The package is downloaded by apt-get from where
# this machine gets its packages, with an architecture, lists and a cache of its
# own in FOLDER, and unpacked there: the machine's package system is unchanged.
set -eu

mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
dir=$(cd "$1" && pwd)
: >"$dir/status"

options="-q -o APT::Architecture=i386 -o APT::Architectures=i386
    -o APT::Sandbox::User=root
    -o Dir::State=$dir -o Dir::State::lists=$dir/lists
    -o Dir::State::status=$dir/status -o Dir::Cache=$dir/cache"

# Other sources of the machine may not have this architecture: never mind.
apt-get $options update >"$dir/log" 2>&1 || :
package=$(apt-cache $options depends linux-image-686-pae |
    sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p')
cd "$dir"
apt-get $options download "$package" >>"$dir/log" 2>&1
dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x ./boot
mv boot/vmlinuz-* vmlinuz
rm -rf boot "$package"_*.deb lists cache
echo "${package#linux-image-}" >version
