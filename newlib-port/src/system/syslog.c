/*
 * syslog.c - messages for an operator. Nobody collects them here: a message is
 * one line on the console, and with LOG_PERROR on stderr too.
 *
 *     NAME[PID]: TEXT
 *
 * %m is the text of errno. Nothing is said of an error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define MESSAGE_TOP 1024

static const char *log_name;
static int log_options;
static int log_mask = LOG_UPTO(LOG_DEBUG);

void openlog(const char *name, int options, int facility)
{
    (void)facility;
    log_name = name;
    log_options = options;
}

void closelog(void)
{
    log_name = NULL;
    log_options = 0;
}

int setlogmask(int mask)
{
    int old = log_mask;

    if (mask != 0)
        log_mask = mask;
    return old;
}

static void put_line(const char *line, size_t len)
{
    int fd = open(_PATH_CONSOLE, O_WRONLY | O_NOCTTY | O_CLOEXEC);

    if (log_options & LOG_PERROR)
        (void)write(STDERR_FILENO, line, len);
    if (fd >= 0) {
        (void)write(fd, line, len);
        close(fd);
    }
}

/* The format with %m replaced by an error's text, where it fits. */
static void expand(char *to, size_t room, const char *format, int error)
{
    while (*format != '\0' && room > 2) {
        if (format[0] == '%' && format[1] == 'm') {
            const char *text = strerror(error);

            for (; *text != '\0' && room > 2; text++) {
                /* A percent sign of the text is doubled to stay one. */
                if (*text == '%') {
                    *to++ = '%';
                    room--;
                }
                *to++ = *text;
                room--;
            }
            format += 2;
            continue;
        }
        if (format[0] == '%' && format[1] != '\0') {
            *to++ = *format++;
            room--;
        }
        *to++ = *format++;
        room--;
    }
    *to = '\0';
}

/* Cut a length that snprintf gave to what is in the buffer. */
static size_t add(size_t used, int n)
{
    if (n < 0)
        return used;
    used += (size_t)n;
    return used < MESSAGE_TOP ? used : MESSAGE_TOP - 1;
}

void vsyslog(int priority, const char *format, va_list args)
{
    char line[MESSAGE_TOP + 1], expanded[MESSAGE_TOP];
    const char *name =
        log_name != NULL ? log_name : program_invocation_short_name;
    int error = errno;
    size_t used = 0;

    if (!(LOG_MASK(LOG_PRI(priority)) & log_mask))
        return;
    expand(expanded, sizeof(expanded), format, error);
    if (log_options & LOG_PID)
        used = add(used, snprintf(line, MESSAGE_TOP, "%s[%d]: ", name,
                                  (int)getpid()));
    else
        used = add(used, snprintf(line, MESSAGE_TOP, "%s: ", name));
    used =
        add(used, vsnprintf(line + used, MESSAGE_TOP - used, expanded, args));
    if (used == 0 || line[used - 1] != '\n')
        line[used++] = '\n';
    put_line(line, used);
    errno = error;
}

void syslog(int priority, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsyslog(priority, format, args);
    va_end(args);
}
