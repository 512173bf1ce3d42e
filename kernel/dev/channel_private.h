/*
 * The channel from the inside, for channel.c and terminal.c alone.
 */
#ifndef DEV_CHANNEL_PRIVATE_H
#define DEV_CHANNEL_PRIVATE_H

#include "lib/types.h"

/*
 * Return a buffer of the port to send from, sleeping for one. NULL with *error
 * set if a signal came (SIGKILL in any case), or the port is broken.
 */
char *channel_get_buffer(bool interruptible, int *error);

/*
 * Send a frame of two numbers; with `text`, of one number and the text, which
 * is cut if it is long. 0, -EINTR, -EIO.
 */
int channel_send_frame(char type, uint32_t first, uint32_t second,
                       const char *text, bool interruptible);

#endif
