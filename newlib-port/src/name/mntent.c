/*
 * mntent.c - lines of /proc/mounts and /etc/fstab:
 *
 *     device directory type options frequency pass
 *
 * In the first four, a blank, a tab, a newline and a backslash are written as
 * a backslash and three octal digits.  Lines that are empty or begin with '#'
 * are no entries; what is missing at the end of one is empty or 0.
 *
 * Errors: those of fopen; getmntent_r's buffer limits a line, whose rest is
 * then lost.
 */
#define _GNU_SOURCE
#include <mntent.h>
#include <stdlib.h>
#include <string.h>

#define LINE_TOP 4096

static const char separators[] = " \t\n";

FILE *setmntent(const char *path, const char *mode)
{
    return fopen(path, mode);
}

int endmntent(FILE *file)
{
    if (file != NULL)
        fclose(file);
    return 1;
}

static int is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* Undo the octal digits, in place. */
static char *decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) &&
            is_octal(from[3])) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
                         (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
    return text;
}

/* The next word of a line, cut off and decoded; an empty one at its end. */
static char *take_word(char **line)
{
    char *word = *line + strspn(*line, separators);
    char *end = word + strcspn(word, separators);

    *line = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return decode(word);
}

/* Read a line into the buffer, and pass over what does not fit. */
static int read_line(FILE *file, char *buffer, int room)
{
    if (fgets(buffer, room, file) == NULL)
        return -1;
    if (strchr(buffer, '\n') == NULL) {
        int c;

        while ((c = getc(file)) != EOF && c != '\n')
            ;
    }
    return 0;
}

struct mntent *getmntent_r(FILE *file, struct mntent *entry, char *buffer,
                           int room)
{
    char *at;

    do {
        if (read_line(file, buffer, room) < 0)
            return NULL;
        at = buffer + strspn(buffer, separators);
    } while (*at == '\0' || *at == '#');
    entry->mnt_fsname = take_word(&at);
    entry->mnt_dir = take_word(&at);
    entry->mnt_type = take_word(&at);
    entry->mnt_opts = take_word(&at);
    entry->mnt_freq = atoi(take_word(&at));
    entry->mnt_passno = atoi(take_word(&at));
    return entry;
}

struct mntent *getmntent(FILE *file)
{
    static struct mntent entry;
    static char buffer[LINE_TOP];

    return getmntent_r(file, &entry, buffer, sizeof(buffer));
}

static void encode(FILE *file, const char *text, char after)
{
    for (; *text != '\0'; text++) {
        if (strchr(" \t\n\\", *text) != NULL)
            fprintf(file, "\\%03o", (unsigned)*text);
        else
            putc(*text, file);
    }
    putc(after, file);
}

int addmntent(FILE *file, const struct mntent *entry)
{
    if (fseek(file, 0, SEEK_END) < 0)
        return 1;
    encode(file, entry->mnt_fsname, ' ');
    encode(file, entry->mnt_dir, ' ');
    encode(file, entry->mnt_type, ' ');
    encode(file, entry->mnt_opts, ' ');
    fprintf(file, "%d %d\n", entry->mnt_freq, entry->mnt_passno);
    return fflush(file) != 0 || ferror(file) ? 1 : 0;
}

char *hasmntopt(const struct mntent *entry, const char *option)
{
    size_t len = strlen(option);
    char *at = entry->mnt_opts;

    while (*at != '\0') {
        size_t here = strcspn(at, ",");

        if (here >= len && memcmp(at, option, len) == 0 &&
            (here == len || at[len] == '='))
            return at;
        at += here + (at[here] == ',');
    }
    return NULL;
}
