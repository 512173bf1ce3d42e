/*
 * Sizes that the kernel enforces and the libc publishes.
 */
#ifndef _CAIRN_LIMITS_H
#define _CAIRN_LIMITS_H

#define __CAIRN_PAGE_SIZE   4096
#define __CAIRN_PATH_MAX    4096 /* bytes of a path, its NUL included */
#define __CAIRN_NAME_MAX    255  /* bytes of one name, without a NUL */
#define __CAIRN_SYMLOOP_MAX 40
#define __CAIRN_ARG_MAX     131072 /* at least; bytes of argv and envp */
#define __CAIRN_PIPE_BUF    4096
#define __CAIRN_NGROUPS_MAX 65536
#define __CAIRN_OPEN_MAX    1024 /* default RLIMIT_NOFILE */
#define __CAIRN_LINK_MAX    127
#define __CAIRN_HOST_MAX    64

#endif
