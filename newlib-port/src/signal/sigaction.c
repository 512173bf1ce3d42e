/*
 * sigaction: the kernel's struct has the restorer that handlers return through.
 *
 * Errors: EFAULT, EINVAL.
 */
#include "../call.h"
#include <signal.h>
#include <stdint.h>
#include <string.h>

void __cairn_restore(void);
void __cairn_restore_rt(void);

static void to_kernel(struct __cairn_sigaction *to,
                      const struct sigaction *from)
{
    void (*restorer)(void) =
        from->sa_flags & SA_SIGINFO ? __cairn_restore_rt : __cairn_restore;

    to->handler = (uintptr_t)from->sa_handler;
    to->flags = (unsigned)from->sa_flags | SA_RESTORER;
    to->restorer = (uintptr_t)restorer;
    memcpy(&to->mask, &from->sa_mask, sizeof(to->mask));
}

static void from_kernel(struct sigaction *to,
                        const struct __cairn_sigaction *from)
{
    to->sa_handler = (_sig_func_ptr)from->handler;
    to->sa_flags = (int)(from->flags & ~(unsigned)SA_RESTORER);
    memcpy(&to->sa_mask, &from->mask, sizeof(to->sa_mask));
}

int sigaction(int signo, const struct sigaction *restrict action,
              struct sigaction *restrict old)
{
    struct __cairn_sigaction raw;
    struct __cairn_sigaction raw_old;

    if (action != NULL)
        to_kernel(&raw, action);
    if (RESULT(CALL(rt_sigaction, signo, action != NULL ? &raw : NULL,
                    old != NULL ? &raw_old : NULL, sizeof(raw.mask))) < 0)
        return -1;
    if (old != NULL)
        from_kernel(old, &raw_old);
    return 0;
}
