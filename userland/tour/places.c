/*
 * Where this program itself lies: the linker's symbols and a few addresses of
 * its own, looked up in /proc/self/maps.
 */
#include "tour.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Made by the linker: the ends of text, of initialised data, and of all. */
extern char etext[], edata[], end[];

static const char constant[] = "read-only";
static int initialised = 1;
static int zeroed;

/* Something whose place is looked for. */
struct place {
    const char *name;
    uintptr_t address;
    const char *access; /* as maps has it; '?' is either */
    bool found;         /* in an area with that access */
    char letter;        /* in the picture */
    enum colour colour;
};

enum { TEXT, CONSTANT, DATA, BSS, HEAP, MAPPED, STACK, NPLACES };

static struct place places[NPLACES] = {
    [TEXT] = {"text: a function", 0, "r-x", false, 't', CYAN},
    [CONSTANT] = {"constants", 0, "r-?", false, 'c', CYAN},
    [DATA] = {"data: a variable with a value", 0, "rw-", false, 'd', YELLOW},
    [BSS] = {"bss: a variable that starts as 0", 0, "rw-", false, 'b', YELLOW},
    [HEAP] = {"heap: what sbrk gives", 0, "rw-", false, 'h', GREEN},
    [MAPPED] = {"mmap: pages of their own", 0, "rw-", false, 'm', GREEN},
    [STACK] = {"stack: a local variable", 0, "rw-", false, 's', RED},
};

static bool has_access(const struct place *place, const char *access)
{
    for (int i = 0; i < 3; i++)
        if (place->access[i] != '?' && place->access[i] != access[i])
            return false;
    return true;
}

/*
 * The address space as a bar, not to scale: one more cell for each doubling of
 * a part's size, and for each fourfold size of a gap.
 */
#define MAX_CELLS    96
#define KERNEL_START 0xC0000000u

static struct {
    unsigned ncells;
    uintptr_t end; /* what has been drawn so far */
    struct {
        char letter;
        enum colour colour;
    } cells[MAX_CELLS];
} bar;

static void add_cells(char letter, enum colour colour, size_t nbytes,
                      unsigned shift)
{
    for (size_t n = nbytes / PAGE; n > 0 && bar.ncells < MAX_CELLS;
         n >>= shift) {
        bar.cells[bar.ncells].letter = letter;
        bar.cells[bar.ncells++].colour = colour;
    }
}

static void add_to_bar(uintptr_t start, uintptr_t stop, char letter,
                       enum colour colour)
{
    add_cells('.', GREY, start - bar.end, 2);
    add_cells(letter, colour, stop - start, 1);
    bar.end = stop;
}

static void draw_bar(void)
{
    /* Above the stack there is only the kernel, or on a 64-bit host nothing. */
    bool kernel = bar.end <= KERNEL_START;

    if (kernel) {
        add_cells('.', GREY, KERNEL_START - bar.end, 2);
        add_cells('k', GREY, PAGE << 5, 1); /* it is only hinted at */
    }
    printf("        |");
    for (unsigned i = 0; i < bar.ncells; i++)
        printf("%s%c%s", paint(bar.cells[i].colour), bar.cells[i].letter,
               paint(PLAIN));
    printf(
        "|\n        t text c constants d data b bss h heap m mmap s stack%s\n",
        kernel ? " k kernel" : "");
}

/* One line of maps, with what we have in it. */
static void visit_area(uintptr_t start, uintptr_t stop, const char *access)
{
    unsigned n = 0;

    for (int i = 0; i < NPLACES; i++) {
        struct place *place = &places[i];

        if (place->address < start || place->address >= stop)
            continue;
        if (n == 0) {
            add_to_bar(start, stop, place->letter, place->colour);
            printf("        %08" PRIxPTR " %6zu KiB  %.3s  ", start,
                   (size_t)(stop - start) / KIB, access);
        }
        printf("%s%s%s%s", n++ > 0 ? "; " : "", paint(place->colour),
               place->name, paint(PLAIN));
        place->found = has_access(place, access);
    }
    if (n > 0)
        putchar('\n');
}

/* Walk the maps: how many areas there are, how many can be both written and
 * executed; -1 without maps. */
static int walk_maps(int *nunsafe)
{
    FILE *file = fopen("/proc/self/maps", "r");
    char line[512], access[8];
    uintptr_t start, stop;
    int n = 0;

    if (file == NULL)
        return -1;
    *nunsafe = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &start, &stop,
                   access) != 3)
            continue;
        visit_area(start, stop, access);
        *nunsafe += access[1] == 'w' && access[2] == 'x';
        n++;
    }
    fclose(file);
    return n;
}

static bool all_found(void)
{
    for (int i = 0; i < NPLACES; i++)
        if (!places[i].found)
            return false;
    return true;
}

void visit_places(void)
{
    int local = 0, nareas, nunsafe;
    void *pages = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *heap = sbrk((intptr_t)PAGE);

    chapter("This program",
            "Where its own parts lie, from low addresses to high ones.");
    places[TEXT].address = (uintptr_t)visit_places;
    places[CONSTANT].address = (uintptr_t)constant;
    places[DATA].address = (uintptr_t)&initialised;
    places[BSS].address = (uintptr_t)&zeroed;
    places[HEAP].address = (uintptr_t)heap;
    places[MAPPED].address = (uintptr_t)pages;
    places[STACK].address = (uintptr_t)&local;
    nareas = walk_maps(&nunsafe);
    draw_bar();
    if (nareas < 0)
        skip("the areas", "this system has no /proc/self/maps");
    else
        check(all_found(), "all %d of them are where they may be used so",
              NPLACES);
    if (nareas >= 0)
        check(nunsafe == 0, "none of %d areas can be written and executed",
              nareas);
    check((uintptr_t)visit_places < (uintptr_t)etext &&
              (uintptr_t)&initialised < (uintptr_t)edata &&
              (uintptr_t)&zeroed >= (uintptr_t)edata &&
              (uintptr_t)&zeroed < (uintptr_t)end && (char *)heap >= end,
          "the linker agrees: etext %p, edata %p, end %p", (void *)etext,
          (void *)edata, (void *)end);
    munmap(pages, PAGE);
}
