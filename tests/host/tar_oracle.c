/* What must hold of every member; see tar_oracle.h. */
#include "tar_oracle.h"

#include <string.h>

static const char *name_broken(const char *name)
{
    size_t length = strnlen(name, TAR_NAME_MAX + 1);

    if (length > TAR_NAME_MAX)
        return "a name has no end";
    if (length == 0)
        return NULL;
    if (name[0] == '/' || name[length - 1] == '/')
        return "a name has a slash at an end";
    for (const char *part = name; part != NULL;) {
        const char *slash = strchr(part, '/');
        size_t n = slash != NULL ? (size_t)(slash - part) : strlen(part);
        if (n == 0)
            return "a name has an empty part";
        if (part[0] == '.' && (n == 1 || (n == 2 && part[1] == '.')))
            return "a name has a part of . or ..";
        part = slash != NULL ? slash + 1 : NULL;
    }
    return NULL;
}

static const char *link_broken(const struct tar_entry *entry)
{
    if (strnlen(entry->link, TAR_NAME_MAX + 1) > TAR_NAME_MAX)
        return "a link has no end";
    if (entry->type == TAR_HARDLINK && name_broken(entry->link) != NULL)
        return name_broken(entry->link);
    if ((entry->type == TAR_HARDLINK || entry->type == TAR_SYMLINK) !=
        (entry->link[0] != '\0'))
        return "a link without a target, or the other way round";
    return NULL;
}

const char *tar_entry_broken(const struct tar_entry *entry, uint64_t nbytes)
{
    if (entry->type > TAR_FIFO)
        return "a type is unknown";
    if (entry->offset > nbytes || entry->size > nbytes - entry->offset)
        return "data lies outside";
    if (entry->header % TAR_BLOCK != 0 || entry->header >= entry->offset)
        return "a header lies wrong";
    if (entry->type != TAR_REGULAR && entry->size != 0)
        return "something but a file has data";
    if (entry->mode > 07777)
        return "a mode has more than permissions";
    if (entry->name[0] == '\0' && entry->type != TAR_DIRECTORY)
        return "a file has no name";
    if (name_broken(entry->name) != NULL)
        return name_broken(entry->name);
    return link_broken(entry);
}
