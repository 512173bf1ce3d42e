/*
 * siglongjmp: longjmp that puts the signal mask back if sigsetjmp saved it.
 */
#include <setjmp.h>
#include <signal.h>

_Static_assert(sizeof(jmp_buf) == 36, "sigsetjmp.S knows this");

void siglongjmp(sigjmp_buf env, int value)
{
    if (env->__mask_was_saved)
        sigprocmask(SIG_SETMASK, &env->__mask, NULL);
    longjmp(env->__registers, value);
}
