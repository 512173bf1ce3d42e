/* System calls about the machine as a whole. */
#include <cairn/random.h>
#include <cairn/reboot.h>
#include <cairn/sysinfo.h>
#include <cairn/utsname.h>

#include "dev/channel.h"
#include "dev/poweroff.h"
#include "lib/checkpoint.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/units.h"
#include "lib/version.h"
#include "mm/kmalloc.h"
#include "mm/frame.h"
#include "proc/process.h"
#include "sched/load.h"
#include "sys/sys.h"

#define RANDOM_STEP 256u

static struct utsname names = {
    .sysname = CAIRN_SYSNAME,
    .nodename = "cairn",
    .release = CAIRN_RELEASE,
    .version = CAIRN_VERSION,
    .machine = "i686",
    .domainname = "(none)",
};

SYSCALL_DEFINE(uname, uaddr_t address)
{
    return copy_to_user(address, &names, sizeof(names));
}

static long set_name(char *name, uaddr_t address, uint32_t length)
{
    char text[__CAIRN_UTS_LENGTH] = {0};

    if (current_process()->creds.euid != 0)
        return -EPERM;
    if (length >= __CAIRN_UTS_LENGTH)
        return -EINVAL;
    if (copy_from_user(text, address, length) != 0)
        return -EFAULT;
    memcpy(name, text, sizeof(text));
    return 0;
}

SYSCALL_DEFINE(sethostname, uaddr_t address, uint32_t length)
{
    return set_name(names.nodename, address, length);
}

SYSCALL_DEFINE(setdomainname, uaddr_t address, uint32_t length)
{
    return set_name(names.domainname, address, length);
}

/* As many bytes a unit as it takes for the total to fit 32 bits. */
static uint32_t memory_unit(void)
{
    return frame_total() > UINT32_MAX / PAGE_SIZE ? PAGE_SIZE : 1;
}

SYSCALL_DEFINE(sysinfo, uaddr_t address)
{
    uint32_t unit = memory_unit(), scale = PAGE_SIZE / unit;
    struct sysinfo info;

    kmalloc_settle();
    info = (struct sysinfo){
        .uptime = (int32_t)(clock_monotonic_ns() / NS_PER_S),
        .totalram = (uint32_t)frame_total() * scale,
        .freeram = (uint32_t)frame_count(FRAME_FREE) * scale,
        .bufferram = (uint32_t)frame_count(FRAME_FILE) * scale,
        .procs = (uint16_t)process_count(),
        .totalhigh = 0,
        .freehigh = (uint32_t)frame_free_high() * scale,
        .mem_unit = unit,
    };

    load_read(info.loads);
    return copy_to_user(address, &info, sizeof(info));
}

SYSCALL_DEFINE(getrandom, uaddr_t address, uint32_t nbytes, uint32_t flags)
{
    uint8_t chunk[RANDOM_STEP];
    uint32_t done = 0;

    if (flags & ~(uint32_t)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;
    if ((flags & GRND_RANDOM) && (flags & GRND_INSECURE))
        return -EINVAL;
    if (nbytes > INT32_MAX)
        nbytes = INT32_MAX;
    while (done < nbytes) {
        size_t n = nbytes - done < RANDOM_STEP ? nbytes - done : RANDOM_STEP;
        size_t copied;

        random_fill(chunk, n);
        copied = copy_to_user_some(address + done, chunk, n);
        done += copied;
        if (copied < n)
            return done > 0 ? (long)done : -EFAULT;
        if (done < nbytes && checkpoint_signal())
            break;
    }
    return (long)done;
}

/* To cairn-run a machine that is switched off is a program that ends well. */
static _Noreturn void end_machine(uint32_t command)
{
    channel_exit(0);
    if (command == RB_AUTOBOOT)
        machine_reboot();
    if (command == RB_HALT_SYSTEM)
        machine_halt();
    machine_poweroff(0);
}

SYSCALL_DEFINE(reboot, uint32_t magic1, uint32_t magic2, uint32_t command)
{
    if (current_process()->creds.euid != 0)
        return -EPERM;
    if (magic1 != __CAIRN_REBOOT_MAGIC1 || magic2 != __CAIRN_REBOOT_MAGIC2)
        return -EINVAL;
    switch (command) {
    case RB_AUTOBOOT:
    case RB_HALT_SYSTEM:
    case RB_POWER_OFF:
        end_machine(command);
    case RB_ENABLE_CAD:
    case RB_DISABLE_CAD:
        machine_cad_reboots = command == RB_ENABLE_CAD;
        return 0;
    default:
        return -EINVAL;
    }
}
