/*
 * The legacy interface of virtio devices (Virtio 1.1, 4.1.4.8): ports in the
 * first base address register.
 *
 *      port + 0   u32  features the device offers
 *           + 4   u32  features we accept
 *           + 8   u32  queue: its physical page number
 *           + 12  u16  queue: its size, fixed by the device
 *           + 14  u16  queue selected
 *           + 16  u16  queue notified
 *           + 18  u8   device status
 *           + 19  u8   interrupt status, cleared by reading
 *           + 20       configuration of the device (no MSI-X)
 */
#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "dev/virtio.h"

#define REG_OFFERED   0
#define REG_ACCEPTED  4
#define REG_QUEUE_PFN 8
#define REG_SIZE      12
#define REG_SELECT    14
#define REG_NOTIFY    16
#define REG_STATUS    18
#define REG_ISR       19
#define REG_CONFIG    20

#define QUEUE_PAGE 4096

static uint16_t reg(const struct virtio *device, unsigned offset)
{
    return (uint16_t)(device->port + offset);
}

static int find(struct virtio *device)
{
    struct pci_bar bar = pci_read_bar(&device->pci, 0);

    if (!bar.is_io || bar.base == 0)
        return -ENODEV;
    device->port = (uint16_t)bar.base;
    return 0;
}

static uint8_t read_status(const struct virtio *device)
{
    return inb(reg(device, REG_STATUS));
}

static void write_status(const struct virtio *device, uint8_t status)
{
    outb(reg(device, REG_STATUS), status);
}

static uint32_t read_features(const struct virtio *device)
{
    return inl(reg(device, REG_OFFERED));
}

static int accept_features(const struct virtio *device, uint32_t features)
{
    outl(reg(device, REG_ACCEPTED), features);
    return 0;
}

static uint32_t queue_size(const struct virtio *device, uint16_t index)
{
    outw(reg(device, REG_SELECT), index);
    return inw(reg(device, REG_SIZE));
}

static void start_queue(const struct virtio *device, struct virtqueue *vq)
{
    outw(reg(device, REG_SELECT), vq->index);
    outl(reg(device, REG_QUEUE_PFN),
         (uint32_t)(direct_pa(vq->desc) / QUEUE_PAGE));
}

static void notify(const struct virtqueue *vq)
{
    outw(reg(vq->device, REG_NOTIFY), vq->index);
}

static uint8_t read_cause(const struct virtio *device)
{
    return inb(reg(device, REG_ISR));
}

static uint32_t read_config(const struct virtio *device, unsigned offset)
{
    return inl(reg(device, REG_CONFIG + offset));
}

const struct virtio_transport virtio_legacy = {
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
