/* What borrowed code asks of the process. */
#include "../../src/start/threads.h"
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define libc __libc

#define __libc_malloc malloc
#define __libc_calloc calloc

#undef PAGE_SIZE
#define PAGE_SIZE 4096

#define _NL_LOCALE_NAME(category) NL_LOCALE_NAME(category)

void __fork_handler(int);
