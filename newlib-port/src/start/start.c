/*
 * start.c - from the kernel's start stack to main.
 *
 *   esp -> argc
 *          argv[0] .. argv[argc - 1], null
 *          environment strings, null
 *          auxiliary vector, AT_NULL
 *
 * Order: environment, thread-local storage, destructors registered so that they
 * run after everything that atexit() will be given, constructors, main, exit.
 * Constructors get main's arguments, as other Unix libcs do it.
 */
#include "../call.h"
#include "start.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void constructor(int, char **, char **);
typedef void destructor(void);
typedef int main_function(int, char **, char **);

extern constructor *const __preinit_array_start[] __attribute__((weak));
extern constructor *const __preinit_array_end[] __attribute__((weak));
extern constructor *const __init_array_start[] __attribute__((weak));
extern constructor *const __init_array_end[] __attribute__((weak));
extern destructor *const __fini_array_start[] __attribute__((weak));
extern destructor *const __fini_array_end[] __attribute__((weak));

void _init(void);
void _fini(void);

const struct __cairn_auxv *__cairn_auxv;
char *program_invocation_name = (char *)"";
char *program_invocation_short_name = (char *)"";

int __cairn_auxv_get(unsigned long type, unsigned long *value)
{
    for (const struct __cairn_auxv *a = __cairn_auxv; a->a_type != AT_NULL;
         a++) {
        if (a->a_type == type) {
            *value = a->a_val;
            return 0;
        }
    }
    return -1;
}

static void run(constructor *const *first, constructor *const *end, int argc,
                char **argv)
{
    for (; first < end; first++)
        (*first)(argc, argv, environ);
}

static void run_destructors(void)
{
    destructor *const *d = __fini_array_end;

    while (d > __fini_array_start)
        (*--d)();
    _fini();
}

static void set_program_name(char *name)
{
    char *slash = strrchr(name, '/');

    program_invocation_name = name;
    program_invocation_short_name = slash != NULL ? slash + 1 : name;
}

/*
 * Called by _start with the start stack and main; does not return.
 */
/*
 * A set-id program that is started without one of its first three files would
 * open one of its own in that place, and print into it: the device that
 * swallows all takes it.
 */
static void fill_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (CALL(fcntl64, fd, F_GETFD, 0) < 0 &&
            CALL(open, "/dev/null", O_RDWR, 0) != fd)
            CALL(exit_group, 127);
}

void __attribute__((noreturn))
__cairn_start(unsigned long *stack, main_function *main)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    char **end = argv + argc + 1;
    unsigned long secure;

    environ = end;
    while (*end != NULL)
        end++;
    __cairn_auxv = (const struct __cairn_auxv *)(end + 1);
    __cairn_tls_init();
    if (__cairn_auxv_get(AT_SECURE, &secure) == 0 && secure != 0)
        fill_streams();
    if (argc > 0)
        set_program_name(argv[0]);
    atexit(run_destructors);
    run(__preinit_array_start, __preinit_array_end, argc, argv);
    _init();
    run(__init_array_start, __init_array_end, argc, argv);
    exit(main(argc, argv, environ));
}
