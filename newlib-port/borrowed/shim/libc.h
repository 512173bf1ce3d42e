/* What borrowed code asks of the process. */
#include <unistd.h>

#define libc (*(struct __borrowed_libc[1]){{issetugid()}})

struct __borrowed_libc {
    int secure;
};
