/*
 * Virtio devices on PCI, by their legacy interface (Virtio 1.1, 4.1.4.8): a
 * block of ports in the first base address register.
 *
 * The device is not trusted: what it writes into the rings is checked, and a
 * queue with nonsense in it is never used again.
 */
#ifndef DEV_VIRTIO_H
#define DEV_VIRTIO_H

#include "dev/pci.h"
#include "lib/types.h"

#define VIRTIO_VENDOR  0x1AF4
#define VIRTIO_CONSOLE 0x1003 /* transitional device number */

/* The most buffers that one queue of ours ever holds. */
#define VIRTQUEUE_SLOTS 16

struct virtio {
    struct pci_function pci;      /* (c) */
    uint16_t port;                /* (c) */
    uint32_t features;            /* (c) as agreed upon */
    void (*interrupt)(void *arg); /* (c) */
    void *arg;                    /* (c) */
};

struct virtq_desc;
struct virtq_ring;
struct virtq_used;

/*
 * A queue whose buffers are known by slot numbers, 0 to VIRTQUEUE_SLOTS - 1.
 * A slot is ours, or the device's between virtqueue_post and virtqueue_take.
 */
struct virtqueue {
    struct virtio *device;    /* (c) */
    uint16_t index;           /* (c) */
    uint16_t size;            /* (c) entries of each ring */
    struct virtq_desc *desc;  /* (c) */
    struct virtq_ring *avail; /* (c) */
    struct virtq_used *used;  /* (c) */
    uint16_t next_avail;      /* (i) */
    uint16_t next_used;       /* (i) */
    uint32_t posted;          /* (i) bit n: slot n is the device's */
    bool broken;              /* (i) the device has lied */
};

/*
 * Reset the device and agree on those of `wanted` that it offers. Its
 * interrupts call interrupt(arg). 0, -ENODEV (no ports), -ENOSPC (no place on
 * the interrupt line).
 */
int virtio_start(struct virtio *device, const struct pci_function *pci,
                 uint32_t wanted, void (*interrupt)(void *arg),
                 void *arg) must_check;

/* All queues are set up: the device may run. */
void virtio_ready(struct virtio *device);

/* Give up: the device is told so and forgets all buffers. */
void virtio_fail(struct virtio *device);

/* 32 or 16 bits of the device's own configuration. */
uint32_t virtio_config32(const struct virtio *device, unsigned offset);

/*
 * Set queue `index` up, in low frames. 0, -ENODEV (the device has no such
 * queue, or one of fewer than VIRTQUEUE_SLOTS entries or too many), -ENOMEM.
 */
int virtqueue_init(struct virtqueue *vq, struct virtio *device,
                   uint16_t index) must_check;

/*
 * Hand slot `slot`, which is ours, to the device: `nbytes` at `pa`, to be
 * filled by it (`fill`) or read. The device looks when notified.
 */
void virtqueue_post(struct virtqueue *vq, unsigned slot, paddr_t pa,
                    uint32_t nbytes, bool fill);
void virtqueue_notify(struct virtqueue *vq);

/*
 * Take a slot back that the device is done with: true, with the number of
 * bytes it says it wrote.
 */
bool virtqueue_take(struct virtqueue *vq, unsigned *slot, uint32_t *nbytes);

/* A slot of [0, nslots) that is ours, or -1. */
int virtqueue_find_free(const struct virtqueue *vq, unsigned nslots);

/* Ask for an interrupt for each slot that the device is done with, or none. */
void virtqueue_set_interrupt(struct virtqueue *vq, bool on);

#endif
