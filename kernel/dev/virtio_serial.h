/*
 * The virtio console device with several ports (Virtio 1.1, 5.3), as far as
 * one port of a known name is concerned.
 */
#ifndef DEV_VIRTIO_SERIAL_H
#define DEV_VIRTIO_SERIAL_H

#include "dev/virtio.h"
#include "lib/types.h"

/* Buffers of the port: how many, and how long each is. */
#define PORT_RX_SLOTS 8u
#define PORT_RX_BYTES 4096u
#define PORT_TX_SLOTS 4u
#define PORT_TX_BYTES 16384u

/*
 * What happens on the port; all are called with interrupts off.
 */
struct port_ops {
    /* Bytes have come. */
    void (*receive)(const char *s, size_t nbytes);

    /* Buffers for sending have become free. */
    void (*sent)(void);
};

/*
 * Look for a device with a port of this name and open it, which takes some
 * questions and answers: sleeps for a moment. 0, -ENODEV (no such device or
 * port), -ENOMEM, -ETIMEDOUT (the device does not answer).
 */
int port_open(const char *name, const struct port_ops *ops) must_check;

/*
 * A buffer of PORT_TX_BYTES bytes to fill, which is the caller's until
 * port_send or port_put_back; NULL if all are under way, and then `sent` will
 * be called.
 */
char *port_get_buffer(void);
void port_put_back(char *buffer);

/* True if port_get_buffer would give one. */
bool port_can_send(void);

/* Send the first `nbytes` (at least 1) of the buffer. */
void port_send(char *buffer, size_t nbytes);

/* True if everything sent has been taken by the host. */
bool port_is_idle(void);

/* True if the device has broken its contract: nothing will come any more. */
bool port_is_broken(void);

#endif
