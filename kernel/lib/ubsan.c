/*
 * The handlers of the undefined behaviour sanitizer (make UBSAN=1).
 *
 * The compiler calls one of these where the behaviour of what follows would
 * be undefined, with a description of the place; each description begins with
 * file, line and column, which is all that is used here: the backtrace tells
 * the rest. Undefined behaviour in the kernel is a panic, so the variants
 * that never return are asked for (-fno-sanitize-recover).
 *
 * Source: the calls in GCC 12's gcc/sanitizer.def and gcc/ubsan.cc.
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/panic.h"

struct source_location {
    const char *file;
    uint32_t line;
    uint32_t column;
};

#define HANDLER(name, words)                                                   \
    _Noreturn void __ubsan_handle_##name(const struct source_location *where); \
    _Noreturn void __ubsan_handle_##name(const struct source_location *where)  \
    {                                                                          \
        panic("ubsan: %s at %s:%u:%u", words, where->file,                     \
              (unsigned)where->line, (unsigned)where->column);                 \
    }

/* The caller passes more arguments than these take, which C's convention on
 * i386, where the caller clears the stack, lets pass. */
HANDLER(add_overflow_abort, "signed addition overflows")
HANDLER(sub_overflow_abort, "signed subtraction overflows")
HANDLER(mul_overflow_abort, "signed multiplication overflows")
HANDLER(negate_overflow_abort, "negation overflows")
HANDLER(divrem_overflow_abort, "division by zero or overflow")
HANDLER(shift_out_of_bounds_abort, "shift out of range")
HANDLER(out_of_bounds_abort, "array index out of bounds")
HANDLER(type_mismatch_v1_abort, "null or misaligned pointer used")
HANDLER(pointer_overflow_abort, "pointer arithmetic wraps")
HANDLER(vla_bound_not_positive_abort, "array length not positive")
HANDLER(load_invalid_value_abort, "invalid bool or enum loaded")
HANDLER(invalid_builtin_abort, "zero passed to a bit count")
HANDLER(nonnull_arg_abort, "null passed for a nonnull argument")
HANDLER(builtin_unreachable, "unreachable code reached")
HANDLER(missing_return, "function ends without its value")

_Noreturn void
__ubsan_handle_nonnull_return_v1_abort(const void *function,
                                       const struct source_location *where);
_Noreturn void
__ubsan_handle_nonnull_return_v1_abort(const void *function,
                                       const struct source_location *where)
{
    (void)function;
    panic("ubsan: null returned by a nonnull function at %s:%u:%u", where->file,
          (unsigned)where->line, (unsigned)where->column);
}
