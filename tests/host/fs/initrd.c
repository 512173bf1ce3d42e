/*
 * The root from an archive: aligned and unaligned data, links, missing
 * directories, members that replace others, and archives that are broken at
 * random. Whatever happens, all frames come back.
 */
#include <cairn/errno.h>
#include <stdio.h>

#include "arch/i386/window.h"
#include "fs/mount.h"
#include "fs/ramfs.h"
#include "lib/panic.h"
#include "mm/commit.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "tap.h"
#include "world.h"

#define ARCHIVE_ORDER 6 /* 64 frames: 256 KiB */
#define ARCHIVE_BYTES (PAGE_SIZE << ARCHIVE_ORDER)

static uint8_t archive[ARCHIVE_BYTES];
static size_t length;

static void add_header(const char *name, char type, size_t size, unsigned mode,
                       const char *link)
{
    char *h = (char *)archive + length;
    unsigned sum = 0;

    memset(h, 0, 512);
    snprintf(h, 100, "%s", name);
    snprintf(h + 100, 8, "%07o", mode);
    snprintf(h + 108, 8, "%07o", 7);
    snprintf(h + 116, 8, "%07o", 8);
    snprintf(h + 124, 12, "%011o", (unsigned)size);
    snprintf(h + 136, 12, "%011o", 1234567890u);
    h[156] = type;
    snprintf(h + 157, 100, "%s", link);
    memcpy(h + 257, "ustar\00000", 8);
    memset(h + 148, ' ', 8);
    for (int i = 0; i < 512; i++)
        sum += (uint8_t)h[i];
    snprintf(h + 148, 7, "%06o", sum);
    length += 512;
}

/* A file of `size` bytes: byte i is tag + i / 100. */
static void add_file(const char *name, size_t size, uint8_t tag)
{
    add_header(name, '0', size, 0644, "");
    for (size_t i = 0; i < size; i++)
        archive[length + i] = (uint8_t)(tag + i / 100);
    length += (size + 511) & ~(size_t)511;
}

/* Let the next member's data start on a page; zeros follow it to its end. */
static void align_data(void)
{
    while ((length + 512) % PAGE_SIZE != 0) {
        size_t gap = PAGE_SIZE - (length + 512) % PAGE_SIZE;

        add_header("pad", '0', gap >= 1024 ? gap - 512 : 0, 0600, "");
        length += gap >= 1024 ? gap - 512 : 0;
        if (gap < 512)
            break;
    }
}

static void align_end(void)
{
    length = (length + PAGE_MASK) & ~(size_t)PAGE_MASK;
}

/* Put the archive into frames as a boot loader would. */
static paddr_t load(void)
{
    paddr_t base;

    if (frame_alloc(ARCHIVE_ORDER, FRAME_ANY, FRAME_FILE, &base) != 0)
        panic("no frames for the archive");
    frame_split(base, ARCHIVE_ORDER);
    phys_write(base, archive, ARCHIVE_BYTES);
    for (size_t n = (length + PAGE_MASK) >> PAGE_SHIFT;
         n < ARCHIVE_BYTES / PAGE_SIZE; n++)
        frame_put(base + n * PAGE_SIZE);
    return base;
}

/* What mounting leaves behind must be undone for the next test. */
static void unmount(void)
{
    struct fs *fs = mount_root->inode->fs;

    list_remove(&fs->link);
    dentry_put(mount_root);
    mount_root = NULL;
    ramfs_destroy(fs);
}

/*
 * Mount the archive, call `look` if that worked, unmount. The result of
 * mounting; all memory is back. (The limit of charges grows by the module,
 * whose frames the test took without a charge.)
 */
static int with_archive(void (*look)(void), char *text, size_t size)
{
    struct machine_state before, after;
    paddr_t base;
    int error;

    machine_read(&before);
    base = load();
    text[0] = '\0';
    error = ramfs_mount_initrd(base, length, text, size);
    if (error == 0) {
        const char *bad = ramfs_check(mount_root->inode->fs);

        if (bad != NULL)
            tap_fail(__FILE__, __LINE__, "%s", bad);
        world_caller.fs->root = mount_root;
        world_caller.fs->cwd = mount_root;
        if (look != NULL)
            look();
        unmount();
    } else {
        CHECK(text[0] != '\0');
    }
    machine_read(&after);
    CHECK_EQ(after.free_low + after.free_high,
             before.free_low + before.free_high);
    CHECK_EQ(after.charged, before.charged);
    CHECK_EQ(after.objects, before.objects);
    return error;
}

static struct inode *inode_at(const char *path)
{
    struct dentry *place;
    struct inode *inode;

    if (path_lookup(&world_caller, NULL, path, PATH_NOFOLLOW, &place) != 0) {
        tap_fail(__FILE__, __LINE__, "%s is missing", path);
        return NULL;
    }
    inode = place->inode; /* the tree holds it */
    dentry_put(place);
    return inode;
}

/* The file has this size and content, and zeros to the end of its page. */
static void check_file(const char *path, size_t size, uint8_t tag)
{
    struct inode *inode = inode_at(path);

    if (inode == NULL)
        return;
    CHECK_EQ(inode->size, size);
    for (size_t page = 0; page * PAGE_SIZE < size; page++) {
        uint8_t buf[PAGE_SIZE];
        paddr_t pa;

        CHECK_EQ(inode->mobject.ops->page(&inode->mobject, page, false, &pa),
                 0);
        phys_read(buf, pa, PAGE_SIZE);
        commit_put_file(pa);
        for (size_t i = 0; i < PAGE_SIZE; i++) {
            size_t at = page * PAGE_SIZE + i;

            if (buf[i] != (at < size ? (uint8_t)(tag + at / 100) : 0)) {
                tap_fail(__FILE__, __LINE__, "%s: byte %zu", path, at);
                return;
            }
        }
    }
}

static void begin(void)
{
    memset(archive, 0, sizeof(archive));
    length = 0;
}

static void look_plain(void)
{
    check_file("/plain", 10000, 1);
    check_file("/dir/sub/deep", 3, 2);
    check_file("/hard", 10000, 1);
    CHECK(inode_at("/hard") == inode_at("/plain"));
    CHECK_EQ(inode_at("/plain")->nlink, 2);
    CHECK_EQ(inode_at("/plain")->mode, S_IFREG | 0644);
    CHECK_EQ(inode_at("/plain")->uid, 7);
    CHECK_EQ(inode_at("/plain")->mtime_ns, 1234567890000000000);
    CHECK_EQ(inode_at("/link")->size, 5);
    CHECK_EQ(inode_at("/fifo")->mode, S_IFIFO | 0600);
    CHECK_EQ(inode_at("/dir")->mode, S_IFDIR | 0700);
    CHECK_EQ(inode_at("/dir/sub")->mode, S_IFDIR | 0755);
    check_file("/twice", 20, 9);
}

static void test_plain(void)
{
    char text[160];

    begin();
    add_file("plain", 10000, 1);
    add_file("dir/sub/deep", 3, 2);
    add_header("hard", '1', 0, 0644, "plain");
    add_header("link", '2', 0, 0777, "plain");
    add_header("fifo", '6', 0, 0600, "");
    add_header("dir/", '5', 0, 0700, "");
    add_file("twice", 5000, 8);
    add_file("twice", 20, 9);
    length += 1024;
    CHECK_EQ(with_archive(look_plain, text, sizeof(text)), 0);
}

static size_t frames_used;

static void look_aligned(void)
{
    struct commit_state state;

    check_file("/big", 20000, 3);
    check_file("/exact", 8192, 4);
    check_file("/dirty", 5000, 5);
    commit_read(&state);
    frames_used = mount_root->inode->fs->npages;
}

/* Aligned data stays in place: the file's frame is the module's. */
static void test_aligned(void)
{
    char text[160];

    begin();
    align_data();
    add_file("big", 20000, 3);
    align_end();
    align_data();
    add_file("exact", 8192, 4);
    align_data();
    add_file("dirty", 5000, 5);
    add_header("next", '0', 0, 0644, ""); /* lies in the last page of dirty */
    length += 1024;
    CHECK_EQ(with_archive(look_aligned, text, sizeof(text)), 0);
    CHECK(frames_used >= 5 + 2 + 2);
}

static void test_refused(void)
{
    char text[160];

    begin();
    add_file("f", 10, 1);
    add_file("f/x", 10, 1);
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), -ENOTDIR);
    begin();
    add_header("l", '2', 0, 0777, "/etc");
    add_file("l/x", 10, 1);
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), -ENOTDIR);
    begin();
    add_header("d/", '5', 0, 0755, "");
    add_file("d", 10, 1);
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), -EISDIR);
    begin();
    add_header("h", '1', 0, 0644, "none");
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), -ENOENT);
    begin();
    add_header("d/", '5', 0, 0755, "");
    add_header("h", '1', 0, 0644, "d");
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), -EPERM);
    begin();
    add_file("f", 10, 1);
    archive[0] ^= 1;
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), -EINVAL);
    begin();
    CHECK_EQ(with_archive(NULL, text, sizeof(text)), 0);
}

/* Bytes changed at random: any result, no harm. */
static void test_hostile(void)
{
    uint64_t seed = tap_seed(5);
    unsigned mounted = 0, refused = 0;
    char text[160];

    for (unsigned long i = 0; i < tap_repeats(400) && !tap_failed(); i++) {
        begin();
        add_file("plain", 10000, 1);
        align_data();
        add_file("dir/sub/deep", 9000, 2);
        add_header("hard", '1', 0, 0644, "plain");
        add_header("link", '2', 0, 0777, "plain");
        add_file("dir/other", 600, 4);
        length += 1024;
        for (unsigned n = 0; n < 1 + tap_random(&seed) % 3; n++) {
            size_t at = tap_random(&seed) % length;

            if (tap_random(&seed) % 2) /* aim at a header */
                at = at / 512 * 512 + tap_random(&seed) % 160;
            archive[at] = (uint8_t)tap_random(&seed);
        }
        if (tap_random(&seed) % 4 == 0)
            length = tap_random(&seed) % length;
        if (with_archive(NULL, text, sizeof(text)) == 0)
            mounted++;
        else
            refused++;
    }
    CHECK(mounted > 20 && refused > 20);
}

/* Each allocation fails in turn, until the mount succeeds. */
static void test_each_failure(void)
{
    char text[160];
    uint32_t nth = 1, passed;
    int error = -ENOMEM;

    begin();
    add_file("plain", 10000, 1);
    align_data();
    add_file("dir/a name longer than thirty-two characters", 9000, 2);
    add_header("hard", '1', 0, 0644, "plain");
    add_header("link", '2', 0, 0777, "plain");
    length += 1024;
    do {
        inject_arm(nth, false);
        error = with_archive(NULL, text, sizeof(text));
        passed = inject_disarm();
        if (passed >= nth)
            CHECK_EQ(error, -ENOMEM);
    } while (passed >= nth++ && !tap_failed());
    CHECK_EQ(error, 0);
    CHECK(nth > 15);
}

int main(void)
{
    static struct fs_context context = {.refs = 1};

    world_start();
    fs_context_put(world_caller.fs);
    world_caller.fs = &context;
    unmount();
    tap_run("an archive packed by plain tar", test_plain);
    tap_run("aligned data is used in place", test_aligned);
    tap_run("members that contradict each other", test_refused);
    tap_run("every allocation fails once", test_each_failure);
    tap_run("archives changed at random", test_hostile);
    return tap_done();
}
