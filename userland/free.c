/*
 * free - show how much memory there is
 *
 *     free [-b | -k | -m | -h]
 *
 * In bytes, KiB (the default), MiB, or whatever fits a number. The first line
 * counts frames: those in use, those free, those that hold file pages, and what
 * may still be asked for. The second one is the strict commit: how much may be
 * promised, how much is, and how much is left.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned long long unit = 1024;
static int human;

/* A value of /proc/meminfo in bytes; 0 if it is not there. */
static unsigned long long read_value(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    unsigned long long kib = 0;

    if (at == NULL || sscanf(at + strlen(name), ": %llu", &kib) != 1)
        return 0;
    return kib * 1024;
}

static void print_number(unsigned long long nbytes)
{
    static const char suffixes[] = "BKMGT";
    unsigned i = 0;

    if (!human) {
        printf(" %11llu", nbytes / unit);
        return;
    }
    nbytes *= 10;
    for (; nbytes >= 10240 && suffixes[i + 1] != '\0'; i++)
        nbytes /= 1024;
    printf(" %8llu.%llu%c", nbytes / 10, nbytes % 10, suffixes[i]);
}

static void print_report(const char *text)
{
    unsigned long long all = read_value(text, "MemTotal"),
                       idle = read_value(text, "MemFree"),
                       limit = read_value(text, "CommitLimit"),
                       charged = read_value(text, "Committed_AS");

    printf("%-7s %11s %11s %11s %11s %11s\n", "", "total", "used", "free",
           "files", "available");
    printf("%-7s", "Mem:");
    print_number(all);
    print_number(all - idle);
    print_number(idle);
    print_number(read_value(text, "\nCached"));
    print_number(read_value(text, "MemAvailable"));
    printf("\n%-7s", "Commit:");
    print_number(limit);
    print_number(charged);
    print_number(limit > charged ? limit - charged : 0);
    putchar('\n');
}

static int parse_options(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "bkmh")) != -1) {
        switch (option) {
        case 'b':
            unit = 1;
            break;
        case 'k':
            unit = 1024;
            break;
        case 'm':
            unit = 1024 * 1024;
            break;
        case 'h':
            human = 1;
            break;
        default:
            return -1;
        }
    }
    return optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
    static char text[8192];
    FILE *file;
    size_t n;

    if (parse_options(argc, argv) != 0) {
        fputs("usage: free [-b | -k | -m | -h]\n", stderr);
        return 2;
    }
    file = fopen("/proc/meminfo", "r");
    if (file == NULL) {
        fprintf(stderr, "free: /proc/meminfo: %s\n", strerror(errno));
        return 1;
    }
    n = fread(text, 1, sizeof(text) - 1, file);
    text[n] = '\0';
    fclose(file);
    print_report(text);
    return fflush(stdout) != 0;
}
