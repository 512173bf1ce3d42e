/*
 * Out of memory: every allocation that a libc function makes fails once. The
 * function then says so with ENOMEM, or does without; it loses no block and
 * does not crash, and works the next time.
 *
 * The program brings its own malloc, which the library uses too: it counts
 * calls and blocks in use, and refuses the one that is asked for.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <argz.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <iconv.h>
#include <libintl.h>
#include <locale.h>
#include <mntent.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <regex.h>
#include <search.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wordexp.h>

#include "scratch.h"
#include "tap.h"

/* ---- the allocator ------------------------------------------------------- */

#define ARENA_BYTES (8u << 20)
#define NCLASSES    24 /* sizes of blocks: powers of two */

/* 32 bytes, so that the data is aligned to 16. */
struct block {
    struct block *next; /* of the free ones of its class */
    size_t size;
    size_t guard;
    int class;
    max_align_t data[];
};

static char arena[ARENA_BYTES] __attribute__((aligned(32)));
static size_t arena_used;
static struct block *idle[NCLASSES];
static long live, calls, refused; /* blocks in use; calls so far; fails at */
static int damaged;

static struct block *new_block(int class)
{
    size_t room = sizeof(struct block) + ((size_t)1 << class);
    struct block *b = (struct block *)(arena + arena_used);

    if (room > ARENA_BYTES - arena_used)
        return NULL;
    arena_used += room;
    return b;
}

static void *take(size_t nbytes)
{
    int class = 5;
    struct block *b = NULL;

    while (class < NCLASSES && (size_t)1 << class < nbytes)
        class ++;
    if (++calls != refused && class < NCLASSES) {
        b = idle[class];
        if (b != NULL)
            idle[class] = b->next;
        else
            b = new_block(class);
    }
    if (b == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    *b = (struct block){.size = nbytes, .guard = ~nbytes, .class = class};
    live++;
    return memset(b->data, 0xa5, nbytes);
}

void *malloc(size_t nbytes)
{
    return take(nbytes);
}

void free(void *p)
{
    struct block *b = (struct block *)p - 1;

    if (p == NULL)
        return;
    if (b->guard != ~b->size) {
        damaged++;
        return;
    }
    b->guard = 0;
    memset(p, 0x5a, b->size);
    b->next = idle[b->class];
    idle[b->class] = b;
    live--;
}

void *calloc(size_t n, size_t size)
{
    void *p = NULL;
    size_t nbytes;

    if (!__builtin_mul_overflow(n, size, &nbytes))
        p = malloc(nbytes);
    return p == NULL ? NULL : memset(p, 0, nbytes);
}

void *realloc(void *old, size_t nbytes)
{
    struct block *b = (struct block *)old - 1;
    void *p = malloc(nbytes);

    if (p == NULL || old == NULL)
        return p;
    damaged += b->guard != ~b->size;
    memcpy(p, old, b->size < nbytes ? b->size : nbytes);
    free(old);
    return p;
}

void *reallocarray(void *p, size_t n, size_t size)
{
    size_t nbytes;

    if (!__builtin_mul_overflow(n, size, &nbytes))
        return realloc(p, nbytes);
    errno = ENOMEM;
    return NULL;
}

void *aligned_alloc(size_t align, size_t nbytes)
{
    return align <= 16 ? take(nbytes) : NULL;
}

void *memalign(size_t align, size_t nbytes)
{
    return aligned_alloc(align, nbytes);
}

int posix_memalign(void **p, size_t align, size_t nbytes)
{
    *p = aligned_alloc(align, nbytes);
    return *p == NULL ? ENOMEM : 0;
}

/* ---- the operations: 0 if they worked, else an error --------------------- */

static int result_of(int good)
{
    return good ? 0 : errno ? errno : -1;
}

static int op_asprintf(void)
{
    char *text;

    if (asprintf(&text, "%d %s", 7, "seven") < 0)
        return errno;
    int good = !strcmp(text, "7 seven");
    free(text);
    return result_of(good);
}

static int op_printf_big(void)
{
    char text[2000];

    return result_of(snprintf(text, sizeof(text), "%.500f %La %ls", 1e300, 0.1L,
                              L"wide") > 800);
}

static int op_getline(void)
{
    FILE *f = fopen("text", "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    if (f == NULL)
        return errno;
    n = getline(&line, &room, f);
    int result = n == 300 ? 0 : result_of(0);
    free(line);
    fclose(f);
    return result;
}

static int op_getdelim(void)
{
    FILE *f = fopen("text", "r");
    char *line = NULL;
    size_t room = 0;

    if (f == NULL)
        return errno;
    int result = result_of(getdelim(&line, &room, 'z', f) > 300);
    free(line);
    fclose(f);
    return result;
}

static int op_fopen(void)
{
    FILE *f = fopen("text", "r");

    if (f == NULL)
        return errno;
    int result = result_of(fgetc(f) == 'x');
    fclose(f);
    return result;
}

static int op_many_files(void)
{
    FILE *f[30];
    int n, result = 0;

    for (n = 0; n < 30; n++) {
        f[n] = fopen("text", "r");
        if (f[n] == NULL) {
            result = errno;
            break;
        }
    }
    while (n > 0)
        fclose(f[--n]);
    return result;
}

static int op_freopen(void)
{
    FILE *f = fopen("text", "r");

    if (f == NULL)
        return errno;
    f = freopen("text", "r", f);
    if (f == NULL)
        return errno;
    int result = result_of(fgetc(f) == 'x');
    fclose(f);
    return result;
}

static int op_fdopen(void)
{
    int fd = open("text", O_RDONLY);
    FILE *f = fdopen(fd, "r");
    int result = errno;

    if (f == NULL) {
        close(fd);
        return result;
    }
    result = result_of(fgetc(f) == 'x');
    fclose(f);
    return result;
}

static int op_write(void)
{
    FILE *f = fopen("out", "w");

    if (f == NULL)
        return errno;
    int good = fprintf(f, "%d\n", 5) == 2 && fwprintf(f, L"") <= 0;
    int result = result_of(good);
    if (fclose(f) != 0 && result == 0)
        result = errno;
    return result;
}

static int op_setvbuf(void)
{
    FILE *f = fopen("out", "w");

    if (f == NULL)
        return errno;
    int result = result_of(setvbuf(f, NULL, _IOFBF, 5000) == 0);
    fputs("text", f);
    fclose(f);
    return result;
}

static int op_wide_stream(void)
{
    FILE *f = fopen("text", "r");
    wchar_t line[400];

    if (f == NULL)
        return errno;
    int result = result_of(fgetws(line, 400, f) != NULL && wcslen(line) == 300);
    fclose(f);
    return result;
}

static int op_ungetc(void)
{
    FILE *f = fopen("text", "r");
    int result = 0;

    if (f == NULL)
        return errno;
    for (int i = 0; i < 20 && result == 0; i++)
        if (ungetc('a' + i, f) == EOF && i == 0)
            result = result_of(0);
    fclose(f);
    return result;
}

static int op_popen(void)
{
    FILE *f = popen("exit 3", "r");

    if (f == NULL)
        return errno;
    while (fgetc(f) != EOF)
        ;
    pclose(f);
    return 0;
}

static int op_tmpfile(void)
{
    FILE *f = tmpfile();

    if (f == NULL)
        return errno;
    fclose(f);
    return 0;
}

static int op_fmemopen(void)
{
    char text[] = "memory";
    FILE *f = fmemopen(text, sizeof(text), "r");
    FILE *own = f == NULL ? NULL : fmemopen(NULL, 100, "w+");
    int result = errno;

    if (own != NULL) {
        fputs("x", own);
        fclose(own);
    }
    if (f == NULL)
        return result;
    if (own != NULL)
        result = result_of(fgetc(f) == 'm');
    fclose(f);
    return result;
}

static int write_memory(FILE *f)
{
    int result = 0;

    for (int i = 0; i < 40 && result == 0; i++)
        if (fprintf(f, "%0100d", i) < 0 || fflush(f) != 0)
            result = result_of(0);
    return result;
}

static int op_memstream(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    if (f == NULL)
        return errno;
    int result = write_memory(f);
    if (fclose(f) != 0 && result == 0)
        result = errno;
    if (result == 0)
        result = result_of(size == 4000 && strlen(text) == 4000);
    free(text);
    return result;
}

static int op_wmemstream(void)
{
    wchar_t *text = NULL;
    size_t size = 0;
    FILE *f = open_wmemstream(&text, &size);
    int result = 0;

    if (f == NULL)
        return errno;
    for (int i = 0; i < 40 && result == 0; i++)
        if (fwprintf(f, L"%0100d", i) < 0 || fflush(f) != 0)
            result = result_of(0);
    if (fclose(f) != 0 && result == 0)
        result = errno;
    free(text);
    return result;
}

static int op_scanf(void)
{
    char *word = NULL;
    wchar_t *wide = NULL;
    int n = sscanf("first second", "%ms %mls", &word, &wide);
    int result = result_of(n == 2);

    if (n >= 1)
        free(word);
    if (n >= 2)
        free(wide);
    return result;
}

static int op_regex(void)
{
    static const char *const patterns[] = {
        "a(b|c)*[[:alpha:]x-z]{2,5}(d|e)?\\1$", "^((a|b)+c{0,3}){1,4}", "[^a]"};
    int result = 0;

    for (size_t i = 0; i < 3 && result == 0; i++) {
        regmatch_t m[4];
        regex_t r;
        int error = regcomp(&r, patterns[i], REG_EXTENDED | REG_ICASE);

        if (error != 0)
            return error == REG_ESPACE ? ENOMEM : -1;
        error = regexec(&r, "abcbcxyzdc", 4, m, 0);
        if (error == REG_ESPACE)
            result = ENOMEM;
        regfree(&r);
    }
    return result;
}

static int op_glob(void)
{
    glob_t g;
    int error = glob("sub/*", GLOB_MARK, NULL, &g);
    int result = error == 0              ? result_of(g.gl_pathc == 3)
                 : error == GLOB_NOSPACE ? ENOMEM
                                         : -1;

    if (error == 0 || error == GLOB_NOSPACE)
        globfree(&g);
    return result;
}

static int op_scandir(void)
{
    struct dirent **list = NULL;
    int n = scandir("sub", &list, NULL, alphasort);
    int result = result_of(n == 5);

    for (int i = 0; i < n; i++)
        free(list[i]);
    if (n >= 0)
        free(list);
    return result;
}

static int op_opendir(void)
{
    DIR *d = opendir("sub");

    if (d == NULL)
        return errno;
    int result = result_of(readdir(d) != NULL);
    closedir(d);
    return result;
}

static int op_strings(void)
{
    char *a = strdup("text");
    char *b = a ? strndup("text", 2) : NULL;
    wchar_t *c = b ? wcsdup(L"text") : NULL;
    int result = result_of(c != NULL);

    free(a);
    free(b);
    free(c);
    return result;
}

static int op_names(void)
{
    char *a = realpath("sub", NULL);
    char *b = a ? getcwd(NULL, 0) : NULL;
    char *c = b ? tempnam(".", "x") : NULL;
    char *d = c ? canonicalize_file_name(".") : NULL;
    int result = result_of(d != NULL);

    free(a);
    free(b);
    free(c);
    free(d);
    return result;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int op_sort(void)
{
    int numbers[1000];
    int good = 1;

    for (int i = 0; i < 1000; i++)
        numbers[i] = i * 7919 % 1000;
    qsort(numbers, 1000, sizeof(int), compare);
    for (int i = 0; i < 1000; i++)
        good &= numbers[i] == i;
    return result_of(good);
}

static int op_hsearch(void)
{
    char keys[60][4];
    int result = 0;

    if (!hcreate(4))
        return errno;
    for (int i = 0; i < 60 && result == 0; i++) {
        snprintf(keys[i], sizeof(keys[i]), "%d", i);
        if (hsearch((ENTRY){.key = keys[i]}, ENTER) == NULL)
            result = errno;
    }
    hdestroy();
    return result;
}

static void keep(void *key)
{
    (void)key;
}

static int op_tsearch(void)
{
    static int numbers[] = {5, 2, 8, 1};
    void *root = NULL;
    int result = 0;

    for (int i = 0; i < 4 && result == 0; i++)
        if (tsearch(&numbers[i], &root, compare) == NULL)
            result = ENOMEM; /* the function sets no errno */
    tdestroy(root, keep);
    return result;
}

static int visit(const char *path, const struct stat *st, int kind,
                 struct FTW *at)
{
    (void)path;
    (void)st;
    (void)kind;
    (void)at;
    return 0;
}

static int op_nftw(void)
{
    return result_of(nftw("sub", visit, 4, FTW_DEPTH) == 0);
}

static int op_iconv(void)
{
    iconv_t cd = iconv_open("UTF-16", "ISO-8859-1");

    if (cd == (iconv_t)-1)
        return errno;
    char text[] = "x", out[16], *in = text, *to = out;
    size_t left = 1, room = sizeof(out);
    int result = result_of(iconv(cd, &in, &left, &to, &room) == 0);
    iconv_close(cd);
    cd = iconv_open("UTF-8", "ISO-2022-JP");
    if (cd == (iconv_t)-1)
        return errno;
    iconv_close(cd);
    return result;
}

static int op_spawn(void)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *argv[] = {(char *)"x", NULL};
    pid_t pid;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, 5, "text", 0, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, 5, 6);
    if (error == 0)
        error = posix_spawn_file_actions_addchdir(&actions, "/");
    if (error == 0)
        error = posix_spawnp(&pid, "/no/such/program", &actions, &attributes,
                             argv, environ) == ENOENT
                    ? 0
                    : -1;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static int op_locale(void)
{
    locale_t l = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);

    if (l == NULL)
        return errno;
    locale_t copy = duplocale(l);
    int result = result_of(copy != NULL);
    if (copy != NULL)
        freelocale(copy);
    freelocale(l);
    return result;
}

static int op_users(void)
{
    struct passwd p, *found;
    struct group g, *group;
    char buffer[1024];
    gid_t groups[8];
    int count = 8;
    int error = getpwnam_r("root", &p, buffer, sizeof(buffer), &found);

    if (error == 0)
        error = getgrnam_r("root", &g, buffer, sizeof(buffer), &group);
    if (error == 0 && getgrouplist("root", 0, groups, &count) < 0)
        error = errno;
    return error;
}

static int op_passwd_file(void)
{
    FILE *f = setmntent("mounts", "r");
    struct mntent *m;

    if (f == NULL)
        return errno;
    errno = 0;
    m = getmntent(f);
    int result = result_of(m != NULL);
    endmntent(f);
    return result;
}

static int op_addresses(void)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_CANONNAME,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = getaddrinfo("127.0.0.1", "80", &hints, &list);

    if (error == EAI_MEMORY)
        return ENOMEM;
    if (error == EAI_SYSTEM)
        return errno;
    if (error == 0)
        freeaddrinfo(list);
    return error;
}

static int op_argz(void)
{
    char *argz = NULL;
    size_t length = 0;
    int error = argz_create_sep("a:b:c", ':', &argz, &length);

    if (error == 0)
        error = argz_add(&argz, &length, "d");
    free(argz);
    return error;
}

static ssize_t take_text(void *cookie, const char *text, size_t nbytes)
{
    (void)cookie;
    (void)text;
    return (ssize_t)nbytes;
}

static int op_cookie(void)
{
    FILE *f =
        fopencookie(NULL, "w", (cookie_io_functions_t){.write = take_text});

    if (f == NULL)
        return errno;
    fclose(f);
    return 0;
}

static int op_words(void)
{
    wordexp_t w;
    int error;

    if (access("/bin/sh", X_OK) < 0)
        return 0; /* it asks the shell */
    error = wordexp("one two '3 4'", &w, WRDE_NOCMD);
    int result = error == WRDE_NOSPACE ? ENOMEM : error != 0 ? -1 : 0;

    if (error == 0 || error == WRDE_NOSPACE)
        wordfree(&w);
    return result;
}

/* These keep what they allocate, for the process's life. */
static int op_setenv(void)
{
    char name[16];
    static int n;

    snprintf(name, sizeof(name), "NAME%d", n++ % 8);
    if (setenv(name, "value", 1) < 0)
        return errno;
    return result_of(!strcmp(getenv(name), "value"));
}

static int op_putenv(void)
{
    static char text[] = "PUT=1";

    unsetenv("PUT");
    return putenv(text) == 0 ? 0 : errno;
}

static int op_zone(void)
{
    time_t t = 0;
    struct tm tm;

    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    if (localtime_r(&t, &tm) == NULL)
        return errno;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

static int op_static_users(void)
{
    errno = 0;
    return getpwnam("root") != NULL && getgrnam("root") != NULL ? 0 : errno;
}

static int op_domain(void)
{
    if (bindtextdomain("domain", "/folder") == NULL)
        return errno;
    return result_of(textdomain("") != NULL);
}

static void nothing(void)
{
}

static int op_atexit(void)
{
    for (int i = 0; i < 40; i++)
        if (atexit(nothing) != 0)
            return ENOMEM; /* sets no errno */
    return 0;
}

/* ---- each allocation refused in turn ------------------------------------- */

struct operation {
    const char *name;
    int (*run)(void);
    int keeps; /* blocks that stay are no leak */
};

#define OP(name)            \
    {                       \
#        name, op_##name, 0 \
    }
#define KEEPS(name)         \
    {                       \
#        name, op_##name, 1 \
    }

static const struct operation operations[] = {
    OP(asprintf),
    OP(printf_big),
    OP(getline),
    OP(getdelim),
    OP(fopen),
    OP(many_files),
    OP(freopen),
    OP(fdopen),
    OP(write),
    OP(setvbuf),
    OP(wide_stream),
    OP(ungetc),
    OP(popen),
    OP(tmpfile),
    OP(fmemopen),
    OP(memstream),
    OP(wmemstream),
    OP(scanf),
    OP(regex),
    OP(glob),
    OP(scandir),
    OP(opendir),
    OP(strings),
    OP(names),
    OP(sort),
    OP(hsearch),
    OP(tsearch),
    OP(nftw),
    OP(iconv),
    OP(spawn),
    OP(locale),
    OP(users),
    OP(passwd_file),
    OP(addresses),
    OP(argz),
    OP(cookie),
    OP(words),
    KEEPS(setenv),
    KEEPS(putenv),
    KEEPS(zone),
    KEEPS(static_users),
    KEEPS(domain),
    KEEPS(atexit),
};

/* Run with the nth allocation refused. Return an error of the test, or NULL. */
static const char *refuse(const struct operation *op, long n, int *result)
{
    long before = live;

    errno = 0;
    calls = 0;
    refused = n;
    *result = op->run();
    refused = 0;
    if (*result != 0 && *result != ENOMEM)
        return "another error than ENOMEM";
    if (!op->keeps && live != before)
        return live > before ? "blocks are lost" : "blocks were freed twice";
    if (damaged != 0)
        return "the heap is damaged";
    return NULL;
}

static void try_all(const struct operation *op)
{
    const char *fault = NULL;
    int result, failed = 0;
    long n, made;

    op->run(); /* what is made once, is made now */
    calls = 0;
    result = op->run();
    made = calls;
    for (n = 1; n <= made && fault == NULL; n++) {
        int error;

        fault = refuse(op, n, &error);
        failed += error != 0;
        if (fault == NULL && op->run() != 0)
            fault = "does not work afterwards";
    }
    printf("# %s: %ld allocations, %d times ENOMEM\n", op->name, made, failed);
    if (fault != NULL)
        printf("# %s, number %ld: %s\n", op->name, n - 1, fault);
    damaged = 0;
    tap_line(result == 0 && fault == NULL, __FILE__, __LINE__, op->name);
}

static void make_files(void)
{
    FILE *f = fopen("text", "w");

    for (int i = 0; i < 299; i++)
        putc('x', f);
    fputs("\nyz", f);
    fclose(f);
    f = fopen("mounts", "w");
    fputs("dev /dir type opts 0 0\n", f);
    fclose(f);
    mkdir("sub", 0755);
    mkdir("sub/a", 0755);
    mkdir("sub/a/b", 0755);
    close(creat("sub/one", 0644));
    close(creat("sub/two", 0644));
}

static void remove_files(void)
{
    unlink("text");
    unlink("out");
    unlink("mounts");
    unlink("sub/one");
    unlink("sub/two");
    rmdir("sub/a/b");
    rmdir("sub/a");
    rmdir("sub");
}

static void make_users(void)
{
    static const char *const files[] = {"/etc/passwd", "/etc/group"};
    static const char *const lines[] = {"root:x:0:0::/:/bin/sh\n",
                                        "root:x:0:root\n"};

    mkdir("/etc", 0755);
    for (int i = 0; i < 2; i++) {
        FILE *f = access(files[i], F_OK) < 0 ? fopen(files[i], "w") : NULL;

        if (f != NULL) {
            fputs(lines[i], f);
            fclose(f);
        }
    }
}

int main(void)
{
    static char out[1024];

    setvbuf(stdout, out, _IOLBF, sizeof(out));
    scratch_enter("libc_nomem");
    make_files();
    if (is_cairn())
        make_users();
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        try_all(&operations[i]);
    remove_files();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
