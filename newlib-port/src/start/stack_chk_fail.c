/*
 * The stack protector: its guard was overwritten.  Nothing on the stack can be
 * trusted then, so no stdio.
 *
 * Code compiled as usual reads the guard from %gs:20 (tls.c); code compiled
 * with -mstack-protector-guard=global reads the variable.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

uintptr_t __stack_chk_guard = 0xff0a0d00;

void __attribute__((constructor(101))) __stack_chk_init(void)
{
    __asm__("movl %%gs:20, %0" : "=r"(__stack_chk_guard));
}

void __attribute__((noreturn)) __stack_chk_fail(void)
{
    static const char message[] = "*** stack smashing detected ***\n";

    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    abort();
}

/* Position-independent code calls this name. */
void __attribute__((noreturn)) __stack_chk_fail_local(void)
{
    __stack_chk_fail();
}
