/*
 * The virtio console device (Virtio 1.1, 5.3).
 *
 * Queues: 0 and 1 belong to port 0, 2 and 3 to the control conversation, 2n+2
 * and 2n+3 to port n. The first of a pair receives, the second sends.
 *
 *      we: DEVICE_READY   ->
 *                         <-  PORT_ADD n        for each port
 *      we: PORT_READY n   ->
 *                         <-  PORT_NAME n, text
 *                         <-  PORT_OPEN n, 1    the host's side is there
 *      we: PORT_OPEN n, 1 ->                    for the port we want
 *
 * The host's PORT_OPEN may come before or after ours; what is sent before it
 * stays in the queue.
 */
#include "dev/virtio_serial.h"

#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "lib/string.h"
#include "lib/units.h"
#include "mm/commit.h"
#include "sched/thread.h"
#include "sched/waitq.h"

#define FEATURE_MULTIPORT (1u << 1)

#define CONFIG_MAX_PORTS 4

/* Ports beyond these are not looked at. */
#define MAX_PORTS 4u
#define NOBODY    0xFFFFFFFFu

#define QUEUE_CONTROL_RX 2
#define QUEUE_CONTROL_TX 3

/* Control events. */
#define DEVICE_READY 0
#define PORT_ADD     1
#define PORT_READY   3
#define PORT_OPEN    6
#define PORT_NAME    7

#define CONTROL_SLOTS 8u
#define CONTROL_BYTES 256u
#define NAME_BYTES    64u

#define ANSWER_NS NS_PER_S

struct control_message {
    uint32_t port;
    uint16_t event;
    uint16_t value;
    char text[];
} __attribute__((packed));

#define CONTROL_HEADER sizeof(struct control_message)

static struct {
    struct virtio device;
    struct virtqueue control_rx, control_tx;
    struct virtqueue rx[MAX_PORTS], tx[MAX_PORTS];
    unsigned nports;            /* (c) queues that are set up */
    const char *name;           /* (c) of the port that is wanted */
    const struct port_ops *ops; /* (c) */
    volatile uint32_t found;    /* (i) the port of that name, or NOBODY */
    struct waitq answers;       /* a port was found */
    char *control;              /* (c) CONTROL_SLOTS in, as many out */
    char *rx_memory;            /* (c) PORT_RX_SLOTS buffers */
    char *tx_memory;            /* (c) PORT_TX_SLOTS buffers */
    uint32_t tx_filling;        /* bit n: slot n is with a caller */
} serial = {.found = NOBODY};

static struct virtqueue *port_rx(void)
{
    return &serial.rx[serial.found];
}

static struct virtqueue *port_tx(void)
{
    return &serial.tx[serial.found];
}

/* ---- memory ---- */

/* 2^order low frames for ever: their address, or NULL. */
static char *alloc_memory(unsigned order)
{
    paddr_t pa;

    if (commit_alloc_block(order, FRAME_KERNEL, &pa) < 0)
        return NULL;
    return direct_map(pa);
}

static unsigned order_of(size_t nbytes)
{
    unsigned order = 0;

    while ((size_t)PAGE_SIZE << order < nbytes)
        order++;
    return order;
}

static int alloc_buffers(void)
{
    serial.rx_memory = alloc_memory(order_of(PORT_RX_SLOTS * PORT_RX_BYTES));
    serial.tx_memory = alloc_memory(order_of(PORT_TX_SLOTS * PORT_TX_BYTES));
    if (!serial.rx_memory || !serial.tx_memory)
        return -ENOMEM;
    /* From here on interrupts are handled. */
    serial.control = alloc_memory(order_of(2 * CONTROL_SLOTS * CONTROL_BYTES));
    return serial.control != NULL ? 0 : -ENOMEM;
}

/* ---- control ---- */

static char *control_in(unsigned slot)
{
    return serial.control + slot * CONTROL_BYTES;
}

static void post_control(unsigned slot)
{
    virtqueue_post(&serial.control_rx, slot, direct_pa(control_in(slot)),
                   CONTROL_BYTES, true);
}

static void reap(struct virtqueue *vq)
{
    unsigned slot;
    uint32_t nbytes;

    while (virtqueue_take(vq, &slot, &nbytes))
        ;
}

/* Tell the device something. With all slots under way, it is mute anyway. */
static void control_send(uint32_t port, uint16_t event, uint16_t value)
{
    struct control_message *message;
    int slot;

    reap(&serial.control_tx);
    slot = virtqueue_find_free(&serial.control_tx, CONTROL_SLOTS);
    if (slot < 0)
        return;
    message = (void *)control_in(CONTROL_SLOTS + (unsigned)slot);
    *message = (struct control_message){port, event, value};
    virtqueue_post(&serial.control_tx, (unsigned)slot, direct_pa(message),
                   CONTROL_HEADER, false);
    virtqueue_notify(&serial.control_tx);
}

static void port_named(uint32_t port, const char *text, size_t nbytes)
{
    size_t wanted = strlen(serial.name);

    /* The name may or may not end with a NUL. */
    if (nbytes > wanted && text[wanted] == '\0')
        nbytes = wanted;
    if (nbytes != wanted || memcmp(text, serial.name, wanted) != 0)
        return;
    if (serial.found == NOBODY) {
        serial.found = port;
        waitq_wake(&serial.answers);
    }
}

static void control_receive(const struct control_message *message,
                            size_t nbytes)
{
    if (nbytes < CONTROL_HEADER || message->port >= serial.nports)
        return;
    if (message->event == PORT_ADD)
        control_send(message->port, PORT_READY, 1);
    else if (message->event == PORT_NAME)
        port_named(message->port, message->text, nbytes - CONTROL_HEADER);
}

static void take_control(void)
{
    unsigned slot;
    uint32_t nbytes;
    bool any = false;

    while (virtqueue_take(&serial.control_rx, &slot, &nbytes)) {
        if (slot >= CONTROL_SLOTS)
            continue;
        control_receive((const void *)control_in(slot), nbytes);
        post_control(slot);
        any = true;
    }
    if (any)
        virtqueue_notify(&serial.control_rx);
}

/* ---- data ---- */

static void post_rx(unsigned slot)
{
    virtqueue_post(port_rx(), slot,
                   direct_pa(serial.rx_memory + slot * PORT_RX_BYTES),
                   PORT_RX_BYTES, true);
}

static void take_input(void)
{
    unsigned slot;
    uint32_t nbytes;
    bool any = false;

    while (virtqueue_take(port_rx(), &slot, &nbytes)) {
        if (slot >= PORT_RX_SLOTS)
            continue;
        serial.ops->receive(serial.rx_memory + slot * PORT_RX_BYTES, nbytes);
        post_rx(slot);
        any = true;
    }
    if (any)
        virtqueue_notify(port_rx());
}

/*
 * Take back what the host has taken. Whoever sleeps for a buffer must hear of
 * it, whichever way it came back: it may not come by interrupt.
 */
static void reap_output(void)
{
    uint32_t before = port_tx()->posted;

    reap(port_tx());
    if (port_tx()->posted != before)
        serial.ops->sent();
}

static void serial_event(void *arg)
{
    (void)arg;
    if (serial.control == NULL)
        return;
    take_control();
    if (serial.found != NOBODY) {
        take_input();
        reap_output();
    }
}

static char *tx_buffer(unsigned slot)
{
    return serial.tx_memory + slot * PORT_TX_BYTES;
}

static int find_tx_slot(void)
{
    for (unsigned slot = 0; slot < PORT_TX_SLOTS; slot++)
        if (!((port_tx()->posted | serial.tx_filling) & 1u << slot))
            return (int)slot;
    return -1;
}

char *port_get_buffer(void)
{
    uint32_t flags = irq_save();
    int slot;

    reap_output();
    slot = find_tx_slot();
    if (slot < 0) {
        /* From here on an interrupt tells; one slot may just have come. */
        virtqueue_set_interrupt(port_tx(), true);
        reap_output();
        slot = find_tx_slot();
    }
    if (slot >= 0) {
        virtqueue_set_interrupt(port_tx(), false);
        serial.tx_filling |= 1u << slot;
    }
    irq_restore(flags);
    return slot < 0 ? NULL : tx_buffer((unsigned)slot);
}

static unsigned tx_slot(const char *buffer)
{
    return (unsigned)(buffer - serial.tx_memory) / PORT_TX_BYTES;
}

void port_put_back(char *buffer)
{
    uint32_t flags = irq_save();

    serial.tx_filling &= ~(1u << tx_slot(buffer));
    serial.ops->sent();
    irq_restore(flags);
}

bool port_can_send(void)
{
    char *buffer = port_get_buffer();

    if (buffer == NULL)
        return false;
    serial.tx_filling &= ~(1u << tx_slot(buffer));
    return true;
}

void port_send(char *buffer, size_t nbytes)
{
    uint32_t flags = irq_save();
    unsigned slot = tx_slot(buffer);

    serial.tx_filling &= ~(1u << slot);
    virtqueue_post(port_tx(), slot, direct_pa(buffer), (uint32_t)nbytes, false);
    irq_restore(flags);
    virtqueue_notify(port_tx());
}

bool port_is_idle(void)
{
    uint32_t flags = irq_save();
    bool idle;

    reap_output();
    if (port_tx()->posted != 0) {
        virtqueue_set_interrupt(port_tx(), true);
        reap_output();
    }
    idle = port_tx()->posted == 0;
    irq_restore(flags);
    return idle;
}

bool port_is_broken(void)
{
    return port_tx()->broken || port_rx()->broken;
}

/* ---- setting up ---- */

static int init_port_queues(unsigned port)
{
    uint16_t index = (uint16_t)(port == 0 ? 0 : 2 * port + 2);
    int error = virtqueue_init(&serial.rx[port], &serial.device, index);

    if (error == 0)
        error = virtqueue_init(&serial.tx[port], &serial.device, index + 1);
    return error;
}

static int init_queues(void)
{
    uint32_t nports = virtio_config32(&serial.device, CONFIG_MAX_PORTS);
    int error =
        virtqueue_init(&serial.control_rx, &serial.device, QUEUE_CONTROL_RX);

    if (error == 0)
        error = virtqueue_init(&serial.control_tx, &serial.device,
                               QUEUE_CONTROL_TX);
    serial.nports = nports < MAX_PORTS ? nports : MAX_PORTS;
    for (unsigned port = 0; port < serial.nports && error == 0; port++)
        error = init_port_queues(port);
    return error;
}

/* Wait until a port of the wanted name has been found. */
static int wait_for_port(void)
{
    uint64_t deadline = clock_monotonic_ns() + ANSWER_NS;
    uint32_t flags = irq_save();
    int error = 0;

    while (serial.found == NOBODY && error == 0)
        error = waitq_sleep(&serial.answers, false, deadline);
    irq_restore(flags);
    return serial.found == NOBODY ? error : 0;
}

static int find_port(void)
{
    int error;

    virtio_ready(&serial.device);
    for (unsigned slot = 0; slot < CONTROL_SLOTS; slot++)
        post_control(slot);
    virtqueue_notify(&serial.control_rx);
    control_send(0, DEVICE_READY, 1);
    error = wait_for_port();
    if (error < 0)
        return error;
    for (unsigned slot = 0; slot < PORT_RX_SLOTS; slot++)
        post_rx(slot);
    virtqueue_notify(port_rx());
    virtqueue_set_interrupt(port_tx(), false);
    control_send(serial.found, PORT_OPEN, 1);
    return 0;
}

int port_open(const char *name, const struct port_ops *ops)
{
    struct pci_function pci;
    int error;

    if (!virtio_find(VIRTIO_CONSOLE, VIRTIO_CONSOLE_TRANSITIONAL, &pci))
        return -ENODEV;
    serial.name = name;
    serial.ops = ops;
    waitq_init(&serial.answers);
    error = virtio_start(&serial.device, &pci, FEATURE_MULTIPORT, serial_event,
                         NULL);
    if (error < 0)
        return error;
    if (!(serial.device.features & FEATURE_MULTIPORT))
        error = -ENODEV;
    if (error == 0)
        error = init_queues();
    if (error == 0)
        error = alloc_buffers();
    if (error == 0)
        error = find_port();
    if (error < 0)
        virtio_fail(&serial.device);
    return error;
}
