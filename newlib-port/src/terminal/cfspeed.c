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

/* Take a speed's constant or, as BSD has it, its number of bits a second. */
int cfsetspeed(struct termios *attributes, speed_t speed)
{
    static const struct {
        speed_t number, constant;
    } speeds[] = {
        {50, B50},         {75, B75},         {110, B110},     {134, B134},
        {150, B150},       {200, B200},       {300, B300},     {600, B600},
        {1200, B1200},     {1800, B1800},     {2400, B2400},   {4800, B4800},
        {9600, B9600},     {19200, B19200},   {38400, B38400}, {57600, B57600},
        {115200, B115200}, {230400, B230400},
    };

    for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
        if (speed == speeds[i].number)
            return cfsetospeed(attributes, speeds[i].constant);
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
