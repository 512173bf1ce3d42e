/*
 * A Multiboot loader that does whatever it is told.
 *
 * QEMU starts it with modules: the kernel, an initrd, and last of all the
 * scenario, a list of operations made by tests/boot/scenario.py. So all that
 * a boot loader can do to a kernel is said there, in Python; here are only
 * the hands.
 *
 *      word  0  operation         WRITE  bytes follow, padded to a word
 *            1  address           FILL   with the byte `value`
 *            2  length            COPY   module `value`; length 0: all of it
 *            3  value             LOAD   module `value`, an ELF kernel
 *                                 START  EAX address, EBX length, EFLAGS value
 *                                 OUT    the 16 bits of `value` to a port
 *
 * The loader lies at 32 MiB, and QEMU puts the modules right behind it: an
 * operation must not touch what is there.
 *
 * Source: Multiboot 0.6.96, 3.1 to 3.3; for LOAD, 3.1.3: segments go to their
 * physical addresses, and what the file does not fill is zero.
 */
#include <stdint.h>

#define EXIT_PORT    0xF4
#define EXIT_TROUBLE 99
#define PT_LOAD      1
#define MAX_MODULES  4

enum operation { WRITE = 1, FILL, COPY, LOAD, START, OUT };

struct step {
    uint32_t operation, address, length, value;
};

struct info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
    uint32_t mods_count, mods_addr;
};

struct module {
    uint32_t start, end, string, reserved;
};

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

void load(const struct info *info);
_Noreturn void start_kernel(uint32_t entry, uint32_t eax, uint32_t ebx,
                            uint32_t eflags);

/* Out of the way of everything that is written: QEMU's list may be in it. */
static struct module modules[MAX_MODULES];
static uint32_t nmodules, entry;

/* The scenario is wrong: end QEMU with a status that Cairn never gives. */
static _Noreturn void trouble(void)
{
    for (;;)
        __asm__ volatile("outb %0, %1"
                         :
                         : "a"((uint8_t)EXIT_TROUBLE), "Nd"(EXIT_PORT));
}

static void copy(uint32_t to, uint32_t from, uint32_t nbytes)
{
    __asm__ volatile("rep movsb"
                     : "+D"(to), "+S"(from), "+c"(nbytes)
                     :
                     : "memory");
}

static void fill(uint32_t to, uint8_t byte, uint32_t nbytes)
{
    __asm__ volatile("rep stosb"
                     : "+D"(to), "+c"(nbytes)
                     : "a"(byte)
                     : "memory");
}

static const struct module *module(uint32_t i)
{
    if (i >= nmodules)
        trouble();
    return &modules[i];
}

static void load_elf(uint32_t at)
{
    const struct elf_header *elf = (const void *)at;
    const struct program_header *p = (const void *)(at + elf->phoff);

    for (unsigned i = 0; i < elf->phnum; i++, p++) {
        if (p->type != PT_LOAD)
            continue;
        copy(p->paddr, at + p->offset, p->filesz);
        fill(p->paddr + p->filesz, 0, p->memsz - p->filesz);
    }
    entry = elf->entry;
}

static void copy_module(const struct step *step)
{
    const struct module *m = module(step->value);
    uint32_t nbytes = m->end - m->start;

    if (step->length > nbytes)
        trouble();
    copy(step->address, m->start, step->length ? step->length : nbytes);
}

/* Does one step, and returns where the next one is. */
static uint32_t do_step(const struct step *step)
{
    uint32_t next = (uint32_t)(step + 1);

    switch (step->operation) {
    case WRITE:
        copy(step->address, next, step->length);
        return next + ((step->length + 3) & ~3u);
    case FILL:
        fill(step->address, (uint8_t)step->value, step->length);
        return next;
    case COPY:
        copy_module(step);
        return next;
    case LOAD:
        load_elf(module(step->value)->start);
        return next;
    case OUT:
        __asm__ volatile("outw %0, %1"
                         :
                         : "a"((uint16_t)step->value),
                           "Nd"((uint16_t)step->address));
        return next;
    case START:
        start_kernel(entry, step->address, step->length, step->value);
    default:
        trouble();
    }
}

void load(const struct info *info)
{
    const struct module *list = (const void *)info->mods_addr;
    uint32_t at, end;

    for (; nmodules < info->mods_count && nmodules < MAX_MODULES; nmodules++)
        modules[nmodules] = list[nmodules];
    if (nmodules == 0)
        trouble();
    at = modules[nmodules - 1].start;
    end = modules[nmodules - 1].end;
    while (at < end)
        at = do_step((const struct step *)at);
    trouble();
}
