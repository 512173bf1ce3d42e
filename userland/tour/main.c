/* The order of the tour: from what the boot loader found up to malloc. */
#include "tour.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

/* access(2) reads a path: EFAULT tells an address from which it cannot. */
bool is_mapped(const void *address)
{
    return access(address, F_OK) == 0 || errno != EFAULT;
}

bool is_filled(const void *start, int byte, size_t nbytes)
{
    const unsigned char *at = start;

    for (size_t i = 0; i < nbytes; i++)
        if (at[i] != (unsigned char)byte)
            return false;
    return true;
}

static void greet(void)
{
    struct utsname names;

    if (uname(&names) != 0)
        return;
    printf("%sA tour of memory%s on %s %s, %s\n", paint(BOLD), paint(PLAIN),
           names.sysname, names.release, names.machine);
}

int main(void)
{
    report_init();
    greet();
    visit_map();
    visit_frames();
    visit_places();
    visit_break();
    visit_pages();
    visit_blocks();
    visit_limit();
    return report_end();
}
