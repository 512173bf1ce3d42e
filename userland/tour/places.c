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
    enum colour colour;
};

enum { TEXT, CONSTANT, DATA, BSS, HEAP, MAPPED, STACK, NPLACES };

static struct place places[NPLACES] = {
    [TEXT] = {"text: a function", 0, "r-x", false, CYAN},
    [CONSTANT] = {"constants", 0, "r-?", false, CYAN},
    [DATA] = {"data: a variable with a value", 0, "rw-", false, YELLOW},
    [BSS] = {"bss: a variable that starts as 0", 0, "rw-", false, YELLOW},
    [HEAP] = {"heap: what sbrk gives", 0, "rw-", false, GREEN},
    [MAPPED] = {"mmap: pages of their own", 0, "rw-", false, GREEN},
    [STACK] = {"stack: a local variable", 0, "rw-", false, RED},
};

static bool has_access(const struct place *place, const char *access)
{
    for (int i = 0; i < 3; i++)
        if (place->access[i] != '?' && place->access[i] != access[i])
            return false;
    return true;
}

/* One line of maps, with what we have in it. */
static void visit_area(uintptr_t start, uintptr_t stop, const char *access)
{
    const char *separator = "";
    bool any = false;

    for (int i = 0; i < NPLACES; i++) {
        struct place *place = &places[i];

        if (place->address < start || place->address >= stop)
            continue;
        if (!any)
            printf("        %08" PRIxPTR " %6zu KiB  %.3s  ", start,
                   (size_t)(stop - start) / KIB, access);
        printf("%s%s%s%s", separator, paint(place->colour), place->name,
               paint(PLAIN));
        separator = "; ";
        place->found = has_access(place, access);
        any = true;
    }
    if (any)
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
