/*
 * The interface of virtio devices of version 1 (Virtio 1.1, 4.1.4): memory
 * that vendor capabilities in the configuration space lead to.
 *
 *      capability   +0 id 9   +1 next   +3 kind   +4 base address register
 *                   +8 offset in it     +12 length
 *                   +16 of the notify capability: multiplier
 *
 *      common       +0 features selected   +4 offered   +8 accepted: selected
 *                   +12 accepted   +20 status   +22 queue selected
 *                   +24 size   +28 enable   +30 notify offset
 *                   +32 descriptors   +40 avail   +48 used
 *
 * Each of the four is mapped once and for ever. Offsets that the device tells
 * are checked against the length that it tells.
 */
#include <cairn/errno.h>
#include "arch/i386/paging.h"
#include "arch/i386/window.h"
#include "dev/virtio.h"

#define PCI_STATUS          0x06
#define PCI_STATUS_HAS_CAPS 0x10
#define PCI_CAPABILITIES    0x34
#define CAPABILITY_VENDOR   9
#define MAX_CAPABILITIES    48

#define KIND_COMMON 1
#define KIND_NOTIFY 2
#define KIND_ISR    3
#define KIND_DEVICE 4

/* Page tables reach no further. */
#define TOP ((paddr_t)1 << 36)

#define COMMON_NBYTES 56
#define MAX_NBYTES    0x10000u

#define FEATURE_SELECT  0
#define FEATURE_OFFERED 4
#define ACCEPT_SELECT   8
#define ACCEPTED        12
#define STATUS          20
#define QUEUE_SELECT    22
#define QUEUE_SIZE      24
#define QUEUE_ENABLE    28
#define QUEUE_NOTIFY    30
#define QUEUE_DESC      32
#define QUEUE_AVAIL     40
#define QUEUE_USED      48

#define FEATURES_OK    0x08
#define VERSION_1_HIGH 1u /* feature 32 */

static uint16_t read16(volatile uint8_t *base, unsigned offset)
{
    return *(volatile uint16_t *)(base + offset);
}

static uint32_t read32(volatile uint8_t *base, unsigned offset)
{
    return *(volatile uint32_t *)(base + offset);
}

static void write16(volatile uint8_t *base, unsigned offset, uint16_t v)
{
    *(volatile uint16_t *)(base + offset) = v;
}

static void write32(volatile uint8_t *base, unsigned offset, uint32_t v)
{
    *(volatile uint32_t *)(base + offset) = v;
}

static void write64(volatile uint8_t *base, unsigned offset, uint64_t v)
{
    write32(base, offset, (uint32_t)v);
    write32(base, offset + 4, (uint32_t)(v >> 32));
}

/* Map what the capability at `at` describes; NULL if it is no good. */
static volatile uint8_t *map(struct virtio *device, unsigned at, uint32_t least,
                             uint32_t *nbytes)
{
    struct pci_bar bar;
    unsigned index = pci_read8(&device->pci, at + 4);
    uint32_t offset = pci_read32(&device->pci, at + 8);
    uint32_t length = pci_read32(&device->pci, at + 12);

    if (index > 5 || length < least || offset % 4 != 0)
        return NULL;
    bar = pci_read_bar(&device->pci, index);
    if (bar.is_io || bar.base == 0 || bar.base >= TOP)
        return NULL;
    *nbytes = length < MAX_NBYTES ? length : MAX_NBYTES;
    if (bar.base + offset + *nbytes > TOP)
        return NULL;
    return paging_map_device(bar.base + offset, *nbytes);
}

static void take_capability(struct virtio *device, unsigned at)
{
    uint32_t nbytes;

    switch (pci_read8(&device->pci, at + 3)) {
    case KIND_COMMON:
        if (device->common == NULL)
            device->common = map(device, at, COMMON_NBYTES, &nbytes);
        break;
    case KIND_NOTIFY:
        if (device->notify == NULL) {
            device->notify = map(device, at, 2, &device->notify_nbytes);
            device->notify_multiplier = pci_read32(&device->pci, at + 16);
        }
        break;
    case KIND_ISR:
        if (device->cause == NULL)
            device->cause = map(device, at, 1, &nbytes);
        break;
    case KIND_DEVICE:
        if (device->config == NULL)
            device->config = map(device, at, 8, &nbytes);
        break;
    }
}

static int find(struct virtio *device)
{
    unsigned at;

    if (!(pci_read16(&device->pci, PCI_STATUS) & PCI_STATUS_HAS_CAPS))
        return -ENODEV;
    at = pci_read8(&device->pci, PCI_CAPABILITIES) & 0xFC;
    /* The list may be a circle. */
    for (unsigned n = 0; at >= 0x40 && at <= 0xEC && n < MAX_CAPABILITIES;
         n++) {
        if (pci_read8(&device->pci, at) == CAPABILITY_VENDOR)
            take_capability(device, at);
        at = pci_read8(&device->pci, at + 1) & 0xFC;
    }
    if (device->common == NULL || device->notify == NULL ||
        device->cause == NULL || device->config == NULL)
        return -ENODEV;
    return 0;
}

static uint8_t read_status(const struct virtio *device)
{
    return device->common[STATUS];
}

static void write_status(const struct virtio *device, uint8_t status)
{
    device->common[STATUS] = status;
}

static uint32_t read_features(const struct virtio *device)
{
    write32(device->common, FEATURE_SELECT, 0);
    return read32(device->common, FEATURE_OFFERED);
}

static int accept_features(const struct virtio *device, uint32_t features)
{
    write32(device->common, FEATURE_SELECT, 1);
    if (!(read32(device->common, FEATURE_OFFERED) & VERSION_1_HIGH))
        return -ENODEV;
    write32(device->common, ACCEPT_SELECT, 0);
    write32(device->common, ACCEPTED, features);
    write32(device->common, ACCEPT_SELECT, 1);
    write32(device->common, ACCEPTED, VERSION_1_HIGH);
    write_status(device, read_status(device) | FEATURES_OK);
    return read_status(device) & FEATURES_OK ? 0 : -ENODEV;
}

static uint32_t queue_size(const struct virtio *device, uint16_t index)
{
    write16(device->common, QUEUE_SELECT, index);
    return read16(device->common, QUEUE_SIZE);
}

static void start_queue(const struct virtio *device, struct virtqueue *vq)
{
    uint64_t offset;

    write16(device->common, QUEUE_SELECT, vq->index);
    write64(device->common, QUEUE_DESC, direct_pa(vq->desc));
    write64(device->common, QUEUE_AVAIL, direct_pa(vq->avail));
    write64(device->common, QUEUE_USED, direct_pa(vq->used));
    offset = (uint64_t)read16(device->common, QUEUE_NOTIFY) *
             device->notify_multiplier;
    if (offset + 2 <= device->notify_nbytes && offset % 2 == 0)
        vq->doorbell = device->notify + (uint32_t)offset;
    write16(device->common, QUEUE_ENABLE, 1);
}

/* A device that told nonsense has no doorbell, and is never heard of. */
static void notify(const struct virtqueue *vq)
{
    if (vq->doorbell != NULL)
        write16(vq->doorbell, 0, vq->index);
}

static uint8_t read_cause(const struct virtio *device)
{
    return *device->cause;
}

static uint32_t read_config(const struct virtio *device, unsigned offset)
{
    return read32(device->config, offset);
}

const struct virtio_transport virtio_modern = {
    .find = find,
    .read_status = read_status,
    .write_status = write_status,
    .read_features = read_features,
    .accept_features = accept_features,
    .queue_size = queue_size,
    .start_queue = start_queue,
    .notify = notify,
    .read_cause = read_cause,
    .read_config = read_config,
};
