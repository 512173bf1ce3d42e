/*
 * poweroff, reboot, halt - end the machine
 *
 *     poweroff [-f]
 *     reboot [-f]
 *     halt [-f]
 *
 * Init is asked to, which ends all programs first. With -f, or where no init
 * runs, it happens at once.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* One way to end, by the name of the command. */
struct way {
    const char *name;
    int signo;   /* what tells init */
    int command; /* of reboot(2) */
};

static const struct way ways[] = {
    {"poweroff", SIGUSR2, RB_POWER_OFF},
    {"reboot", SIGINT, RB_AUTOBOOT},
    {"halt", SIGUSR1, RB_HALT_SYSTEM},
};

static const struct way *find_way(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;

    for (size_t i = 1; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(name, ways[i].name) == 0)
            return &ways[i];
    return &ways[0];
}

int main(int argc, char **argv)
{
    const struct way *way = find_way(argv[0]);
    bool force = false;
    int option;

    while ((option = getopt(argc, argv, "f")) == 'f')
        force = true;
    if (option != -1 || optind != argc) {
        fprintf(stderr, "usage: %s [-f]\n", way->name);
        return 2;
    }
    /* Signals to pid 1 are init's; without an init the kernel refuses them. */
    if (!force && kill(1, way->signo) == 0)
        return 0;
    sync();
    reboot(way->command);
    fprintf(stderr, "%s: %s\n", way->name, strerror(errno));
    return 1;
}
