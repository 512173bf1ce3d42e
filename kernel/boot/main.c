/*
 * From the loader to the first program: the ordered list of what is set up.
 */
#include "arch/i386/apic.h"
#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "arch/i386/entropy.h"
#include "arch/i386/fpu.h"
#include "arch/i386/irq.h"
#include "arch/i386/paging.h"
#include "arch/i386/panic.h"
#include "arch/i386/trap.h"
#include "boot/fwcfg.h"
#include "boot/memory.h"
#include "boot/multiboot.h"
#include "boot/options.h"
#include "dev/console.h"
#include "dev/kcov.h"
#include "dev/poweroff.h"
#include "fs/devfs.h"
#include "fs/mount.h"
#include "fs/ramfs.h"
#include "lib/log.h"
#include "lib/version.h"
#include "boot/init.h"
#include "proc/futex.h"
#include "proc/itimer.h"
#include "proc/procfs.h"
#include "sched/load.h"
#include "sched/thread.h"
#include "sched/watch.h"

void kmain(uint32_t magic, uint32_t info);

static struct boot_info boot_info;

/* The system cannot start: say why, and stop. */
static _Noreturn void stop(const char *why)
{
    klog(LOG_EMERG, "Cairn cannot start: %s", why);
    machine_stop(POWEROFF_PANIC);
}

static void panic_end(void)
{
    machine_stop(POWEROFF_PANIC);
}

static void greet(void)
{
    klog(LOG_NOTICE, "%s %s, on %s%s%s%s%s%s%s", CAIRN_SYSNAME, CAIRN_RELEASE,
         cpu.brand[0] ? cpu.brand : cpu.vendor, cpu.nx ? ", NX" : "",
         cpu.smep ? ", SMEP" : "", cpu.smap ? ", SMAP" : "",
         cpu.umip ? ", UMIP" : "", boot_info.loader[0] ? ", started by " : "",
         boot_info.loader);
}

static void mount_initrd(const struct boot_module *initrd)
{
    char error[160];

    if (ramfs_mount_initrd(initrd->start, initrd->end - initrd->start, error,
                           sizeof(error)) != 0)
        stop(error);
}

/* More words, of who started QEMU, who knows the terminal on the line. */
static void take_terminal_words(void)
{
    static char words[128];
    size_t n = fwcfg_read("opt/org.cairn.terminal", words, sizeof(words) - 1);

    words[n] = '\0';
    options_parse(words, "fw_cfg");
    console_set_size(boot_options.rows, boot_options.columns);
}

void kmain(uint32_t magic, uint32_t info)
{
    struct boot_module initrd;
    const char *error;

    console_early_init();
    panic_poweroff = panic_end;
    paging_init_windows();
    cpu_init();
    entropy_init();
    trap_init();
    fpu_init();
    error = multiboot_read(magic, info, &boot_info);
    if (error)
        stop(error);
    options_parse(boot_info.cmdline, boot_info.loader);
    take_terminal_words();
    log_set_level(boot_options.loglevel);
    greet();
    error = memory_init(&boot_info, &initrd);
    if (error)
        stop(error);
    memory_report(&boot_info);
    if (initrd.start == initrd.end)
        stop("there is no initrd: the boot loader must give one as a module");
    sched_init();
    irq_init();
    apic_init();
    clock_init(sched_alarm);
    watch_init();
    load_init();
    itimer_init();
    futex_init();
    if (devfs_init() != 0 || kcov_init() != 0)
        stop("not enough memory for /dev");
    mount_initrd(&initrd);
    if (mount_make_tmp() != 0 || devfs_mount() != 0 ||
        console_init(&boot_info.framebuffer, &boot_info.map) != 0)
        stop("not enough memory for /dev");
    procfs_set_memmap(&boot_info.map);
    if (procfs_init() != 0)
        stop("not enough memory for /proc");
    init_start();
    sched_idle();
}
