/*
 * asan.c - what code compiled with -fsanitize=address calls.
 *
 * The shadow is mapped before anything of the program runs (entry.S).  Pages of
 * it that nothing touches cost nothing.  A bad access is reported on standard
 * error, with the addresses of the calls that led to it, and the program dies of
 * SIGABRT; cairn-run then shows functions, files and lines.
 *
 * Sources: GCC 12's gcc/sanitizer.def for the calls, gcc/asan.cc for the structure
 * of a global and the text that describes a stack frame.  The names of the
 * kinds of faults are those of other platforms' reports, which people search for.
 */
#include "asan.h"
#include "../src/call.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAME_MAGIC 0x41b58ab3u /* first word of an instrumented frame */

struct global {
    const char *start;
    size_t size;
    size_t size_with_zone;
    const char *name;
    const char *module;
    uintptr_t has_dynamic_init;
    const void *location;
    uintptr_t odr_indicator;
};

/* Globals of one file of the program's; for reports only. */
#define NFILES 4096
static struct {
    const struct global *table;
    size_t count;
} files[NFILES];
static size_t nfiles;

int __asan_option_detect_stack_use_after_return;

/* ---- the shadow ---------------------------------------------------------- */

void asan_poison(const void *p, size_t nbytes, int value)
{
    unsigned char *s = shadow_of(p);

    for (unsigned char *end = s + (nbytes + GRANULE - 1) / GRANULE; s < end;
         s++)
        *s = (unsigned char)value;
}

void asan_unpoison(const void *p, size_t nbytes)
{
    asan_poison(p, nbytes & -GRANULE, 0);
    if (nbytes % GRANULE != 0)
        *shadow_of((const char *)p + nbytes) =
            (unsigned char)(nbytes % GRANULE);
}

const char *asan_find_bad(const void *p, size_t nbytes)
{
    const char *at = p, *end = at + nbytes, *granule;
    unsigned value;

    if (nbytes == 0)
        return NULL;
    if (end < at)
        return at;
    while (at < end) {
        granule = (const char *)((uintptr_t)at & -GRANULE);
        value = *shadow_of(at);
        if (value >= GRANULE)
            return at;
        if (value != 0 && end > granule + value)
            return at > granule + value ? at : granule + value;
        at = granule + GRANULE;
        if (at == NULL)
            break;
    }
    return NULL;
}

/* ---- reports ------------------------------------------------------------- */

static void say(const char *format, ...)
{
    char text[256];
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    if (n > (int)sizeof(text) - 1)
        n = (int)sizeof(text) - 1;
    if (n > 0)
        CALL(write, 2, text, n);
}

/* Return whether a frame pointer may be followed from `frame` on. */
static bool follows(const uintptr_t *next, const uintptr_t *frame)
{
    return next > frame && (uintptr_t)next % 4 == 0 &&
           (uintptr_t)next - (uintptr_t)frame < 1u << 20;
}

void asan_trace(uintptr_t *frames, const void *frame)
{
    const uintptr_t *at = frame, *next;
    int n = 0;

    while (n < NFRAMES && at[1] != 0) {
        frames[n++] = at[1];
        next = (const uintptr_t *)at[0];
        if (!follows(next, at))
            break;
        at = next;
    }
    if (n < NFRAMES)
        frames[n] = 0;
}

static void say_trace(const uintptr_t *frames)
{
    for (int i = 0; i < NFRAMES && frames[i] != 0; i++)
        say("    #%d 0x%lx\n", i, (unsigned long)frames[i] - 1);
}

static void say_where(const char *p, const char *what, const char *start,
                      size_t size)
{
    if (p < start)
        say("%p is %u bytes before %s of %u bytes at %p\n", p,
            (unsigned)(start - p), what, (unsigned)size, start);
    else if (p >= start + size)
        say("%p is %u bytes after %s of %u bytes at %p\n", p,
            (unsigned)(p - start - size), what, (unsigned)size, start);
    else
        say("%p is %u bytes inside %s of %u bytes at %p\n", p,
            (unsigned)(p - start), what, (unsigned)size, start);
}

static bool describe_heap(const char *p)
{
    struct heap_block block;

    if (!asan_find_block(p, &block))
        return false;
    say_where(p, "a block", block.start, block.size);
    if (block.freed) {
        say("freed by\n");
        say_trace(block.freed_by);
    }
    say("allocated by\n");
    say_trace(block.allocated_by);
    return true;
}

static bool describe_global(const char *p)
{
    const struct global *g;

    for (size_t i = 0; i < nfiles; i++) {
        for (size_t n = 0; n < files[i].count; n++) {
            g = &files[i].table[n];
            if (p < g->start - GRANULE || p >= g->start + g->size_with_zone)
                continue;
            say("global variable '%s' of %s\n", g->name, g->module);
            say_where(p, "it", g->start, g->size);
            return true;
        }
    }
    return false;
}

/*
 * The frame begins with a magic number, "N OFFSET SIZE LENGTH NAME[:LINE] ..." and
 * the function's address.
 */
static bool describe_stack(const char *p)
{
    const uintptr_t *frame = (const uintptr_t *)((uintptr_t)p & -GRANULE);
    char *text;
    long count, offset, size, length;

    for (int i = 0; i < 8192 && *frame != FRAME_MAGIC; i++)
        frame -= GRANULE / sizeof(*frame);
    if (*frame != FRAME_MAGIC)
        return false;
    say("%p is at offset %d in the frame of the function at 0x%lx, which has\n",
        p, (int)(p - (const char *)frame), (unsigned long)frame[2]);
    text = (char *)frame[1];
    count = strtol(text, &text, 10);
    while (count-- > 0) {
        offset = strtol(text, &text, 10);
        size = strtol(text, &text, 10);
        length = strtol(text, &text, 10);
        say("    [%ld, %ld) %.*s\n", offset, offset + size, (int)length,
            text + 1);
        text += length + 1;
    }
    return true;
}

static const char *kind_of(const char *p)
{
    unsigned value = *shadow_of(p);

    if (value < GRANULE)
        value = *shadow_of(p + GRANULE);
    switch (value) {
    case ASAN_HEAP_LEFT:
    case ASAN_HEAP_RIGHT:
        return "heap-buffer-overflow";
    case ASAN_HEAP_FREED:
        return "heap-use-after-free";
    case ASAN_STACK_LEFT:
    case ASAN_STACK_MID:
    case ASAN_STACK_RIGHT:
        return "stack-buffer-overflow";
    case ASAN_SCOPE:
        return "stack-use-after-scope";
    case ASAN_ALLOCA_LEFT:
    case ASAN_ALLOCA_RIGHT:
        return "dynamic-stack-buffer-overflow";
    case ASAN_GLOBAL:
        return "global-buffer-overflow";
    case ASAN_USER:
        return "use-after-poison";
    default:
        return "unknown-crash";
    }
}

/* A fault while a report is written ends the program at once. */
static void begin_report(void)
{
    static bool begun;

    if (begun)
        abort();
    begun = true;
}

static void __attribute__((noreturn)) finish(const void *p, const void *frame)
{
    uintptr_t frames[NFRAMES];

    asan_trace(frames, frame);
    say_trace(frames);
    if (!describe_heap(p) && !describe_global(p))
        describe_stack(p);
    abort();
}

void asan_report(const char *what, const void *p)
{
    begin_report();
    say("==%ld==ERROR: AddressSanitizer: %s on address %p\n", CALL(getpid),
        what, p);
    finish(p, __builtin_frame_address(0));
}

static void __attribute__((noreturn))
report(const char *p, size_t nbytes, bool write, const void *frame)
{
    const char *bad = asan_find_bad(p, nbytes);

    if (bad == NULL)
        bad = p;
    begin_report();
    say("==%ld==ERROR: AddressSanitizer: %s on address %p\n%s of size %u\n",
        CALL(getpid), kind_of(bad), bad, write ? "WRITE" : "READ",
        (unsigned)nbytes);
    finish(bad, frame);
}

void asan_check(const void *p, size_t nbytes, bool write)
{
    if (asan_find_bad(p, nbytes) != NULL)
        report(p, nbytes, write, __builtin_frame_address(0));
}

/* ---- accesses ------------------------------------------------------------ */

#define ACCESS(n)                                            \
    void __asan_report_load##n(void *);                      \
    void __asan_report_store##n(void *);                     \
    void __asan_load##n(void *);                             \
    void __asan_store##n(void *);                            \
    void __asan_report_load##n(void *p)                      \
    {                                                        \
        report(p, n, false, __builtin_frame_address(0));     \
    }                                                        \
    void __asan_report_store##n(void *p)                     \
    {                                                        \
        report(p, n, true, __builtin_frame_address(0));      \
    }                                                        \
    void __asan_load##n(void *p)                             \
    {                                                        \
        if (asan_find_bad(p, n) != NULL)                     \
            report(p, n, false, __builtin_frame_address(0)); \
    }                                                        \
    void __asan_store##n(void *p)                            \
    {                                                        \
        if (asan_find_bad(p, n) != NULL)                     \
            report(p, n, true, __builtin_frame_address(0));  \
    }

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __asan_report_load_n(void *, size_t);
void __asan_report_store_n(void *, size_t);
void __asan_loadN(void *, size_t);
void __asan_storeN(void *, size_t);

void __asan_report_load_n(void *p, size_t n)
{
    report(p, n, false, __builtin_frame_address(0));
}

void __asan_report_store_n(void *p, size_t n)
{
    report(p, n, true, __builtin_frame_address(0));
}

void __asan_loadN(void *p, size_t n)
{
    if (asan_find_bad(p, n) != NULL)
        report(p, n, false, __builtin_frame_address(0));
}

void __asan_storeN(void *p, size_t n)
{
    if (asan_find_bad(p, n) != NULL)
        report(p, n, true, __builtin_frame_address(0));
}

/* ---- globals ------------------------------------------------------------- */

void __asan_register_globals(const struct global *, size_t);
void __asan_unregister_globals(const struct global *, size_t);

void __asan_register_globals(const struct global *table, size_t count)
{
    const struct global *g;
    size_t whole;

    for (g = table; g < table + count; g++) {
        whole = (g->size + GRANULE - 1) & -GRANULE;
        asan_unpoison(g->start, g->size);
        asan_poison(g->start + whole, g->size_with_zone - whole, ASAN_GLOBAL);
    }
    if (nfiles < NFILES) {
        files[nfiles].table = table;
        files[nfiles++].count = count;
    }
}

/* The program ends; what runs after this may still print names. */
void __asan_unregister_globals(const struct global *table, size_t count)
{
    (void)table;
    (void)count;
}

void __asan_before_dynamic_init(const char *module);
void __asan_after_dynamic_init(void);

void __asan_before_dynamic_init(const char *module)
{
    (void)module;
}

void __asan_after_dynamic_init(void)
{
}

/* ---- the stack ----------------------------------------------------------- */

void __asan_handle_no_return(void);
void __asan_poison_stack_memory(const void *, size_t);
void __asan_unpoison_stack_memory(const void *, size_t);
void __asan_alloca_poison(const char *, size_t);
void __asan_allocas_unpoison(const char *, const char *);

#define STACK_MAX (16u << 20)

extern void *__asan_stack_top; /* the start stack: entry.S */

/*
 * Frames are left without their epilogues: allow all of the stack above.  A
 * thread's control block, at %gs:0, lies above its stack.
 */
void __asan_handle_no_return(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) & -GRANULE;
    uintptr_t top = (uintptr_t)__asan_stack_top, block;

    if (top - here > STACK_MAX) {
        __asm__("movl %%gs:0, %0" : "=r"(block));
        top = block;
    }
    if (top - here <= STACK_MAX)
        asan_poison((void *)here, top - here, 0);
}

void __asan_poison_stack_memory(const void *p, size_t nbytes)
{
    asan_poison(p, nbytes, ASAN_SCOPE);
}

void __asan_unpoison_stack_memory(const void *p, size_t nbytes)
{
    asan_unpoison(p, nbytes);
}

#define ALLOCA_ZONE 32u

void __asan_alloca_poison(const char *p, size_t nbytes)
{
    const char *end = p + ((nbytes + GRANULE - 1) & -GRANULE);
    uintptr_t zone = ((uintptr_t)p + nbytes + ALLOCA_ZONE - 1) & -ALLOCA_ZONE;

    asan_poison(p - ALLOCA_ZONE, ALLOCA_ZONE, ASAN_ALLOCA_LEFT);
    if (nbytes % GRANULE != 0)
        *shadow_of(p + nbytes) = (unsigned char)(nbytes % GRANULE);
    asan_poison(end, zone + ALLOCA_ZONE - (uintptr_t)end, ASAN_ALLOCA_RIGHT);
}

void __asan_allocas_unpoison(const char *top, const char *bottom)
{
    if (top != NULL && top < bottom)
        asan_poison(top, (size_t)(bottom - top), 0);
}

/* Frames stay on the stack: use after return is not looked for. */
#define STACK_CLASS(n)                                 \
    void *__asan_stack_malloc_##n(size_t);             \
    void __asan_stack_free_##n(void *, size_t);        \
    void *__asan_stack_malloc_##n(size_t nbytes)       \
    {                                                  \
        (void)nbytes;                                  \
        return NULL;                                   \
    }                                                  \
    void __asan_stack_free_##n(void *p, size_t nbytes) \
    {                                                  \
        (void)p;                                       \
        (void)nbytes;                                  \
    }

STACK_CLASS(0)
STACK_CLASS(1)
STACK_CLASS(2)
STACK_CLASS(3)
STACK_CLASS(4)
STACK_CLASS(5)
STACK_CLASS(6)
STACK_CLASS(7)
STACK_CLASS(8)
STACK_CLASS(9)
STACK_CLASS(10)

/* ---- <sanitizer/asan_interface.h> ---------------------------------------- */

void __asan_poison_memory_region(const volatile void *, size_t);
void __asan_unpoison_memory_region(const volatile void *, size_t);
int __asan_address_is_poisoned(const volatile void *);
void *__asan_region_is_poisoned(void *, size_t);

void __asan_poison_memory_region(const volatile void *p, size_t nbytes)
{
    uintptr_t start = ((uintptr_t)p + GRANULE - 1) & -GRANULE;
    uintptr_t end = ((uintptr_t)p + nbytes) & -GRANULE;

    if (start < end)
        asan_poison((void *)start, end - start, ASAN_USER);
}

void __asan_unpoison_memory_region(const volatile void *p, size_t nbytes)
{
    uintptr_t start = (uintptr_t)p & -GRANULE;

    asan_unpoison((void *)start, (uintptr_t)p + nbytes - start);
}

int __asan_address_is_poisoned(const volatile void *p)
{
    return asan_find_bad((const void *)p, 1) != NULL;
}

void *__asan_region_is_poisoned(void *p, size_t nbytes)
{
    return (void *)asan_find_bad(p, nbytes);
}

/* ---- the start ----------------------------------------------------------- */

void __asan_init(void);
void __asan_version_mismatch_check_v8(void);
void __asan_map_shadow(void);

void __asan_init(void)
{
}

void __asan_version_mismatch_check_v8(void)
{
}

/* Called by entry.S, when there is not even an errno. */
void __asan_map_shadow(void)
{
    static const char sorry[] =
        "AddressSanitizer: no room for the shadow at 0x20000000\n";
    long at =
        CALL(mmap2, SHADOW_BASE, SHADOW_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    if (at == (long)SHADOW_BASE)
        return;
    CALL(write, 2, sorry, sizeof(sorry) - 1);
    CALL(exit_group, 127);
}
