/*
 * Virtio devices on PCI (Virtio 1.1), by the interface of version 1 or by the
 * legacy one, whichever the device has.
 *
 * The device is not trusted: what it writes into the rings is checked, and a
 * queue with nonsense in it is never used again.
 */
#ifndef DEV_VIRTIO_H
#define DEV_VIRTIO_H

#include "dev/pci.h"
#include "lib/types.h"

#define VIRTIO_VENDOR 0x1AF4

/* Device type, and the PCI device number of those that also speak legacy. */
#define VIRTIO_CONSOLE              3
#define VIRTIO_CONSOLE_TRANSITIONAL 0x1003

/* The most buffers that one queue of ours ever holds. */
#define VIRTQUEUE_SLOTS 16

struct virtio;
struct virtqueue;

/* How to talk to a device: virtio_modern.c and virtio_legacy.c know how. */
struct virtio_transport {
    /* Find the device's registers. 0 or -ENODEV. */
    int (*find)(struct virtio *device);

    uint8_t (*read_status)(const struct virtio *device);
    void (*write_status)(const struct virtio *device, uint8_t status);

    /* The low 32 features it offers; agree on some. 0 or -ENODEV. */
    uint32_t (*read_features)(const struct virtio *device);
    int (*accept_features)(const struct virtio *device, uint32_t features);

    /* Entries of a queue, 0: there is none. Let a queue run. */
    uint32_t (*queue_size)(const struct virtio *device, uint16_t index);
    void (*start_queue)(const struct virtio *device, struct virtqueue *vq);

    /* There is something new in the queue. */
    void (*notify)(const struct virtqueue *vq);

    /* Why it interrupts, which ends the interrupt: bit 0 for a queue. */
    uint8_t (*read_cause)(const struct virtio *device);

    uint32_t (*read_config)(const struct virtio *device, unsigned offset);
};

extern const struct virtio_transport virtio_modern, virtio_legacy;

struct virtio {
    struct pci_function pci;                   /* (c) */
    const struct virtio_transport *transport;  /* (c) */
    uint16_t port;                             /* (c) legacy */
    volatile uint8_t *common, *cause, *config; /* (c) modern */
    volatile uint8_t *notify;                  /* (c) modern */
    uint32_t notify_nbytes;                    /* (c) modern */
    uint32_t notify_multiplier;                /* (c) modern */
    uint32_t features;                         /* (c) as agreed upon */
    void (*interrupt)(void *arg);              /* (c) */
    void *arg;                                 /* (c) */
};

struct virtq_desc;
struct virtq_ring;
struct virtq_used;

/*
 * A queue whose buffers are known by slot numbers, 0 to VIRTQUEUE_SLOTS - 1.
 * A slot is ours, or the device's between virtqueue_post and virtqueue_take.
 */
struct virtqueue {
    struct virtio *device;      /* (c) */
    uint16_t index;             /* (c) */
    uint16_t size;              /* (c) entries of each ring */
    struct virtq_desc *desc;    /* (c) */
    struct virtq_ring *avail;   /* (c) */
    struct virtq_used *used;    /* (c) */
    volatile uint8_t *doorbell; /* (c) modern: where to notify */
    uint16_t next_avail;        /* (i) */
    uint16_t next_used;         /* (i) */
    uint32_t posted;            /* (i) bit n: slot n is the device's */
    bool broken;                /* (i) the device has lied */
};

/* The first device of a type: true, with *pci set, if there is one. */
bool virtio_find(unsigned type, uint16_t transitional,
                 struct pci_function *pci);

/*
 * Reset the device and agree on those of `wanted` that it offers. Its
 * interrupts call interrupt(arg). 0, -ENODEV (no registers, or no agreement),
 * -ENOSPC (no place on the interrupt line).
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
