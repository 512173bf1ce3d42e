/*
 * psiginfo: a signal's name on stderr, after the caller's text.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

void psiginfo(const siginfo_t *info, const char *text)
{
    if (text != NULL && *text != '\0')
        fprintf(stderr, "%s: ", text);
    fprintf(stderr, "%s\n", strsignal(info->si_signo));
}
