/*
 * getloadavg: up to three averages of the number of running processes.
 *
 * Returns how many were written, or -1.
 */
#include <stdlib.h>
#include <sys/sysinfo.h>

int getloadavg(double average[], int count)
{
    struct sysinfo info;

    if (sysinfo(&info) < 0)
        return -1;
    if (count > 3)
        count = 3;
    for (int i = 0; i < count; i++)
        average[i] = info.loads[i] / (double)(1 << SI_LOAD_SHIFT);
    return count;
}
