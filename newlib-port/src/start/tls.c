/*
 * tls.c - thread-local storage (System V ABI, i386, variant II: the block lies
 * below the thread control block that %gs:0 points at).
 *
 *      low                                              high
 *      | padding | PT_TLS: initialised, zero | control block | reentrancy |
 *                                            ^ %gs base, aligned
 *
 * That of the first thread has newlib's own reentrancy structure. A small block
 * lies in bss, so that most programs need no page for it; a large one is
 * mapped.
 */
#include "../call.h"
#include "start.h"
#include "threads.h"
#include <reent.h>
#include <cairn/ldt.h>
#include <cairn/mman.h>
#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

struct __cairn_libc __libc;

/* The thread library's, in programs that have it; else NULL. */
__attribute__((weak)) void __cairn_threads_init(void);

#define SMALL_BYTES 512
#define SMALL_ALIGN 64

static unsigned char small[SMALL_BYTES] __attribute__((aligned(SMALL_ALIGN)));

static const Elf32_Phdr *find_segment(void)
{
    unsigned long table;
    unsigned long count;
    const Elf32_Phdr *ph;

    if (__cairn_auxv_get(AT_PHDR, &table) < 0 ||
        __cairn_auxv_get(AT_PHNUM, &count) < 0)
        return NULL;
    ph = (const Elf32_Phdr *)table;
    for (unsigned long i = 0; i < count; i++) {
        if (ph[i].p_type == PT_TLS)
            return &ph[i];
    }
    return NULL;
}

static unsigned char *get_memory(size_t nbytes, size_t align)
{
    long mapped;

    if (nbytes <= sizeof(small) && align <= SMALL_ALIGN)
        return small;
    mapped = CALL(mmap2, 0, nbytes + align, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((unsigned long)mapped > -(unsigned long)__CAIRN_ERRNO_MAX - 1)
        _exit(127);
    return (unsigned char *)(((uintptr_t)mapped + align - 1) & -align);
}

static int set_gs(void *base)
{
    struct user_desc desc = {
        .entry_number = (uint32_t)-1,
        .base_addr = (uint32_t)(uintptr_t)base,
        .limit = 0xfffff,
        .flags =
            USER_DESC_SEG_32BIT | USER_DESC_LIMIT_IN_PAGES | USER_DESC_USEABLE,
    };
    long error = CALL(set_thread_area, &desc);

    if (error < 0)
        return (int)error;
    __asm__ volatile("movw %w0, %%gs" : : "q"(desc.entry_number * 8 + 3));
    return 0;
}

/* A guard with a zero byte lowest, which no string function writes past. */
static uintptr_t make_guard(void)
{
    unsigned long random;
    uintptr_t guard;

    if (__cairn_auxv_get(AT_RANDOM, &random) < 0)
        return 0xff0a0d00;
    memcpy(&guard, (const void *)random, sizeof(guard));
    return guard & ~(uintptr_t)0xff;
}

struct __cairn_tls_layout __cairn_tls_layout = {.align = 16};
#define layout __cairn_tls_layout

static void lay_out(const Elf32_Phdr *segment)
{
    size_t mask = 0;

    if (segment != NULL) {
        /* The linker assumes the block to begin so far below %gs. */
        mask = segment->p_align > 1 ? segment->p_align - 1 : 0;
        layout.image = (const void *)segment->p_vaddr;
        layout.nimage = segment->p_filesz;
        layout.nbytes = (segment->p_memsz + mask) & ~mask;
    }
    if (mask + 1 > layout.align)
        layout.align = mask + 1;
    layout.offset = (layout.nbytes + layout.align - 1) & -layout.align;
    __libc.tls_size = layout.offset + layout.align +
                      sizeof(struct __cairn_control_block) +
                      sizeof(struct _reent);
}

void __cairn_tls_init(void)
{
    const Elf32_Phdr *segment = find_segment();
    struct __cairn_control_block *block;
    unsigned long secure = 0;

    lay_out(segment);
    block = __cairn_tls_fill(get_memory(layout.offset + sizeof(*block),
                                        layout.align),
                             _impure_ptr);
    block->stack_guard = make_guard();
    if (set_gs(block) < 0)
        _exit(127);
    __cairn_auxv_get(AT_SECURE, &secure);
    __libc.secure = secure != 0;
    __libc.auxv = (unsigned long *)__cairn_auxv;
    if (__cairn_threads_init)
        __cairn_threads_init();
}
