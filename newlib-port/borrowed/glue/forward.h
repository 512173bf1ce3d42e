/*
 * The body of a variadic function that calls its twin with a va_list: `call`
 * uses `args`, which begins after the parameter `format`.
 */
#ifndef GLUE_FORWARD_H
#define GLUE_FORWARD_H

#include <stdarg.h>

#define FORWARD(call)           \
    do {                        \
        va_list args;           \
        int result;             \
                                \
        va_start(args, format); \
        result = call;          \
        va_end(args);           \
        return result;          \
    } while (0)

#endif
