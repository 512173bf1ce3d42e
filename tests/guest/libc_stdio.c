/*
 * stdio: streams over files, pipes and memory; positions, buffering, pushing
 * back, lines, temporary files, and errors.  What needs a writable file is
 * skipped where there is none.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static void test_memory_streams(void)
{
    char text[32] = "line one\nline two\n";
    char *made = NULL;
    size_t length = 0;
    FILE *f = fmemopen(text, strlen(text), "r");
    char line[32];

    CHECK(f != NULL);
    CHECK(fgets(line, sizeof(line), f) == line);
    CHECK(strcmp(line, "line one\n") == 0);
    EQUAL(ftell(f), 9);
    EQUAL(getc(f), 'l');
    EQUAL(ungetc('L', f), 'L');
    CHECK(fgets(line, 5, f) == line && strcmp(line, "Line") == 0);
    CHECK(fgets(line, sizeof(line), f) == line);
    CHECK(fgets(line, sizeof(line), f) == NULL);
    CHECK(feof(f) && !ferror(f));
    rewind(f);
    CHECK(!feof(f));
    EQUAL(fseek(f, -4, SEEK_END), 0);
    EQUAL(getc(f), 't');
    EQUAL(fclose(f), 0);

    f = open_memstream(&made, &length);
    CHECK(f != NULL);
    fprintf(f, "%s %d", "made of", 2);
    EQUAL(fflush(f), 0);
    EQUAL(length, 9);
    for (int i = 0; i < 10000; i++)
        putc('x', f);
    EQUAL(fclose(f), 0);
    EQUAL(length, 10009);
    CHECK(memcmp(made, "made of 2xxx", 12) == 0 && made[10009] == '\0');
    free(made);
}

static void test_getline(void)
{
    char data[] = "short\n\nlast line has no end";
    FILE *f = fmemopen(data, strlen(data), "r");
    char *line = NULL;
    size_t room = 0;

    EQUAL(getline(&line, &room, f), 6);
    CHECK(strcmp(line, "short\n") == 0 && room > 6);
    EQUAL(getline(&line, &room, f), 1);
    EQUAL(getdelim(&line, &room, 'h', f), 11);
    EQUAL(getline(&line, &room, f), 9);
    CHECK(strcmp(line, "as no end") == 0);
    EQUAL(getline(&line, &room, f), -1);
    CHECK(feof(f));
    FAILS(getline(NULL, &room, f), EINVAL);
    free(line);
    fclose(f);
}

static void test_pipe(void)
{
    char line[32];
    int p[2];
    FILE *in, *out;

    if (pipe(p) < 0) {
        tap_skip("streams over a pipe", "no pipes yet");
        return;
    }
    in = fdopen(p[0], "r");
    out = fdopen(p[1], "w");
    CHECK(in != NULL && out != NULL);
    EQUAL(fileno(out), p[1]);
    EQUAL(setvbuf(out, NULL, _IOLBF, BUFSIZ), 0);
    EQUAL(fputs("whole line\npart", out) >= 0, 1);
    CHECK(fgets(line, sizeof(line), in) && strcmp(line, "whole line\n") == 0);
    FAILS(fseek(in, 0, SEEK_SET), ESPIPE);
    fclose(out);
    CHECK(fgets(line, sizeof(line), in) && strcmp(line, "part") == 0);
    EQUAL(getc(in), EOF);
    fclose(in);
}

static void test_file(void)
{
    char name[] = "/tmp/libc_stdio_XXXXXX";
    int fd = mkstemp(name);
    unsigned char block[10000];
    fpos_t place;
    struct stat st;
    FILE *f;
    int bad = 0;

    if (fd < 0) {
        tap_skip("streams over a file", "nothing can be written yet");
        return;
    }
    f = fdopen(fd, "w+");
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (unsigned char)(i * 31 >> 3);
    EQUAL(fwrite(block, 1, sizeof(block), f), sizeof(block));
    EQUAL(ftello(f), 10000);
    EQUAL(fseeko(f, 5000, SEEK_SET), 0);
    EQUAL(getc(f), block[5000]);
    EQUAL(fgetpos(f, &place), 0);
    EQUAL(fseek(f, 0, SEEK_CUR), 0);
    EQUAL(putc('!', f), '!');
    EQUAL(fsetpos(f, &place), 0);
    EQUAL(getc(f), '!');
    rewind(f);
    for (size_t i = 0; i < sizeof(block); i++)
        bad += getc(f) != (i == 5001 ? '!' : block[i]);
    EQUAL(bad, 0);
    EQUAL(getc(f), EOF);
    /* Beyond 4 GiB: offsets have 64 bits. */
    EQUAL(fseeko(f, 5000000000LL, SEEK_SET), 0);
    EQUAL(ftello(f), 5000000000LL);
    FAILS(ftell(f), EOVERFLOW);
    EQUAL(fclose(f), 0);
    EQUAL(stat(name, &st), 0);
    EQUAL(st.st_size, 10000);

    f = fopen(name, "a+");
    fputs("tail", f);
    fflush(f);
    fseek(f, -4, SEEK_END);
    CHECK(fread(block, 1, 4, f) == 4 && memcmp(block, "tail", 4) == 0);
    f = freopen(name, "r", f);
    CHECK(f != NULL);
    EQUAL(putc('x', f), EOF);
    CHECK(ferror(f));
    clearerr(f);
    CHECK(!ferror(f));
    fclose(f);
    CHECK(fopen(name, "wx") == NULL && errno == EEXIST);
    CHECK(fopen(name, "q") == NULL && errno == EINVAL);
    EQUAL(remove(name), 0);
    CHECK(fopen(name, "r") == NULL && errno == ENOENT);

    f = tmpfile();
    CHECK(f != NULL);
    fputs("gone", f);
    fclose(f);
}

int main(void)
{
    test_memory_streams();
    test_getline();
    test_pipe();
    test_file();
    return tap_done();
}
