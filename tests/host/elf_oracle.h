/*
 * What must hold of every program that kernel/proc/elf.c accepts, however it
 * was made: what a loader relies on when it maps the segments as they are.
 */
#ifndef TESTS_HOST_ELF_ORACLE_H
#define TESTS_HOST_ELF_ORACLE_H

#include "proc/elf.h"

/* NULL, or what is wrong with an image from a file of `file_size` bytes. */
const char *elf_image_broken(const struct elf_image *image, uint64_t file_size);

/*
 * NULL, or what is wrong when a copy of the image is given the place `base`, a
 * multiple of a page.
 */
const char *elf_place_broken(const struct elf_image *image, uint64_t file_size,
                             uint32_t base);

#endif
