/*
 * Other names for the kernel's string functions, so that a host program can
 * have them beside those of its C library and compare the two.
 */
#ifndef TESTS_HOST_STRING_NAMES_H
#define TESTS_HOST_STRING_NAMES_H

#define memcpy  kernel_memcpy
#define memmove kernel_memmove
#define memset  kernel_memset
#define memcmp  kernel_memcmp
#define memchr  kernel_memchr
#define strlen  kernel_strlen
#define strnlen kernel_strnlen
#define strcmp  kernel_strcmp
#define strncmp kernel_strncmp
#define strchr  kernel_strchr
#define strrchr kernel_strrchr
#define strstr  kernel_strstr
#define strspn  kernel_strspn
#define strcspn kernel_strcspn
#define strlcpy kernel_strlcpy
#define strlcat kernel_strlcat

#endif
