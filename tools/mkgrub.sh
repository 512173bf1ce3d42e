#!/bin/sh
# tools/mkgrub.sh OUT - make the El Torito boot image: GRUB for a BIOS
#
# It holds every module that booting Cairn may want, so the ISO needs no
# module files: reading CDs and disks, Multiboot, graphics modes for a menu that
# sets gfxpayload after the multiboot command, the serial terminal, and "mmap"
# for cutmem, with which a menu can take memory away.
set -eu

grub-mkimage -O i386-pc-eltorito -o "$1" -p /boot/grub -C xz \
    biosdisk iso9660 part_msdos multiboot vbe normal configfile \
    serial terminal terminfo mmap minicmd echo test ls cat sleep halt reboot
