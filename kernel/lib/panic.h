/*
 * The end of the road, and the assertions that lead there.
 *
 * `assert` states the kernel's own contracts and stays on in every build; its
 * expression has no side effects. What comes from a user, a loader or a file
 * is checked and refused with an error, never asserted.
 */
#ifndef LIB_PANIC_H
#define LIB_PANIC_H

#include <stdbool.h>

#include "lib/compiler.h"

/*
 * Print the message, the registers and a backtrace, and stop the machine.
 * The message names the module and the value: "frame: 0x1000 freed twice".
 * May be called in any context. (The kernel's body lies in arch; host tests
 * bring their own.)
 */
_Noreturn void panic(const char *fmt, ...) printf_like(1, 2);

/* The machine is about to stop; what is left to say is said at once. */
extern bool panic_is_under_way;

#undef assert
#define assert(expression)                                                   \
    ((expression) ? (void)0                                                  \
                  : panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, \
                          #expression))

#endif
