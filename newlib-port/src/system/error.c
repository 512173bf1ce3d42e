/*
 * error, error_at_line: a message on stderr, as GNU programs write it, and the
 * end of the program when `status` is not 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*error_print_progname)(void);
unsigned int error_message_count;
int error_one_per_line;

static void print_name(void)
{
    fflush(stdout);
    if (error_print_progname != NULL)
        error_print_progname();
    else
        fprintf(stderr, "%s:", program_invocation_name);
}

/* Print the message after its head, and exit if `status` says so. */
static void finish(int status, int number, const char *format, va_list args)
{
    vfprintf(stderr, format, args);
    error_message_count++;
    if (number != 0)
        fprintf(stderr, ": %s", strerror(number));
    putc('\n', stderr);
    fflush(stderr);
    if (status != 0)
        exit(status);
}

void error(int status, int number, const char *format, ...)
{
    va_list args;

    print_name();
    if (error_print_progname == NULL)
        putc(' ', stderr);
    va_start(args, format);
    finish(status, number, format, args);
    va_end(args);
}

void error_at_line(int status, int number, const char *file, unsigned int line,
                   const char *format, ...)
{
    static const char *last_file;
    static unsigned int last_line;
    va_list args;

    if (error_one_per_line) {
        if (last_line == line &&
            (last_file == file ||
             (last_file != NULL && file != NULL && !strcmp(last_file, file))))
            return;
        last_file = file;
        last_line = line;
    }
    print_name();
    if (file != NULL)
        fprintf(stderr, "%s:%u: ", file, line);
    else
        putc(' ', stderr);
    va_start(args, format);
    finish(status, number, format, args);
    va_end(args);
}
