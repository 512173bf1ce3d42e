/*
 * mremap with any arguments against a model: old lengths of 0, places that
 * overlap, MREMAP_FIXED and MREMAP_DONTUNMAP, on private and shared memory
 * and on files whose descriptors and names are gone. What is mapped is all
 * that keeps such an object alive; objects come and go all the time, so one
 * that is freed too early soon shows the bytes of another.
 *
 * test: linux timeout=300
 * test: run="-m 16M" name=small timeout=300
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mm_test.h"

#define PAGE     4096u
#define NPAGES   48
#define NOBJECTS 8
#define OBJECT   16 /* pages of an object */
#define RW       (PROT_READ | PROT_WRITE)

/* What a page of the stretch shows. */
enum kind { NONE, OWN, SHARED, COPY };

struct page {
    enum kind kind;
    int object;     /* of SHARED and COPY */
    int index;      /* page of the object */
    uint32_t stamp; /* of OWN */
};

struct object {
    uint32_t stamps[OBJECT];
};

static struct page pages[NPAGES];
static struct object objects[NOBJECTS];
static char *base;
static uint64_t state;
static bool on_cairn;
static unsigned long nmoves, nagain, nrefused;

static int dice(int n)
{
    return (int)(tap_random(&state) % (uint32_t)n);
}

static char *address(int page)
{
    return base + page * (int)PAGE;
}

/* ---- objects ---- */

static bool is_used(int object)
{
    for (int i = 0; i < NPAGES; i++)
        if (pages[i].kind != NONE && pages[i].index >= 0 &&
            pages[i].object == object)
            return true;
    return false;
}

static int free_object(void)
{
    for (int i = 0; i < NOBJECTS; i++)
        if (!is_used(i))
            return i;
    return -1;
}

/* Shared memory with or without a file; no descriptor and no name is left. */
static bool map_object(int object, int first, bool copy)
{
    bool anonymous = !copy && dice(3) == 0;
    int flags = (copy ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED;
    int fd = -1;
    char *p;

    if (!anonymous) {
        fd = open("/tmp/life_remap", O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (!CHECK(fd >= 0) || !CHECK_EQ(ftruncate(fd, OBJECT * PAGE), 0))
            return false;
        unlink("/tmp/life_remap");
    }
    p = mmap(address(first), OBJECT * PAGE, RW,
             flags | (anonymous ? MAP_ANONYMOUS : 0), fd, 0);
    if (fd >= 0)
        close(fd);
    if (!CHECK(p == address(first)))
        return false;
    memset(&objects[object], 0, sizeof(objects[object]));
    for (int i = 0; i < OBJECT; i++)
        pages[first + i] = (struct page){copy ? COPY : SHARED, object, i, 0};
    return true;
}

/* ---- pages ---- */

static uint32_t expected(const struct page *page)
{
    return page->kind == OWN ? page->stamp
                             : objects[page->object].stamps[page->index];
}

static bool can_touch(const struct page *page)
{
    return page->kind == OWN || (page->kind != NONE && page->index < OBJECT);
}

static bool look_at(const struct page *page, const char *at)
{
    const volatile uint32_t *word = (const volatile uint32_t *)at;

    return !can_touch(page) || CHECK_EQ(*word, expected(page));
}

static bool step_touch(void)
{
    int i = dice(NPAGES);
    struct page *page = &pages[i];
    uint32_t stamp = (uint32_t)dice(INT32_MAX);

    if (!look_at(page, address(i)))
        return false;
    if (!can_touch(page))
        return true;
    *(volatile uint32_t *)address(i) = stamp;
    if (page->kind == SHARED)
        objects[page->object].stamps[page->index] = stamp;
    else
        *page = (struct page){OWN, page->object, page->index, stamp};
    return true;
}

static bool step_map(void)
{
    int first = dice(NPAGES - OBJECT), n = 1 + dice(6), object = free_object();
    char *p;

    if (object >= 0 && dice(2) == 0)
        return map_object(object, first, dice(3) == 0);
    p = mmap(address(first), (size_t)n * PAGE, RW,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (!CHECK(p == address(first)))
        return false;
    for (int i = first; i < first + n; i++)
        pages[i] = (struct page){OWN, 0, -1, 0};
    return true;
}

static bool unmap(int first, int n)
{
    for (int i = first; i < first + n; i++)
        pages[i].kind = NONE;
    return CHECK_EQ(munmap(address(first), (size_t)n * PAGE), 0);
}

static bool step_unmap(void)
{
    int first = dice(NPAGES), n = 1 + dice(8);

    return unmap(first, n > NPAGES - first ? NPAGES - first : n);
}

/* ---- mremap ---- */

struct call {
    int from, old, new, to; /* pages */
    int flags;
};

/* A copy or a page of its own came from an object's mapping, or never did. */
static bool is_anonymous(const struct page *page)
{
    return page->kind == OWN && page->index < 0;
}

/* Are these pages one mapping, in whatever way the kernel joins them. */
static bool is_one(int first, int n)
{
    for (int i = first + 1; i < first + n; i++) {
        const struct page *a = &pages[i - 1], *b = &pages[i];

        if (a->kind == NONE || b->kind == NONE || is_anonymous(a) ||
            is_anonymous(b) || a->object != b->object ||
            (a->kind == SHARED) != (b->kind == SHARED) ||
            a->index + 1 != b->index)
            return false;
    }
    return true;
}

static bool overlaps(const struct call *c)
{
    return c->from < c->to + c->new &&
           c->to < c->from + (c->old > 0 ? c->old : 1);
}

/* The errno that the call must give; 0 if it must work. */
static int refusal(const struct call *c)
{
    bool moves = c->flags & MREMAP_MAYMOVE;
    const struct page *page = &pages[c->from];

    if ((c->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !moves)
        return EINVAL;
    if ((c->flags & MREMAP_DONTUNMAP) && c->old != c->new)
        return EINVAL;
    if ((c->flags & MREMAP_FIXED) && overlaps(c))
        return EINVAL;
    if (page->kind == NONE)
        return EFAULT;
    if (c->old == 0 && page->kind != SHARED)
        return EINVAL;
    return c->old == 0 && !moves ? ENOMEM : 0;
}

/* What page `i` of the new place must show. */
static struct page moved(const struct call *c, int i)
{
    struct page page = pages[c->from];

    if (i < c->old)
        return pages[c->from + i];
    page.index += is_anonymous(&page) ? 0 : i;
    page.stamp = 0;
    if (page.kind == OWN && !is_anonymous(&page))
        page.kind = COPY;
    return page;
}

static void leave(struct page *page, bool stays)
{
    if (!stays)
        page->kind = NONE;
    else if (is_anonymous(page))
        page->stamp = 0;
    else if (page->kind == OWN)
        page->kind = COPY;
}

/* The call has worked and the new place begins at `p`. */
static bool follow(const struct call *c, char *p)
{
    struct page fresh[NPAGES];
    int to = (int)((p - base) / (int)PAGE);
    bool inside = p >= base && p < address(NPAGES);
    bool good = true;

    for (int i = 0; i < c->new; i++)
        fresh[i] = moved(c, i);
    for (int i = 0; i < c->old; i++)
        leave(&pages[c->from + i], c->flags & MREMAP_DONTUNMAP);
    for (int i = 0; i < c->new &&good; i++)
        good = look_at(&fresh[i], p + i * (int)PAGE);
    if (inside)
        for (int i = 0; i < c->new; i++)
            pages[to + i] = fresh[i];
    else
        good = good && CHECK_EQ(munmap(p, (size_t)c->new *PAGE), 0);
    nmoves++;
    nagain += c->old == 0;
    return good;
}

static bool step_remap(void)
{
    static const int all[] = {MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP};
    struct call c = {dice(NPAGES - 4), dice(4), 1 + dice(6), 0, 0};
    int wanted;
    char *p;

    if (dice(3) == 0)
        c.new = c.old > 0 ? c.old : 1;
    c.to = dice(8) == 0 ? c.from : dice(NPAGES - c.new);
    c.flags = dice(8) != 0 ? MREMAP_MAYMOVE : 0;
    for (int i = 0; i < 3; i++)
        c.flags |= dice(3) == 0 ? all[i] : 0;
    wanted = refusal(&c);
    if (wanted == 0 && !is_one(c.from, c.old))
        return true;
    /* Linux unmaps the target before it finds that nothing is left. */
    if (!on_cairn && c.old == 0 && overlaps(&c) && (c.flags & MREMAP_FIXED))
        return true;
    /* Growing to the end of the stretch may go beyond it. */
    if (c.from + c.new > NPAGES)
        return true;
    p = mremap(address(c.from), (size_t)c.old * PAGE, (size_t)c.new *PAGE,
               c.flags, address(c.to));
    if (p == MAP_FAILED) {
        nrefused++;
        /* Without leave to move, there must be something in the way. */
        if (wanted == 0 && !(c.flags & MREMAP_MAYMOVE) && c.new > c.old)
            wanted = ENOMEM;
        return CHECK_EQ(errno, wanted);
    }
    if (!CHECK_EQ(wanted, 0) ||
        !CHECK(!(c.flags & MREMAP_FIXED) || p == address(c.to)))
        return false;
    return follow(&c, p);
}

static bool step(void)
{
    int what = dice(100);

    if (what < 40)
        return step_touch();
    if (what < 50)
        return step_map();
    return what < 55 ? step_unmap() : step_remap();
}

int main(void)
{
    unsigned long n = getenv("TEST_LONG") != NULL ? 3000000 : 100000, i;

    on_cairn = tap_on_cairn();
    state = tap_seed(20);
    base = mmap(NULL, (NPAGES + 2) * PAGE, PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(base != MAP_FAILED);
    base += PAGE;
    CHECK_EQ(munmap(base, NPAGES * PAGE), 0);
    for (i = 0; i < n && step(); i++)
        ;
    if (tap_failed())
        printf("# at step %lu\n", i);
    printf("# %lu moves, %lu of them with an old length of 0, %lu refusals\n",
           nmoves, nagain, nrefused);
    CHECK(nagain > n / 1000);
    tap_end("mremap agrees with the model");
    return tap_done();
}
