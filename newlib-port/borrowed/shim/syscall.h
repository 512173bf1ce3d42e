/* Calls that borrowed code makes under private names. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define sys_open(path, flags)  open(path, flags)
#define __fstat(fd, result)    fstat(fd, result)
#define __mmap                 mmap
#define __munmap               munmap
#define __syscall(number, ...) syscall(number, __VA_ARGS__)
