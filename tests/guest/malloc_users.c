/*
 * What the C library takes from the allocator for itself: each function that
 * allocates inside is made to allocate much, and everything is given back.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <locale.h>
#include <malloc.h>
#include <search.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "malloc_which.h"
#include "tap.h"

/* Bytes in use before a test; all must be back after it. */
static size_t in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static FILE *scratch(void)
{
    char name[] = "/tmp/malloc_users.XXXXXX";
    int fd;

    mkdir("/tmp", 01777);
    fd = mkstemp(name);
    unlink(name);
    return fdopen(fd, "w+");
}

/* ---- stdio ---------------------------------------------------------------*/

static void test_getline(void)
{
    FILE *file = scratch();
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    int lines = 0;

    for (int n = 0; n < 60; n++) {
        for (int i = 0; i < n * n * 20; i++)
            putc('a' + n % 26, file);
        putc('\n', file);
    }
    rewind(file);
    for (ssize_t n; (n = getline(&line, &room, file)) > 0; lines++)
        good &= n == lines * lines * 20 + 1 && (size_t)n < room &&
                malloc_usable_size(line) >= (size_t)n;
    free(line);
    fclose(file);
    CHECK(good && lines == 60 && "getline: lines up to 70 KB");
}

static void test_asprintf(void)
{
    char *text = NULL, *wide = NULL;

    EQUAL(asprintf(&text, "%70000d|%s", 7, "end"), 70004);
    CHECK(strcmp(text + 69999, "7|end") == 0);
    free(text);
    EQUAL(asprintf(&wide, "%.3000Lf", 1.0L / 3), 3002);
    CHECK(strncmp(wide, "0.33333333333333333", 19) == 0);
    free(wide);
    EQUAL(asprintf(&text, "%Lf", 1e4900L), 4908);
    CHECK(text[0] == '1' || text[0] == '9');
    free(text);
}

static void test_many_files(void)
{
    static FILE *files[60];
    bool good = true;

    for (int k = 0; k < 60; k++) {
        files[k] = scratch();
        good &= files[k] != NULL && fprintf(files[k], "file %d", k) > 0;
    }
    for (int k = 0; k < 60; k++) {
        int n = -1;

        rewind(files[k]);
        good &= fscanf(files[k], "file %d", &n) == 1 && n == k;
        fclose(files[k]);
    }
    CHECK(good && "60 streams at once");
}

static void test_streams_of_memory(void)
{
    char *text = NULL, buffer[100];
    size_t nbytes = 0;
    FILE *out = open_memstream(&text, &nbytes);
    bool good = true;

    for (int i = 0; i < 50000; i++)
        fprintf(out, "%06d\n", i);
    fclose(out);
    for (int i = 0; i < 50000; i++)
        good &= atoi(text + 7 * i) == i;
    CHECK(good && nbytes == 350000 && "open_memstream: 350 KB");
    free(text);
    out = fmemopen(buffer, sizeof buffer, "w");
    fprintf(out, "%s", "in memory");
    fclose(out);
    CHECK(strcmp(buffer, "in memory") == 0);
}

static void test_buffers(void)
{
    FILE *file = scratch();
    char *big = malloc(1 << 20);

    setvbuf(file, NULL, _IOFBF, 100000);
    memset(big, 'x', 1 << 20);
    EQUAL(fwrite(big, 1, 1 << 20, file), 1 << 20);
    fseek(file, -1, SEEK_END);
    EQUAL(getc(file), 'x');
    for (int k = 0; k < 3; k++)
        ungetc('a' + k, file);
    EQUAL(getc(file), 'c');
    fclose(file);
    free(big);
}

/* ---- strings and numbers -------------------------------------------------*/

static void test_copies(void)
{
    char *a = strdup("one two"), *b = strndup(a, 3);
    wchar_t *w = wcsdup(L"wide");

    CHECK(strcmp(a, "one two") == 0 && strcmp(b, "one") == 0 &&
          wcscmp(w, L"wide") == 0);
    free(a);
    free(b);
    free(w);
}

/* strtod and printf of doubles use numbers of any length. */
static void test_numbers(void)
{
    static char digits[4000];
    bool good = true;
    char *end;

    memset(digits, '9', sizeof digits - 1);
    digits[1] = '.';
    for (int k = 0; k < 50; k++) {
        double d = strtod(digits, &end);
        long double ld = strtold(digits, &end);

        good &= d == 10.0 && ld == 10.0L && *end == '\0';
    }
    CHECK(good && "strtod of 4,000 digits");
    for (int k = -300; k <= 300; k += 10) {
        char text[400];
        double d = 1.0;

        for (int i = 0; i < abs(k); i++)
            d = k < 0 ? d / 10 : d * 10;
        snprintf(text, sizeof text, "%.17g", d);
        good &= strtod(text, NULL) == d;
    }
    CHECK(good && "doubles to text and back");
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void test_sorting(void)
{
    int *numbers = malloc(200000 * sizeof *numbers);
    bool good = true;
    void *tree = NULL;

    for (int i = 0; i < 200000; i++)
        numbers[i] = (i * 7919) % 200003;
    qsort(numbers, 200000, sizeof *numbers, compare_ints);
    for (int i = 1; i < 200000; i++)
        good &= numbers[i - 1] <= numbers[i];
    CHECK(good && "qsort of 200,000");
    for (int i = 0; i < 2000; i++)
        good &= tsearch(&numbers[i * 100], &tree, compare_ints) != NULL;
    for (int i = 0; i < 2000; i++)
        good &= tdelete(&numbers[i * 100], &tree, compare_ints) != NULL;
    CHECK(good && tree == NULL && "tsearch and tdelete");
    free(numbers);
}

/* ---- names ---------------------------------------------------------------*/

static void test_environment(void)
{
    char name[30], value[30];
    bool good = true;

    for (int k = 0; k < 500; k++) {
        snprintf(name, sizeof name, "VARIABLE_%d", k);
        snprintf(value, sizeof value, "value %d", k * k);
        good &= setenv(name, value, 1) == 0;
    }
    for (int k = 0; k < 500; k++) {
        snprintf(name, sizeof name, "VARIABLE_%d", k);
        snprintf(value, sizeof value, "value %d", k * k);
        good &= strcmp(getenv(name), value) == 0;
        good &= setenv(name, "something that is longer than before", 1) == 0;
        good &= unsetenv(name) == 0 && getenv(name) == NULL;
    }
    CHECK(good && "500 variables set, read, changed and gone");
}

static void test_paths(void)
{
    char *cwd = getcwd(NULL, 0), *path = realpath("/", NULL);
    struct dirent **names = NULL;
    int n = scandir("/", &names, NULL, alphasort);
    glob_t found = {0};

    CHECK(cwd != NULL && cwd[0] == '/');
    CHECK(path != NULL && strcmp(path, "/") == 0);
    CHECK(n > 2);
    while (n > 0)
        free(names[--n]);
    free(names);
    EQUAL(glob("/*", 0, NULL, &found), 0);
    CHECK(found.gl_pathc > 0);
    globfree(&found);
    free(cwd);
    free(path);
}

/* ---- the end -------------------------------------------------------------*/

static int at_end;

static void count_down(void)
{
    at_end--;
    if (at_end == 0)
        (void)!write(1, "all", 3);
}

/* Many functions at exit: the list is allocated. */
static void test_atexit(void)
{
    char text[10] = "";
    int ends[2], status;
    pid_t pid;

    if (pipe(ends) != 0)
        return;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        for (at_end = 0; at_end < 1000; at_end++)
            if (atexit(count_down) != 0)
                _exit(1);
        exit(0);
    }
    close(ends[1]);
    while (read(ends[0], text, sizeof text - 1) > 0)
        continue;
    waitpid(pid, &status, 0);
    CHECK(status == 0 && strcmp(text, "all") == 0 && "1,000 times atexit");
}

/* What a function keeps for good, it has taken after two times. */
static void run(const char *name, void (*test)(void))
{
    size_t before;
    char line[100];

    test();
    test();
    before = in_use();
    test();
    snprintf(line, sizeof line, "%s gives all memory back", name);
    tap_line(in_use() <= before && is_heap_sound(), __FILE__, __LINE__, line);
}

int main(void)
{
    run("getline", test_getline);
    run("asprintf", test_asprintf);
    run("streams", test_many_files);
    run("open_memstream", test_streams_of_memory);
    run("setvbuf", test_buffers);
    run("strdup", test_copies);
    run("strtod", test_numbers);
    run("qsort", test_sorting);
    run("scandir", test_paths);
    test_environment();
    test_atexit();
    CHECK(is_heap_sound());
    return tap_done();
}
