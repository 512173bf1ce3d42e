/*
 * Virtio devices and their queues (Virtio 1.1, 2.6 and 3.1).
 *
 * A queue is one block of memory:
 *
 *      | descriptors: 16 * size | avail: 6 + 2 * size | to 4 KiB |
 *      | used: 6 + 8 * size |
 *
 * Slot n always uses descriptor n, so no list of free descriptors is needed.
 * On x86 the device sees our stores in program order; the compiler is held
 * back by barriers. A store that must not pass a later load is followed by
 * the notification, which leaves the processor and so comes in order.
 */
#include "dev/virtio.h"

#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "arch/i386/irq.h"
#include "arch/i386/window.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/commit.h"

#define PCI_DEVICE_BASE 0x1040 /* + type: PCI device number of version 1 */

#define STATUS_ACKNOWLEDGE 0x01
#define STATUS_DRIVER      0x02
#define STATUS_DRIVER_OK   0x04
#define STATUS_FAILED      0x80

#define QUEUE_ALIGN 4096u
#define MAX_SIZE    1024

#define DESC_WRITE         2
#define AVAIL_NO_INTERRUPT 1

struct virtq_desc {
    uint64_t pa;
    uint32_t nbytes;
    uint16_t flags;
    uint16_t next;
};

struct virtq_ring {
    uint16_t flags;
    uint16_t index;
    uint16_t entries[];
};

struct virtq_used {
    uint16_t flags;
    uint16_t index;
    struct {
        uint32_t slot;
        uint32_t nbytes;
    } entries[];
};

static inline void barrier(void)
{
    __asm__ volatile("" : : : "memory");
}

bool virtio_find(unsigned type, uint16_t transitional, struct pci_function *pci)
{
    return pci_find(VIRTIO_VENDOR, (uint16_t)(PCI_DEVICE_BASE + type), pci) ||
           pci_find(VIRTIO_VENDOR, transitional, pci);
}

static void virtio_interrupt(void *arg)
{
    struct virtio *device = arg;

    /* The line may be shared: reading says whether it was this device. */
    if (device->transport->read_cause(device) & 1)
        device->interrupt(device->arg);
}

static void add_status(struct virtio *device, uint8_t bit)
{
    uint8_t old = device->transport->read_status(device);

    device->transport->write_status(device, old | bit);
}

/* Version 1 if the device has it, else what came before. */
static int choose_transport(struct virtio *device)
{
    device->transport = &virtio_modern;
    if (device->transport->find(device) == 0)
        return 0;
    device->transport = &virtio_legacy;
    return device->transport->find(device);
}

int virtio_start(struct virtio *device, const struct pci_function *pci,
                 uint32_t wanted, void (*interrupt)(void *arg), void *arg)
{
    int error;

    memset(device, 0, sizeof(*device));
    device->pci = *pci;
    device->interrupt = interrupt;
    device->arg = arg;
    pci_enable(pci);
    error = choose_transport(device);
    if (error < 0)
        return error;
    device->transport->write_status(device, 0);
    add_status(device, STATUS_ACKNOWLEDGE);
    add_status(device, STATUS_DRIVER);
    device->features = device->transport->read_features(device) & wanted;
    error = device->transport->accept_features(device, device->features);
    if (error < 0)
        return error;
    return irq_attach(pci->irq_line, virtio_interrupt, device);
}

void virtio_ready(struct virtio *device)
{
    add_status(device, STATUS_DRIVER_OK);
}

void virtio_fail(struct virtio *device)
{
    device->transport->write_status(device, 0);
    add_status(device, STATUS_FAILED);
}

uint32_t virtio_config32(const struct virtio *device, unsigned offset)
{
    return device->transport->read_config(device, offset);
}

static size_t used_offset(uint16_t size)
{
    size_t nbytes = sizeof(struct virtq_desc) * size + 6 + 2u * size;

    return bits_round_up32(nbytes, QUEUE_ALIGN);
}

static size_t queue_nbytes(uint16_t size)
{
    return used_offset(size) + bits_round_up32(6 + 8u * size, QUEUE_ALIGN);
}

static int alloc_queue(uint16_t size, paddr_t *pa)
{
    unsigned order = bits_log2_up32(queue_nbytes(size) / PAGE_SIZE);

    return commit_alloc_block(order, FRAME_KERNEL, pa);
}

int virtqueue_init(struct virtqueue *vq, struct virtio *device, uint16_t index)
{
    uint32_t offered = device->transport->queue_size(device, index);
    uint16_t size = (uint16_t)offered;
    paddr_t pa;
    char *memory;
    int error;

    if (offered < VIRTQUEUE_SLOTS || offered > MAX_SIZE ||
        !bits_is_pow2(offered))
        return -ENODEV;
    error = alloc_queue(size, &pa);
    if (error < 0)
        return error;
    memory = direct_map(pa);
    memset(memory, 0, queue_nbytes(size));
    *vq = (struct virtqueue){
        .device = device,
        .index = index,
        .size = size,
        .desc = (struct virtq_desc *)memory,
        .avail = (struct virtq_ring *)(memory + sizeof(*vq->desc) * size),
        .used = (struct virtq_used *)(memory + used_offset(size)),
    };
    device->transport->start_queue(device, vq);
    return 0;
}

void virtqueue_post(struct virtqueue *vq, unsigned slot, paddr_t pa,
                    uint32_t nbytes, bool fill)
{
    uint32_t flags = irq_save();

    assert(slot < VIRTQUEUE_SLOTS && !(vq->posted & 1u << slot));
    vq->posted |= 1u << slot;
    vq->desc[slot] = (struct virtq_desc){
        .pa = pa,
        .nbytes = nbytes,
        .flags = fill ? DESC_WRITE : 0,
    };
    vq->avail->entries[vq->next_avail % vq->size] = (uint16_t)slot;
    vq->next_avail++;
    barrier();
    vq->avail->index = vq->next_avail;
    barrier();
    irq_restore(flags);
}

void virtqueue_notify(struct virtqueue *vq)
{
    if (!vq->broken)
        vq->device->transport->notify(vq);
}

static bool broken(struct virtqueue *vq, const char *what, uint32_t v)
{
    vq->broken = true;
    klog(LOG_ERR, "virtio: queue %u: %s: %u", vq->index, what, v);
    return false;
}

bool virtqueue_take(struct virtqueue *vq, unsigned *slot, uint32_t *nbytes)
{
    uint16_t end = *(volatile uint16_t *)&vq->used->index;
    uint32_t id, length;

    if (vq->broken || end == vq->next_used)
        return false;
    if ((uint16_t)(end - vq->next_used) > vq->size)
        return broken(vq, "the used ring ran ahead", end);
    barrier();
    id = vq->used->entries[vq->next_used % vq->size].slot;
    length = vq->used->entries[vq->next_used % vq->size].nbytes;
    if (id >= VIRTQUEUE_SLOTS || !(vq->posted & 1u << id))
        return broken(vq, "a buffer it does not have", id);
    if (length > vq->desc[id].nbytes)
        return broken(vq, "more bytes than the buffer has", length);
    vq->next_used++;
    vq->posted &= ~(1u << id);
    *slot = id;
    *nbytes = length;
    return true;
}

int virtqueue_find_free(const struct virtqueue *vq, unsigned nslots)
{
    for (unsigned slot = 0; slot < nslots; slot++)
        if (!(vq->posted & 1u << slot))
            return (int)slot;
    return -1;
}

void virtqueue_set_interrupt(struct virtqueue *vq, bool on)
{
    vq->avail->flags = on ? 0 : AVAIL_NO_INTERRUPT;
    barrier();
}
