#!/bin/sh
# tools/mkiso.sh OUT GRUB KERNEL INITRD CMDLINE [GRUB-COMMANDS]
#
# Makes the bootable image: an ISO 9660 file system that boots from a CD (El
# Torito) and, by the boot sector that GRUB brings for this, as the bytes of
# a disk or USB stick.  GRUB is the image of tools/mkgrub.sh.  INITRD may be
# "", for none.  GRUB-COMMANDS run before the kernel is loaded.
#
# There is no menu: the kernel starts at once.  Only when it cannot be loaded
# does GRUB speak, on screen and serial line, and then it switches the machine
# off.  Equal input gives equal bytes: SOURCE_DATE_EPOCH sets all dates, and
# volume and ids are fixed.
set -eu

out=$1 grub=$2 kernel=$3 initrd=$4 cmdline=$5 commands=${6-}

work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$work/boot/grub"
cp "$grub" "$work/boot/grub/eltorito.img"

# The Multiboot header's flag 4, and the sum: a framebuffer is welcome where
# there is no text screen.
LC_ALL=C sed 's/\x02\xB0\xAD\x1B\x03\x00\x00\x00\xFB\x4F\x52\xE4/\x02\xB0\xAD\x1B\x07\x00\x00\x00\xF7\x4F\x52\xE4/' \
    "$kernel" >"$work/boot/cairn.elf"
load="multiboot /boot/cairn.elf $cmdline"
if [ -n "$initrd" ]; then
    cp "$initrd" "$work/boot/initrd.tar"
    load="if $load; then module /boot/initrd.tar initrd.tar; fi"
fi
cat >"$work/boot/grub/grub.cfg" <<END
serial --unit=0 --speed=115200
$commands
$load
if [ \$? = 0 ]; then
    boot
fi
terminal_output --append serial
echo
echo "GRUB cannot load Cairn:"
$load
sleep 10
halt
END
chmod -R u=rwX,go=rX "$work"

date=$(date -u -d "@${SOURCE_DATE_EPOCH:-0}" +%Y%m%d%H%M%S00)
find "$work" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
xorriso -as mkisofs -quiet -r -V CAIRN \
    --modification-date="$date" --set_all_file_dates "$date" \
    -b boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 \
    -boot-info-table --grub2-boot-info \
    --grub2-mbr /usr/lib/grub/i386-pc/boot_hybrid.img \
    -o "$work.iso" "$work" 2>"$work.log" || {
    cat "$work.log" >&2
    rm -f "$work.iso" "$work.log"
    exit 1
}
rm "$work.log"
mv "$work.iso" "$out"
