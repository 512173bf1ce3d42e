/*
 * tools/make-exit.c - a function for GNU make: $(make-exit STATUS)
 *
 * GNU make turns every failure into exit status 2, but `make run` promises
 * the status of the machine: 0, 1 or 125.  Loaded by the Makefile with the
 * "load" directive, this ends make at once when STATUS is not 0, and expands
 * to nothing when it is.  make's own clean-up runs by atexit().
 */
#include <gnumake.h>
#include <stdlib.h>

int plugin_is_GPL_compatible; /* demanded of everything that make loads */

int make_exit_setup(const char *path);

static char *exit_with(const char *name, unsigned argc, char **argv)
{
    int status = argc ? atoi(argv[0]) : 0;

    (void)name;
    if (status)
        exit(status);
    return NULL;
}

int make_exit_setup(const char *path)
{
    (void)path;
    gmk_add_function("make-exit", exit_with, 1, 1, GMK_FUNC_DEFAULT);
    return 1;
}
