/*
 * cfgetispeed, cfgetospeed, cfsetispeed, cfsetospeed, cfsetspeed, cfmakeraw:
 * work on a struct termios only.  A line has one speed for both directions.
 *
 * Error: EINVAL for a number that is no speed.
 */
#include "../call.h"
#include <termios.h>

speed_t cfgetospeed(const struct termios *attributes)
{
    return attributes->c_cflag & CBAUD;
}

speed_t cfgetispeed(const struct termios *attributes)
{
    return attributes->c_cflag & CBAUD;
}

int cfsetospeed(struct termios *attributes, speed_t speed)
{
    if (speed & ~(speed_t)CBAUD)
        return __cairn_fail(EINVAL);
    attributes->c_cflag = (attributes->c_cflag & ~(tcflag_t)CBAUD) | speed;
    return 0;
}

/* An input speed of 0 means that of the output. */
int cfsetispeed(struct termios *attributes, speed_t speed)
{
    return speed != 0 ? cfsetospeed(attributes, speed) : 0;
}

int cfsetspeed(struct termios *attributes, speed_t speed)
{
    return cfsetospeed(attributes, speed);
}

void cfmakeraw(struct termios *attributes)
{
    attributes->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP |
                                       INLCR | IGNCR | ICRNL | IXON);
    attributes->c_oflag &= ~(tcflag_t)OPOST;
    attributes->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    attributes->c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    attributes->c_cflag |= CS8;
    attributes->c_cc[VMIN] = 1;
    attributes->c_cc[VTIME] = 0;
}
