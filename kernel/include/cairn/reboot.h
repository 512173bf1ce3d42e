/*
 * reboot: the two magic words and the commands.
 */
#ifndef _CAIRN_REBOOT_H
#define _CAIRN_REBOOT_H

#define __CAIRN_REBOOT_MAGIC1 0xfee1dead
#define __CAIRN_REBOOT_MAGIC2 672274793

#define RB_AUTOBOOT    0x01234567
#define RB_HALT_SYSTEM 0xcdef0123
#define RB_ENABLE_CAD  0x89abcdef
#define RB_DISABLE_CAD 0
#define RB_POWER_OFF   0x4321fedc

#endif
