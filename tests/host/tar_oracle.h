/*
 * What must hold of every member that comes out of any archive, however
 * broken: what a caller of kernel/fs/tar.c relies on.
 */
#ifndef TESTS_HOST_TAR_ORACLE_H
#define TESTS_HOST_TAR_ORACLE_H

#include "fs/tar.h"

/* NULL, or what is wrong with a member of an archive of `nbytes` bytes. */
const char *tar_entry_broken(const struct tar_entry *entry, uint64_t nbytes);

#endif
