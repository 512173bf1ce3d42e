/*
 * A nested function whose address is taken lies on the stack (GNU C): the
 * compiler asks for an executable stack, and gets one.
 *
 * test: linux
 */
#include "tap.h"

static int apply(int (*function)(int), int value)
{
    return function(value);
}

int main(void)
{
    int base = 40;

    __extension__ int add(int value)
    {
        return base + value;
    }

    EQUAL(apply(add, 2), 42);
    base = 1;
    EQUAL(apply(add, 2), 3);
    return tap_done();
}
