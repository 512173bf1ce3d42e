/*
 * The few integer types that every room shares.
 *
 * A physical address is 64 bits wide (PAE reaches 2^36 bytes and more than
 * fits a pointer); a virtual address is as wide as a pointer of the machine
 * the code was compiled for, so that pure modules also build on the host.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"

typedef uint64_t paddr_t;
typedef uintptr_t vaddr_t;
typedef __PTRDIFF_TYPE__ ssize_t; /* as the host's C library has it */
typedef int64_t off64_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  (PAGE_SIZE - 1)

#endif
