/*
 * What regular files in memory hold: their pages.
 */
#ifndef FS_RAMDATA_H
#define FS_RAMDATA_H

#include "lib/types.h"
#include "fs/file.h"
#include "fs/inode.h"

/* The functions of open regular files. */
extern const struct file_ops ramdata_file_ops;

/* Operations of the inode and its memory object (inode.h, mm/object.h). */
int ramdata_page(struct mobject *obj, uint64_t index, bool write, paddr_t *pa);
int ramdata_truncate(struct inode *inode, uint64_t size);
int ramdata_allocate(struct inode *inode, uint64_t first, uint64_t npages);
void ramdata_punch(struct inode *inode, uint64_t start, uint64_t end);

/*
 * How many more pages files may have. Not all that could be promised: what is
 * kept lets a program be started that makes room on a full disk.
 */
size_t ramdata_room(void);

/* Give all pages back; the inode goes. */
void ramdata_free(struct inode *inode);

/*
 * Make a frame, which is charged for and of which a reference is handed over,
 * page `index` of a file that has none there: for the initrd. -ENOMEM, and
 * then the reference stays with the caller.
 */
int ramdata_adopt(struct inode *inode, uint64_t index, paddr_t pa) must_check;

/* Walk the pages: NULL, or what is broken. */
const char *ramdata_check(const struct inode *inode);

#endif
