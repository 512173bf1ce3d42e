/*
 * Reading a directory while it changes. A pass over it ends, tells of each
 * entry that stays exactly once, and of none twice; seekdir goes back to a
 * place. An entry that gets a new name in the same directory stays; so does a
 * name that another file is renamed to.
 *
 * Loops that once did not end come first. Then random changes (create, remove,
 * link, rename within, out of, into and over a name, exchange) between reads of
 * one entry or a few; the model knows for each name whether its entry was there
 * for the whole pass, and how often it was told.
 */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "mm_test.h"
#include "scratch.h"

#include <cairn/syscall.h>

#define NNAMES 24
#define NMARKS 8

#define AT(file) "a/" file

static uint64_t state;

static unsigned dice(unsigned n)
{
    return (unsigned)(tap_random(&state) % n);
}

static bool make(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);

    return fd >= 0 && close(fd) == 0;
}

static void remove_all(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    rmdir(path);
}

/* ---- loops of a reader that changes what it reads ---- */

enum change { RENAME, LINK, CREATE, REPLACE };

static bool change(enum change how, const char *name, int n)
{
    char from[300], to[300];

    snprintf(from, sizeof(from), AT("%s"), name);
    snprintf(to, sizeof(to), AT("%s.%d"), name, n);
    switch (how) {
    case RENAME:
        return rename(from, to) == 0;
    case LINK:
        return link(from, to) == 0;
    case CREATE:
        return make(to);
    default:
        return make(AT("temporary")) && rename(AT("temporary"), from) == 0;
    }
}

/* How many names a pass tells when each of them leads to a change. */
static int count_told(enum change how, int limit)
{
    DIR *dir = opendir("a");
    struct dirent *entry;
    int told = 0;

    if (dir == NULL)
        return -1;
    while (told < limit && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        told++;
        if (!change(how, entry->d_name, told))
            return -1;
        seekdir(dir, telldir(dir)); /* nothing is read ahead */
    }
    closedir(dir);
    return told;
}

static void test_loops(void)
{
    for (enum change how = RENAME; how <= REPLACE; how++) {
        mkdir("a", 0755);
        CHECK(make(AT("x")) && make(AT("y")) && make(AT("z")));
        CHECK_EQ(count_told(how, 100), 3);
        remove_all("a");
    }
    tap_end("a pass ends that renames, links, creates or replaces");
}

/* What is new is told by the next pass, of this reader and of others. */
static void test_rewind(void)
{
    DIR *dir;
    int n = 0;

    mkdir("a", 0755);
    dir = opendir("a");
    while (readdir(dir) != NULL)
        n++;
    CHECK_EQ(n, 2);
    CHECK(make(AT("x")));
    CHECK(readdir(dir) == NULL);
    rewinddir(dir);
    for (n = 0; readdir(dir) != NULL;)
        n++;
    CHECK_EQ(n, 3);
    closedir(dir);
    remove_all("a");
    tap_end("rewinddir sees what is new");
}

/* ---- the model ---- */

struct name {
    bool there;  /* in "a" now */
    bool stayed; /* since the pass began */
    int told;    /* times since then */
};

static struct name names[NNAMES];
static bool outside[NNAMES]; /* the same names in "b" */

/* Places told by d_off, with how often each name had been told before. */
static struct mark {
    int64_t place;
    bool set;
    int told[NNAMES];
} marks[NMARKS];

static int reader;

static const char *path_of(bool in_a, unsigned i)
{
    static char text[4][16];
    static unsigned turn;
    char *out = text[turn++ % 4];

    snprintf(out, 16, "%c/n%u", in_a ? 'a' : 'b', i);
    return out;
}

/* A name is made or goes. */
static void set(bool in_a, unsigned i, bool there)
{
    if (!in_a) {
        outside[i] = there;
        return;
    }
    names[i] = (struct name){.there = there};
    for (struct mark *mark = marks; mark < marks + NMARKS; mark++)
        mark->told[i] = 0;
}

/* The entry "i" is now called "j". */
static void set_renamed(unsigned i, unsigned j)
{
    names[j] = names[i];
    for (struct mark *mark = marks; mark < marks + NMARKS; mark++)
        mark->told[j] = mark->told[i];
    set(true, i, false);
}

static bool is_there(bool in_a, unsigned i)
{
    return in_a ? names[i].there : outside[i];
}

static bool exchange(bool from_a, unsigned i, bool to_a, unsigned j)
{
    return syscall(__NR_renameat2, AT_FDCWD, path_of(from_a, i), AT_FDCWD,
                   path_of(to_a, j), 2) == 0;
}

static bool move(bool from_a, unsigned i, bool to_a, unsigned j)
{
    const char *from = path_of(from_a, i), *to = path_of(to_a, j);
    struct stat a, b;

    if (is_there(to_a, j)) {
        if (stat(from, &a) != 0 || stat(to, &b) != 0)
            return false;
        if (a.st_ino != b.st_ino) /* rename does nothing to links of a file */
            set(from_a, i, false);
    } else if (from_a && to_a) {
        set_renamed(i, j);
    } else {
        set(from_a, i, false);
        set(to_a, j, true);
    }
    return rename(from, to) == 0;
}

/* One random change; false if the kernel did not do it. */
static bool random_change(void)
{
    bool from_a = dice(4) != 0, to_a = dice(4) != 0;
    unsigned i = dice(NNAMES), j = dice(NNAMES);
    const char *from = path_of(from_a, i), *to = path_of(to_a, j);

    if (!is_there(from_a, i)) {
        set(from_a, i, true);
        return make(from);
    }
    if (from_a == to_a && i == j)
        return true;
    switch (dice(5)) {
    case 0:
        set(from_a, i, false);
        return unlink(from) == 0;
    case 1:
        if (is_there(to_a, j))
            return exchange(from_a, i, to_a, j);
        set(to_a, j, true);
        return link(from, to) == 0;
    default:
        return move(from_a, i, to_a, j);
    }
}

static void begin_pass(void)
{
    lseek(reader, 0, SEEK_SET);
    for (unsigned i = 0; i < NNAMES; i++) {
        names[i].stayed = names[i].there;
        names[i].told = 0;
    }
    memset(marks, 0, sizeof(marks));
}

static void set_mark(int64_t place)
{
    struct mark *mark = &marks[dice(NMARKS)];

    mark->place = place;
    mark->set = true;
    for (unsigned i = 0; i < NNAMES; i++)
        mark->told[i] = names[i].told;
}

static bool go_back(void)
{
    const struct mark *mark = &marks[dice(NMARKS)];

    if (!mark->set)
        return true;
    for (unsigned i = 0; i < NNAMES; i++)
        names[i].told = mark->told[i];
    return lseek(reader, mark->place, SEEK_SET) == mark->place;
}

static bool note_entry(const struct dirent *entry)
{
    unsigned i = (unsigned)atoi(entry->d_name + 1);

    if (entry->d_name[0] == '.')
        return true;
    if (entry->d_name[0] != 'n' || i >= NNAMES || !names[i].stayed)
        return tap_fail(__FILE__, __LINE__,
                        "%s has not been there all the time", entry->d_name);
    if (++names[i].told > 1)
        return tap_fail(__FILE__, __LINE__, "%s is told twice", entry->d_name);
    return true;
}

/* Read a few entries: 1 if there were some, 0 at the end, -1 after a fault. */
static int read_some(void)
{
    _Alignas(8) char buffer[sizeof(struct dirent)];
    long n = getdents64(reader, buffer, 24 + dice(72));

    for (long at = 0; at < n;) {
        struct dirent *entry = (struct dirent *)(buffer + at);

        if (!note_entry(entry))
            return -1;
        if (dice(3) == 0)
            set_mark(entry->d_off);
        at += entry->d_reclen;
    }
    return n > 0 ? 1 : CHECK(n == 0) ? 0 : -1;
}

static bool all_were_told(void)
{
    for (unsigned i = 0; i < NNAMES; i++)
        if (names[i].stayed && names[i].told != 1)
            return tap_fail(__FILE__, __LINE__, "n%u stayed, is told %d times",
                            i, names[i].told);
    return true;
}

/* One pass; it has an end, though it goes back a few times. */
static bool pass(void)
{
    unsigned backs = dice(4), steps = 0;
    int got;

    begin_pass();
    got = read_some(); /* it begins when it is first read from */
    while (got == 1) {
        for (unsigned n = dice(4); n > 0; n--)
            if (!random_change())
                return tap_fail(__FILE__, __LINE__, "a change failed: %s",
                                strerror(errno));
        if (backs > 0 && dice(10) == 0) {
            backs--;
            if (!go_back())
                return tap_fail(__FILE__, __LINE__, "lseek failed");
        }
        got = read_some();
        if (++steps > 5 * (NNAMES + 3))
            return tap_fail(__FILE__, __LINE__, "the pass does not end");
    }
    return got == 0 && all_were_told();
}

static void test_model(void)
{
    int passes = getenv("TEST_LONG") != NULL ? 30000 : 3000;
    int i;

    state = tap_seed(17);
    mkdir("a", 0755);
    mkdir("b", 0755);
    reader = open("a", O_RDONLY | O_DIRECTORY);
    for (i = 0; i < passes && pass(); i++)
        ;
    CHECK_EQ(i, passes);
    tap_end("each name that stays is told once, none twice");
    close(reader);
    remove_all("a");
    remove_all("b");
}

int main(void)
{
    scratch_enter("readdir");
    test_loops();
    test_rewind();
    test_model();
    CHECK_EQ(scratch_leave(), 0);
    tap_end("nothing is left");
    return tap_done();
}
