/*
 * mmap, munmap, mprotect, mremap and madvise against a model: random calls on
 * a stretch of addresses, with the bytes of every page known. What the kernel
 * lets a program read and write is asked of the kernel itself (access reads a
 * byte and read writes one), so that no step ends in a signal.
 *
 * test: linux timeout=300
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mm_test.h"

#define PAGE   4096u
#define NPAGES 1200u /* crosses three page tables */
#define ALL    (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ANON   (MAP_PRIVATE | MAP_ANONYMOUS)

struct page {
    bool mapped;
    int prot;
    uint32_t stamp; /* in its first and last word; 0 if never written */
};

static struct page pages[NPAGES];
static char *base;
static uint64_t state;
static int zero_fd;
static unsigned long ntouched;

static uint32_t dice(uint32_t n)
{
    return (uint32_t)(tap_random(&state) % n);
}

static char *address(uint32_t page)
{
    return base + page * PAGE;
}

static void stretch(uint32_t *first, uint32_t *n)
{
    *first = dice(NPAGES);
    *n = 1 + dice(dice(10) == 0 ? 300 : 10);
    if (*n > NPAGES - *first)
        *n = NPAGES - *first;
}

static int random_prot(void)
{
    static const int prots[] = {PROT_NONE,
                                PROT_READ,
                                PROT_READ | PROT_EXEC,
                                PROT_READ | PROT_WRITE,
                                PROT_READ | PROT_WRITE,
                                PROT_READ | PROT_WRITE};

    return prots[dice(6)];
}

static bool all_mapped(uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++)
        if (!pages[i].mapped)
            return false;
    return true;
}

static bool none_mapped(uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++)
        if (pages[i].mapped)
            return false;
    return true;
}

static bool step_map(void)
{
    bool noreplace = dice(4) == 0;
    int flags = ANON | (noreplace ? MAP_FIXED_NOREPLACE : MAP_FIXED);
    int prot = random_prot();
    uint32_t first, n;
    char *p;

    stretch(&first, &n);
    if (dice(6) == 0)
        flags |= MAP_NORESERVE;
    p = mmap(address(first), n * PAGE, prot, flags, -1, 0);
    if (noreplace && !none_mapped(first, n))
        return CHECK(p == MAP_FAILED) && CHECK_EQ(errno, EEXIST);
    if (!CHECK(p == address(first)))
        return false;
    for (uint32_t i = first; i < first + n; i++)
        pages[i] = (struct page){true, prot, 0};
    return true;
}

static bool step_unmap(void)
{
    uint32_t first, n;

    stretch(&first, &n);
    if (!CHECK_EQ(munmap(address(first), n * PAGE), 0))
        return false;
    for (uint32_t i = first; i < first + n; i++)
        pages[i] = (struct page){false, 0, 0};
    return true;
}

/* Over a hole Linux may change a part: such ranges are left out. */
static bool step_protect(void)
{
    int prot = random_prot();
    uint32_t first, n;

    stretch(&first, &n);
    if (!pages[first].mapped)
        return CHECK_EQ(mprotect(address(first), n * PAGE, prot), -1) &&
               CHECK_EQ(errno, ENOMEM);
    if (!all_mapped(first, n))
        return true;
    if (!CHECK_EQ(mprotect(address(first), n * PAGE, prot), 0))
        return false;
    for (uint32_t i = first; i < first + n; i++)
        pages[i].prot = prot;
    return true;
}

static bool step_advise(void)
{
    uint32_t first, n;
    int expected;

    stretch(&first, &n);
    expected = all_mapped(first, n) ? 0 : -1;
    if (!CHECK_EQ(madvise(address(first), n * PAGE, MADV_DONTNEED), expected))
        return false;
    for (uint32_t i = first; i < first + n; i++)
        pages[i].stamp = 0;
    return true;
}

/*
 * One page moves, grows to a few, or shrinks: within one page, what is one
 * mapping to the kernel does not depend on how it joins them.
 */
static bool step_move(void)
{
    uint32_t from = dice(NPAGES);
    uint32_t n = 1 + dice(4);
    uint32_t to = dice(NPAGES - n);
    char *p = mremap(address(from), PAGE, n * PAGE,
                     MREMAP_MAYMOVE | MREMAP_FIXED, address(to));
    struct page page = pages[from];

    if (to <= from && from < to + n)
        return CHECK(p == MAP_FAILED) && CHECK_EQ(errno, EINVAL);
    if (!page.mapped)
        return CHECK(p == MAP_FAILED) && CHECK_EQ(errno, EFAULT);
    if (!CHECK(p == address(to)))
        return false;
    pages[from] = (struct page){false, 0, 0};
    for (uint32_t i = 0; i < n; i++) {
        pages[to + i] = page;
        page.stamp = 0;
    }
    return true;
}

/* Growing where it is: by one page, into a hole or against a wall. */
static bool step_grow(void)
{
    uint32_t at = dice(NPAGES - 1);
    char *p;

    if (!pages[at].mapped || pages[at + 1].mapped)
        return true;
    p = mremap(address(at), PAGE, 2 * PAGE, 0);
    if (!CHECK(p == address(at)))
        return false;
    pages[at + 1] = (struct page){true, pages[at].prot, 0};
    return true;
}

static bool step_shrink(void)
{
    uint32_t first, n, to;

    stretch(&first, &n);
    if (!all_mapped(first, n))
        return true;
    to = 1 + dice(n);
    if (!CHECK(mremap(address(first), n * PAGE, to * PAGE, 0) ==
               address(first)))
        return false;
    for (uint32_t i = first + to; i < first + n; i++)
        pages[i] = (struct page){false, 0, 0};
    return true;
}

static bool step_touch(void)
{
    uint32_t i = dice(NPAGES);
    struct page *page = &pages[i];
    volatile uint32_t *words = (volatile uint32_t *)address(i);

    if (page->prot & PROT_READ) {
        ntouched++;
        if (!CHECK_EQ(words[0], page->stamp) ||
            !CHECK_EQ(words[PAGE / 4 - 1], page->stamp))
            return false;
    }
    if (page->prot & PROT_WRITE) {
        page->stamp = dice(UINT32_MAX);
        words[0] = words[PAGE / 4 - 1] = page->stamp;
    }
    return true;
}

/* The byte in the middle of a page is always 0, and so may be asked about. */
static bool step_ask(void)
{
    uint32_t i = dice(NPAGES);
    char *middle = address(i) + PAGE / 2;
    bool readable = access(middle, F_OK) == 0 || errno != EFAULT;
    bool writable = read(zero_fd, middle, 1) == 1;

    return CHECK_EQ(readable, pages[i].mapped && pages[i].prot != PROT_NONE) &&
           CHECK_EQ(writable, (pages[i].prot & PROT_WRITE) != 0);
}

static bool step(void)
{
    uint32_t what = dice(100);

    if (what < 40)
        return step_touch();
    if (what < 50)
        return step_ask();
    if (what < 64)
        return step_map();
    if (what < 72)
        return step_unmap();
    if (what < 82)
        return step_protect();
    if (what < 87)
        return step_advise();
    if (what < 93)
        return step_move();
    return what < 97 ? step_grow() : step_shrink();
}

int main(void)
{
    unsigned long n = getenv("TEST_LONG") != NULL ? 10000000 : 1000000;
    unsigned long i;

    zero_fd = open("/dev/zero", O_RDONLY);
    CHECK(zero_fd >= 0);
    state = tap_seed(2);
    /* A page on either side stays free, so that nothing joins from outside. */
    base =
        mmap(NULL, (NPAGES + 2) * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    CHECK(base != MAP_FAILED);
    CHECK_EQ(munmap(base, (NPAGES + 2) * PAGE), 0);
    base += PAGE;
    for (i = 0; i < n && step(); i++)
        ;
    if (tap_failed())
        printf("# at step %lu\n", i);
    printf("# %lu steps, %lu pages compared\n", i, ntouched);
    CHECK_EQ(munmap(base, NPAGES * PAGE), 0);
    tap_end("random calls of the mmap family agree with the model");
    return tap_done();
}
