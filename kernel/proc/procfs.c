/*
 * The tree of /proc.
 *
 * Nothing of it is kept: looking a name up makes an inode and a name that live
 * as long as somebody refers to them. Such an inode knows what it stands for
 * by a key, never by a pointer: the process id with the time the process
 * started at, so that a pid that was given to another process is not taken
 * for it. Each use finds the process again, or says that it is gone: ENOENT
 * for names in its directory, ESRCH for a read.
 *
 *      /proc                      the table `system_entries`, self, and pids
 *      /proc/PID                  the table `procfs_process_entries`, and fd
 *      /proc/PID/fd               one link per descriptor
 *      /proc/PID/task             one directory per thread
 *      /proc/PID/task/TID         the table `procfs_thread_entries`
 *
 * A text is written when its file is read at offset 0 (or first read), and
 * stays as it is for reads behind that: what was taken in one go fits
 * together. Reading at 0 again brings a new one.
 *
 * Numbers of inodes are made from the key, so that a file keeps its number:
 *
 *      bits 0-19     0: not in fd; else the descriptor + 1
 *      bits 20-27    1 + which entry of the table; 0: the directory; for a
 *                    thread's, 128 more
 *      bits 28-      1 + the number of process or thread; 0: /proc itself
 */
#include "proc/procfs.h"

#include <cairn/errno.h>

#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/pid.h"
#include "proc/procfs_private.h"
#include "proc/rights.h"

#define PROC_MAGIC 0x9FA0u

#define INO_ENTRY_SHIFT 20
#define INO_THREAD      128u
#define INO_PID_SHIFT   28

/* Positions of directories: ".", "..", the table, then pids or descriptors. */
#define POS_TABLE  2u
#define POS_NUMBER 256u

#define MAX_DIGITS 10

/* What an inode of /proc stands for. */
struct node {
    int pid;                          /* 0: of no process */
    uint64_t start_ns;                /* when that process started */
    int tid;                          /* of its thread, or 0 */
    int fd;                           /* of a link in fd, else -1 */
    const struct procfs_entry *entry; /* NULL: a directory, self, fd links */
    char *target;                     /* text of a link, else NULL */
    int refusal;                      /* why a link has no text: -errno */
};

static const struct inode_ops process_ops, fd_ops, task_ops, thread_ops;
static const struct file_ops process_files, fd_files, task_files, thread_files;

static struct slab_cache node_cache =
    SLAB_CACHE("procfs_node", sizeof(struct node), 8);

static struct fs procfs;

static const struct procfs_entry system_entries[] = {
    {"clock", S_IFREG | 0444, procfs_show_clock, NULL, false},
    {"commit", S_IFREG | 0444, procfs_show_commit, NULL, false},
    {"cpuinfo", S_IFREG | 0444, procfs_show_cpuinfo, NULL, false},
    {"filesystems", S_IFREG | 0444, procfs_show_filesystems, NULL, false},
    {"frames", S_IFREG | 0444, procfs_show_frames, NULL, false},
#ifdef LATENCY
    {"latency", S_IFREG | 0444, procfs_show_latency, NULL, false},
#endif
    {"loadavg", S_IFREG | 0444, procfs_show_loadavg, NULL, false},
    {"meminfo", S_IFREG | 0444, procfs_show_meminfo, NULL, false},
    {"memmap", S_IFREG | 0444, procfs_show_memmap, NULL, false},
    {"mounts", S_IFREG | 0444, procfs_show_mounts, NULL, false},
    {"self", S_IFLNK | 0777, NULL, NULL, false},
    {"slabs", S_IFREG | 0444, procfs_show_slabs, NULL, false},
    {"stat", S_IFREG | 0444, procfs_show_stat, NULL, false},
    {"uptime", S_IFREG | 0444, procfs_show_uptime, NULL, false},
    {"version", S_IFREG | 0444, procfs_show_version, NULL, false},
    {"vmstat", S_IFREG | 0444, procfs_show_vmstat, NULL, false},
    {NULL, 0, NULL, NULL, false},
};

/* ---- finding the process again ---- */

static struct process *find_process(const struct node *node)
{
    struct process *p = process_find(node->pid);

    return p != NULL && p->start_ns == node->start_ns ? p : NULL;
}

/* A thread of the process, or NULL. */
static struct thread *find_thread(const struct process *p, int tid)
{
    struct thread *t = thread_find(tid);

    return t != NULL && t->process == p ? t : NULL;
}

static struct node *node_of(const struct dentry *dentry)
{
    return dentry->inode->private;
}

static struct process *process_of(const struct dentry *dentry)
{
    return find_process(node_of(dentry));
}

/* ---- inodes ---- */

static void node_release(struct mobject *obj)
{
    struct inode *inode = inode_of(obj);
    struct node *node = inode->private;

    if (node != NULL) {
        kfree(node->target);
        slab_free(&node_cache, node);
    }
    inode_free(inode);
}

static const struct mobject_ops node_mops = {.release = node_release};

/* The number of a file; see above. The root's is one that is nobody else's. */
static uint64_t ino_of(const struct process *p, unsigned entry, int fd)
{
    return ((uint64_t)(p != NULL ? p->pid + 1 : 0) << INO_PID_SHIFT) +
           ((uint64_t)entry << INO_ENTRY_SHIFT) + (uint64_t)(fd + 1);
}

/* That of a thread's directory (entry 0) or of a file there. */
static uint64_t ino_of_thread(int tid, unsigned entry)
{
    return ((uint64_t)(tid + 1) << INO_PID_SHIFT) +
           ((uint64_t)(entry + INO_THREAD) << INO_ENTRY_SHIFT);
}

/*
 * A process's files are its user's, but root's if he may not look into it.
 * The directory itself tells whose the process is.
 */
static void set_owner(struct inode *inode, const struct process *p)
{
    bool own = p->dumpable || p == current_process();

    if (!own && inode->mode != (S_IFDIR | 0555))
        return;
    inode->uid = p->creds.euid;
    inode->gid = p->creds.egid;
}

/* Make an inode of type and permissions `mode` that belongs to `p` or root. */
static int make_inode(struct process *p, uint32_t mode, uint64_t ino,
                      const struct inode_ops *ops, const struct file_ops *files,
                      struct inode **out)
{
    struct node *node = slab_zalloc(&node_cache);
    int error;

    if (node == NULL)
        return -ENOMEM;
    error = inode_create(&procfs, mode, ops, &node_mops, out);
    if (error < 0) {
        slab_free(&node_cache, node);
        return error;
    }
    node->fd = -1;
    if (p != NULL) {
        node->pid = p->pid;
        node->start_ns = p->start_ns;
        set_owner(*out, p);
    }
    if (S_ISDIR(mode))
        (*out)->nlink = 2;
    (*out)->ino = ino;
    (*out)->fops = files;
    (*out)->private = node;
    return 0;
}

/* Give the inode, whose reference passes to the name, a name in `dir`. */
static int name_inode(struct dentry *dir, const struct name *name,
                      struct inode *inode, struct dentry **out)
{
    int error = dentry_create(dir, name, inode, out);

    inode_put(inode);
    if (error == 0)
        (*out)->transient = true;
    return error;
}

/* ---- links ---- */

/*
 * Where a link of /proc/PID or its fd directory leads, counted. -ENOENT,
 * -EACCES.
 */
static int find_target(const struct node *node, struct dentry **out)
{
    struct process *p = find_process(node);
    struct file *file;

    if (p == NULL)
        return -ENOENT;
    if (!may_inspect(p))
        return -EACCES;
    if (node->fd < 0)
        return node->entry->place(p, out);
    file = p->files != NULL ? fdtable_peek(p->files, node->fd) : NULL;
    if (file == NULL)
        return -ENOENT;
    *out = dentry_get(file->dentry);
    return 0;
}

static int link_follow(struct inode *inode, struct dentry **out)
{
    return find_target(inode->private, out);
}

static int link_readlink(struct inode *inode, const char **text)
{
    const struct node *node = inode->private;

    *text = node->target;
    return node->refusal;
}

/* Keep a text as what the link says; it does not change any more. */
static int set_target(struct inode *inode, const char *text)
{
    struct node *node = inode->private;
    size_t size = strlen(text) + 1;

    node->target = kmalloc(size);
    if (node->target == NULL)
        return -ENOMEM;
    memcpy(node->target, text, size);
    inode->size = size - 1;
    return 0;
}

/*
 * Write down where the link leads now, as a path the caller can use. A link
 * that leads nowhere, or that the caller may not read, is there all the same.
 */
static int set_target_place(struct inode *inode)
{
    struct node *node = inode->private;
    struct dentry *place;
    char *buf, *path;
    int error = find_target(node, &place);

    if (error == -ENOENT || error == -EACCES) {
        node->refusal = error;
        return 0;
    }
    if (error < 0)
        return error;
    buf = kmalloc(PATH_MAX);
    if (buf == NULL) {
        dentry_put(place);
        return -ENOMEM;
    }
    path = dentry_path(place, current_process()->fs->root, buf, PATH_MAX);
    error = path != NULL ? set_target(inode, path) : -ENAMETOOLONG;
    kfree(buf);
    dentry_put(place);
    return error;
}

static const struct inode_ops link_ops = {.readlink = link_readlink,
                                          .follow = link_follow};
static const struct inode_ops self_ops = {.readlink = link_readlink};

/* ---- texts ---- */

/* The text of an open file. */
struct reading {
    struct text text;
    bool written; /* the text is there */
};

static struct slab_cache reading_cache =
    SLAB_CACHE("procfs_reading", sizeof(struct reading), sizeof(void *));

/*
 * The process of a file (NULL: of none), which the caller may look into as
 * the file needs it. That is asked for by open and again when the text is
 * written, since the process may have become another user's.
 */
static int find_readable(const struct node *node, struct process **out)
{
    struct process *p = NULL;

    if (node->pid != 0) {
        p = find_process(node);
        if (p == NULL)
            return -ESRCH;
        if (node->entry->secret && !may_inspect(p))
            return -EACCES;
        if (node->tid != 0 && find_thread(p, node->tid) == NULL)
            return -ESRCH;
    }
    *out = p;
    return 0;
}

static int text_open(struct file *file)
{
    struct process *p;
    int error = find_readable(file->inode->private, &p);

    if (error < 0)
        return error;
    file->private = slab_zalloc(&reading_cache);
    return file->private != NULL ? 0 : -ENOMEM;
}

static void text_release(struct file *file)
{
    struct reading *reading = file->private;

    text_free(&reading->text);
    slab_free(&reading_cache, reading);
}

/* Write the text anew; the old one stays on an error. */
static int write_text(const struct node *node, struct reading *reading)
{
    struct process *p;
    struct text fresh;
    int error = find_readable(node, &p);

    if (error < 0)
        return error;
    text_begin(&fresh);
    fresh.tid = node->tid;
    if (p != NULL)
        process_watch(p);
    node->entry->show(&fresh, p);
    if (p != NULL)
        process_unwatch(p);
    if (fresh.failed) {
        text_free(&fresh);
        return -ENOMEM;
    }
    text_free(&reading->text);
    reading->text = fresh;
    reading->written = true;
    return 0;
}

static ssize_t text_file_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct reading *reading = file->private;
    size_t done;
    int error = 0;

    if (*pos == 0 || !reading->written)
        error = write_text(file->inode->private, reading);
    if (error < 0)
        return error;
    done = text_read(&reading->text, *pos, uio);
    *pos += done;
    return uio_result(uio, done, 0);
}

static const struct inode_ops text_ops;
static const struct file_ops text_files = {.open = text_open,
                                           .release = text_release,
                                           .read = text_file_read};

/* ---- looking names up ---- */

/* A name as a number without leading zeros, or -1. */
static int number_of(const struct name *name)
{
    uint32_t number = 0;

    if (name->length == 0 || name->length > MAX_DIGITS - 1 ||
        (name->bytes[0] == '0' && name->length > 1))
        return -1;
    for (uint32_t i = 0; i < name->length; i++) {
        if (name->bytes[i] < '0' || name->bytes[i] > '9')
            return -1;
        number = number * 10 + (uint32_t)(name->bytes[i] - '0');
    }
    return (int)number;
}

static const struct procfs_entry *find_entry(const struct procfs_entry *table,
                                             const struct name *name)
{
    for (; table->name != NULL; table++)
        if (strlen(table->name) == name->length &&
            memcmp(table->name, name->bytes, name->length) == 0)
            return table;
    return NULL;
}

/* The functions of an entry's inode and of its files. */
static void ops_of(const struct procfs_entry *entry,
                   const struct inode_ops **ops, const struct file_ops **files)
{
    *files = NULL;
    if (S_ISDIR(entry->mode)) {
        bool is_fd = entry->name[0] == 'f';

        *ops = is_fd ? &fd_ops : &task_ops;
        *files = is_fd ? &fd_files : &task_files;
    } else if (S_ISLNK(entry->mode)) {
        *ops = entry->place != NULL ? &link_ops : &self_ops;
    } else {
        *ops = &text_ops;
        *files = &text_files;
    }
}

static int set_self(struct inode *inode)
{
    char text[MAX_DIGITS + 1];

    ksnprintf(text, sizeof(text), "%d", current_process()->pid);
    return set_target(inode, text);
}

/* Look up entry number `index` of a table, in the directory of `p`. */
static int lookup_entry(struct dentry *dir, const struct name *name,
                        struct process *p, const struct procfs_entry *entry,
                        unsigned index, struct dentry **out)
{
    const struct inode_ops *ops;
    const struct file_ops *files;
    struct inode *inode;
    int error;

    ops_of(entry, &ops, &files);
    error = make_inode(p, entry->mode, ino_of(p, index + 1, -1), ops, files,
                       &inode);
    if (error < 0)
        return error;
    ((struct node *)inode->private)->entry = entry;
    if (ops == &link_ops) {
        error = set_target_place(inode);
    } else if (ops == &self_ops) {
        error = set_self(inode);
    }
    if (error < 0) {
        inode_put(inode);
        return error;
    }
    return name_inode(dir, name, inode, out);
}

static int root_lookup(struct dentry *dir, const struct name *name,
                       struct dentry **out)
{
    const struct procfs_entry *entry = find_entry(system_entries, name);
    struct process *p;
    struct inode *inode;
    int error, pid;

    if (entry != NULL)
        return lookup_entry(dir, name, NULL, entry,
                            (unsigned)(entry - system_entries), out);
    pid = number_of(name);
    p = pid > 0 ? process_find(pid) : NULL;
    if (p == NULL)
        return -ENOENT;
    error = make_inode(p, S_IFDIR | 0555, ino_of(p, 0, -1), &process_ops,
                       &process_files, &inode);
    return error < 0 ? error : name_inode(dir, name, inode, out);
}

static int process_lookup(struct dentry *dir, const struct name *name,
                          struct dentry **out)
{
    const struct procfs_entry *entry = find_entry(procfs_process_entries, name);
    struct process *p = process_of(dir);

    if (p == NULL || entry == NULL)
        return -ENOENT;
    return lookup_entry(dir, name, p, entry,
                        (unsigned)(entry - procfs_process_entries), out);
}

/* The permissions of a descriptor's link show what it is open for. */
static uint32_t fd_mode(const struct file *file)
{
    uint32_t mode = S_IFLNK | 0100;

    if (file->mode & FILE_READ)
        mode |= 0400;
    if (file->mode & FILE_WRITE)
        mode |= 0200;
    return mode;
}

/* Where the fd directory stands in the table. */
static unsigned fd_index(void)
{
    const struct procfs_entry *entry = procfs_process_entries;

    while (!S_ISDIR(entry->mode))
        entry++;
    return (unsigned)(entry - procfs_process_entries);
}

static int fd_lookup(struct dentry *dir, const struct name *name,
                     struct dentry **out)
{
    struct process *p = process_of(dir);
    struct file *file = NULL;
    struct inode *inode;
    int error, fd = number_of(name);

    if (p != NULL && !may_inspect(p))
        return -EACCES;
    if (p != NULL && p->files != NULL && fd >= 0)
        file = fdtable_peek(p->files, fd);
    if (file == NULL)
        return -ENOENT;
    error = make_inode(p, fd_mode(file), ino_of(p, fd_index() + 1, fd),
                       &link_ops, NULL, &inode);
    if (error < 0)
        return error;
    ((struct node *)inode->private)->fd = fd;
    error = set_target_place(inode);
    if (error < 0) {
        inode_put(inode);
        return error;
    }
    return name_inode(dir, name, inode, out);
}

static int task_lookup(struct dentry *dir, const struct name *name,
                       struct dentry **out)
{
    struct process *p = process_of(dir);
    struct inode *inode;
    int error, tid = number_of(name);

    if (p == NULL || tid <= 0 || find_thread(p, tid) == NULL)
        return -ENOENT;
    error = make_inode(p, S_IFDIR | 0555, ino_of_thread(tid, 0), &thread_ops,
                       &thread_files, &inode);
    if (error < 0)
        return error;
    ((struct node *)inode->private)->tid = tid;
    return name_inode(dir, name, inode, out);
}

static int thread_lookup(struct dentry *dir, const struct name *name,
                         struct dentry **out)
{
    const struct procfs_entry *entry = find_entry(procfs_thread_entries, name);
    struct process *p = process_of(dir);
    int error, tid = node_of(dir)->tid;
    struct inode *inode;
    struct node *node;

    if (p == NULL || entry == NULL || find_thread(p, tid) == NULL)
        return -ENOENT;
    error =
        make_inode(p, entry->mode,
                   ino_of_thread(tid,
                                 (unsigned)(entry - procfs_thread_entries) + 1),
                   &text_ops, &text_files, &inode);
    if (error < 0)
        return error;
    node = inode->private;
    node->entry = entry;
    node->tid = tid;
    return name_inode(dir, name, inode, out);
}

static const struct inode_ops task_ops = {.lookup = task_lookup};
static const struct inode_ops thread_ops = {.lookup = thread_lookup};
static const struct inode_ops root_ops = {.lookup = root_lookup};
static const struct inode_ops process_ops = {.lookup = process_lookup};
static const struct inode_ops fd_ops = {.lookup = fd_lookup};

/* ---- listing directories ---- */

/* The number of the directory above, which ".." shows. */
static uint64_t parent_ino(const struct dentry *dir)
{
    while (dir->parent == NULL && dir->covered != NULL)
        dir = dir->covered;
    return dir->parent != NULL ? dir->parent->inode->ino : dir->inode->ino;
}

/* "." and "..": false if the reader is full. */
static bool list_dots(struct file *file, struct dir_reader *reader)
{
    if (file->pos == 0) {
        if (!dir_reader_add(reader, ".", 1, file->inode->ino, S_IFDIR >> 12, 1))
            return false;
        file->pos = 1;
    }
    if (file->pos == 1) {
        if (!dir_reader_add(reader, "..", 2, parent_ino(file->dentry),
                            S_IFDIR >> 12, POS_TABLE))
            return false;
        file->pos = POS_TABLE;
    }
    return true;
}

/* The entries of a table: false if the reader is full. */
static bool list_table(struct file *file, struct dir_reader *reader,
                       const struct process *p,
                       const struct procfs_entry *table)
{
    unsigned index;

    for (index = 0; table[index].name != NULL; index++) {
        const char *name = table[index].name;

        if (file->pos > POS_TABLE + index)
            continue;
        if (!dir_reader_add(reader, name, (uint32_t)strlen(name),
                            ino_of(p, index + 1, -1), table[index].mode >> 12,
                            POS_TABLE + index + 1))
            return false;
        file->pos = POS_TABLE + index + 1;
    }
    if (file->pos < POS_NUMBER)
        file->pos = POS_NUMBER;
    return true;
}

/* An entry whose name is a number: false if the reader is full. */
static bool list_number(struct file *file, struct dir_reader *reader,
                        unsigned number, uint64_t ino, uint32_t mode)
{
    char name[MAX_DIGITS + 1];
    int length = ksnprintf(name, sizeof(name), "%u", number);

    if (!dir_reader_add(reader, name, (uint32_t)length, ino, mode >> 12,
                        POS_NUMBER + number + 1))
        return false;
    file->pos = POS_NUMBER + number + 1;
    return true;
}

static int root_readdir(struct file *file, struct dir_reader *reader)
{
    const struct process *p;

    if (!list_dots(file, reader) ||
        !list_table(file, reader, NULL, system_entries))
        return 0;
    while (file->pos - POS_NUMBER <= INT32_MAX) {
        p = process_next((int)(file->pos - POS_NUMBER));
        if (p == NULL || !list_number(file, reader, (unsigned)p->pid,
                                      ino_of(p, 0, -1), S_IFDIR))
            break;
    }
    return 0;
}

static int process_readdir(struct file *file, struct dir_reader *reader)
{
    struct process *p = process_of(file->dentry);

    if (p == NULL)
        return -ENOENT;
    if (list_dots(file, reader))
        (void)list_table(file, reader, p, procfs_process_entries);
    return 0;
}

static int fd_readdir(struct file *file, struct dir_reader *reader)
{
    struct process *p = process_of(file->dentry);
    int fd;

    if (p == NULL)
        return -ENOENT;
    if (!may_inspect(p))
        return -EACCES;
    if (!list_dots(file, reader) || p->files == NULL)
        return 0;
    if (file->pos < POS_NUMBER)
        file->pos = POS_NUMBER;
    while (file->pos - POS_NUMBER < FDTABLE_MAX) {
        fd = fdtable_next(p->files, (int)(file->pos - POS_NUMBER));
        if (fd < 0 || !list_number(file, reader, (unsigned)fd,
                                   ino_of(p, fd_index() + 1, fd), S_IFLNK))
            break;
    }
    return 0;
}

/* The lowest number of a thread of `p` from `tid` on, or -1. */
static int next_thread(const struct process *p, int tid)
{
    const struct pid *pid = pid_next(tid);

    while (pid != NULL && (pid->thread == NULL || pid->thread->process != p))
        pid = pid_next(pid->number + 1);
    return pid != NULL ? pid->number : -1;
}

static int task_readdir(struct file *file, struct dir_reader *reader)
{
    const struct process *p = process_of(file->dentry);
    int tid;

    if (p == NULL)
        return -ENOENT;
    if (!list_dots(file, reader))
        return 0;
    if (file->pos < POS_NUMBER)
        file->pos = POS_NUMBER;
    while (file->pos - POS_NUMBER <= INT32_MAX) {
        tid = next_thread(p, (int)(file->pos - POS_NUMBER));
        if (tid < 0 || !list_number(file, reader, (unsigned)tid,
                                    ino_of_thread(tid, 0), S_IFDIR))
            break;
    }
    return 0;
}

static int thread_readdir(struct file *file, struct dir_reader *reader)
{
    struct process *p = process_of(file->dentry);

    if (p == NULL || find_thread(p, node_of(file->dentry)->tid) == NULL)
        return -ENOENT;
    if (list_dots(file, reader))
        (void)list_table(file, reader, p, procfs_thread_entries);
    return 0;
}

static const struct file_ops task_files = {.readdir = task_readdir};
static const struct file_ops thread_files = {.readdir = thread_readdir};
static const struct file_ops root_files = {.readdir = root_readdir};
static const struct file_ops process_files = {.readdir = process_readdir};
static const struct file_ops fd_files = {.readdir = fd_readdir};

/* ---- mounting ---- */

static void procfs_statfs(struct fs *fs, struct fs_statistics *out)
{
    (void)fs;
    *out = (struct fs_statistics){.type = PROC_MAGIC};
}

int procfs_init(void)
{
    struct name empty = name_make("", 0);
    struct inode *root;
    int error;

    procfs.name = "proc";
    procfs.readonly = true;
    procfs.nodev = procfs.nosuid = procfs.noexec = true;
    procfs.statfs = procfs_statfs;
    list_init(&procfs.link);
    mount_number_fs(&procfs);
    error = make_inode(NULL, S_IFDIR | 0555, ino_of(NULL, 0, 0), &root_ops,
                       &root_files, &root);
    if (error < 0)
        return error;
    error = dentry_create(NULL, &empty, root, &procfs.root);
    inode_put(root);
    return error < 0 ? error : mount_at_boot(&procfs, "proc");
}
