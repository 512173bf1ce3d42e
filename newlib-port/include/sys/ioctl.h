/*
 * Requests to devices.
 */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

#include <sys/cdefs.h>
#include <cairn/ioctl.h>

/*
 * How a request is made of a direction, a size, a letter and a number, for
 * drivers that have such: the terminals' requests are older than this.
 */
#define _IOC(direction, letter, number, size)                         \
    ((unsigned long)(direction) << 30 | (unsigned long)(size) << 16 | \
     (unsigned long)(letter) << 8 | (unsigned long)(number))
#define _IO(letter, number)         _IOC(0, letter, number, 0)
#define _IOW(letter, number, type)  _IOC(1, letter, number, sizeof(type))
#define _IOR(letter, number, type)  _IOC(2, letter, number, sizeof(type))
#define _IOWR(letter, number, type) _IOC(3, letter, number, sizeof(type))

__BEGIN_DECLS

int ioctl(int, unsigned long, ...);

__END_DECLS

#endif
