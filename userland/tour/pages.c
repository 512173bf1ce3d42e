/*
 * A page is promised when it is asked for, and a frame is put behind it when it
 * is first touched. Both can be watched.
 */
#include "tour.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define NPAGES 64

/* How many pages of a mapping have a frame, or -1. */
static int count_resident(void *start)
{
    unsigned char there[NPAGES];
    int count = 0;

    if (mincore(start, NPAGES * PAGE, (void *)there) != 0)
        return -1;
    for (int i = 0; i < NPAGES; i++)
        count += there[i] & 1;
    return count;
}

static void show_frames(const char *when, long frames, int resident)
{
    if (frames >= 0)
        show("%-22s %2d pages of it present, %5ld user frames in use", when,
             resident, frames);
    else
        show("%-22s %2d pages of it present", when, resident);
}

void visit_pages(void)
{
    long frames_before = frames_of("user"), frames_after, frames_gone;
    int before, after;
    bool zero;
    char *pages = mmap(NULL, NPAGES * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    chapter("The first touch",
            "A page gets its frame when it is used for the first time.");
    if (pages == MAP_FAILED) {
        check(false, "mmap gives %d pages", NPAGES);
        return;
    }
    before = count_resident(pages);
    show_frames("after mmap", frames_of("user"), before);
    zero = true;
    for (int i = 0; i < NPAGES; i++) {
        zero = zero && pages[i * PAGE] == 0;
        pages[i * PAGE] = 1;
    }
    after = count_resident(pages);
    frames_after = frames_of("user");
    show_frames("after touching each", frames_after, after);
    munmap(pages, NPAGES * PAGE);
    frames_gone = frames_of("user");
    check(before == 0, "%d pages are granted, and none has a frame yet",
          NPAGES);
    check(zero && after == NPAGES, "touched, each has one, filled with zeros");
    if (frames_before < 0) {
        skip("counting the frames", "this system has no /proc/frames");
        return;
    }
    check(frames_after - frames_before >= NPAGES,
          "the kernel counts %ld user frames more",
          frames_after - frames_before);
    check(frames_after - frames_gone >= NPAGES, "munmap gives %ld of them back",
          frames_after - frames_gone);
}
