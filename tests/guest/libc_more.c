/*
 * Functions of C11, C23, POSIX.1-2024 and GNU that are newer or rarer than
 * those of the other libc tests.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <crypt.h>
#include <dirent.h>
#include <dlfcn.h>
#include <error.h>
#include <fcntl.h>
#include <fmtmsg.h>
#include <grp.h>
#include <iconv.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <mcheck.h>
#include <monetary.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nl_types.h>
#include <obstack.h>
#include <pwd.h>
#include <resolv.h>
#include <shadow.h>
#include <signal.h>
#include <stdbit.h>
#include <stdckdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <uchar.h>
#include <ulimit.h>
#include <unistd.h>
#include <utmpx.h>
#include <wchar.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

#include "scratch.h"
#include "tap.h"

static int same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void test_uchar(void)
{
    const char *text = "\xf0\x9f\x98\x80";
    mbstate_t state = {0}, back = {0};
    char16_t c16;
    char32_t c32;
    char out[MB_LEN_MAX];

    setlocale(LC_ALL, "C.UTF-8");
    EQUAL(mbrtoc16(&c16, text, 4, &state), 4);
    EQUAL(c16, 0xd83d);
    EQUAL(c16rtomb(out, c16, &back), 0);
    EQUAL(mbrtoc16(&c16, text + 4, 0, &state), (size_t)-3);
    EQUAL(c16, 0xde00);
    EQUAL(c16rtomb(out, c16, &back), 4);
    CHECK(memcmp(out, text, 4) == 0);
    EQUAL(mbrtoc32(&c32, text, 4, &state), 4);
    EQUAL(c32, 0x1f600);
    EQUAL(c32rtomb(out, c32, &back), 4);
    FAILS((int)c16rtomb(out, 0xdc00, &(mbstate_t){0}), EILSEQ);
    FAILS((int)c32rtomb(out, 0x110000, &(mbstate_t){0}), EILSEQ);
    setlocale(LC_ALL, "C");
}

/*
 * Known answers, one for each kind of cipher, as OpenSSL and glibc have them.
 */
static void test_crypt(void)
{
    static const struct {
        const char *key, *salt, *result;
    } known[] = {
        {"x", "ab", "abiQ6Ep3EYTHc"},
        {"password", "$1$abcd0123$", "$1$abcd0123$U.n6Jj1fRNp16L12zcPVi."},
        {"Hello world!", "$5$saltstring",
         "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
        {"Hello world!", "$6$saltstring",
         "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJu"
         "esI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
        {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.",
         "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    };
    struct crypt_data data = {0};
    char *result;

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        result = crypt_r(known[i].key, known[i].salt, &data);
        CHECK(same(result, known[i].result));
        CHECK(same(crypt(known[i].key, known[i].result), known[i].result));
    }
    CHECK(!same(crypt("y", "ab"), "abiQ6Ep3EYTHc"));
    result = crypt("x", "$9$what");
    CHECK(result == NULL || *result == '*');
    result = crypt("x", "$y$j9T$aa");
    CHECK(result == NULL || *result == '*');
}

int dlsym_finds_me = 17;

static void test_dlfcn(void)
{
    void *self = dlopen(NULL, RTLD_LAZY);
    Dl_info info;

    CHECK(self != NULL);
    CHECK(dlsym(self, "dlsym_finds_me") == &dlsym_finds_me);
    CHECK(dlsym(RTLD_DEFAULT, "main") != NULL && dlerror() == NULL);
    CHECK(dlsym(self, "no_such_symbol") == NULL);
    CHECK(strstr(dlerror(), "no_such_symbol") != NULL && dlerror() == NULL);
    CHECK(dlopen("/lib/libz.so", RTLD_NOW) == NULL && dlerror() != NULL);
    CHECK(dladdr(&dlsym_finds_me, &info) != 0);
    CHECK(same(info.dli_sname, "dlsym_finds_me"));
    CHECK(dladdr(&self, &info) == 0);
    EQUAL(dlclose(self), 0);
    EQUAL(dlclose(&info), -1);
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    fputs(text, f);
    fclose(f);
}

static void test_getdate(void)
{
    unsetenv("DATEMSK");
    CHECK(getdate("2024-02-29") == NULL && getdate_err == 1);
    setenv("DATEMSK", "/no/such/file", 1);
    CHECK(getdate("2024-02-29") == NULL && getdate_err == 2);
    write_file("mask", "%d.%m.%Y\n%Y-%m-%d\n");
    setenv("DATEMSK", "mask", 1);
    CHECK(getdate("never") == NULL && getdate_err == 7);
    CHECK(getdate("2024-02-29") != NULL && getdate("29.02.2024") != NULL);
    unlink("mask");
}

static void test_strptime(void)
{
    struct tm tm = {0};

    CHECK(*strptime("2024-02-29 23:59:60", "%F %T", &tm) == '\0');
    CHECK(tm.tm_year == 124 && tm.tm_mon == 1 && tm.tm_mday == 29);
    CHECK(tm.tm_yday == 59 && tm.tm_wday == 4 && tm.tm_sec == 60);
    CHECK(strptime("12:30 AM", "%I:%M %p", &tm) && tm.tm_hour == 0);
    CHECK(strptime("PM 1", "%p %I", &tm) && tm.tm_hour == 13);
    CHECK(strptime("366 2024", "%j %Y", &tm) && tm.tm_mon == 11 &&
          tm.tm_mday == 31);
    CHECK(strptime("69", "%y", &tm) && tm.tm_year == 69);
    CHECK(strptime("68", "%y", &tm) && tm.tm_year == 168);
    CHECK(strptime("18 56", "%C %y", &tm) && tm.tm_year == -44);
    CHECK(strptime("-0530", "%z", &tm) && tm.tm_gmtoff == -19800);
    CHECK(strptime("Z", "%z", &tm) && tm.tm_gmtoff == 0);
    CHECK(strptime("wednesday", "%a", &tm) && tm.tm_wday == 3);
    CHECK(strptime("mAy", "%B", &tm) && tm.tm_mon == 4);
    CHECK(strptime("0", "%s", &tm) && tm.tm_year == 70);
    CHECK(strptime("  7", "%e", &tm) && tm.tm_mday == 7);
    CHECK(strptime("12", "%OH", &tm) && strptime("99", "%Ey", &tm));
    CHECK(!strptime("24", "%H", &tm) && !strptime("13", "%I", &tm));
    CHECK(!strptime("32", "%d", &tm) && !strptime("00", "%m", &tm));
    CHECK(!strptime("x", "%Y", &tm) && !strptime("1", "%Q", &tm));
    CHECK(!strptime("+1", "%z", &tm) && !strptime("a", "b", &tm));
    CHECK(!strptime("5", "%", &tm) && !strptime("5", "%E", &tm));
}

static void test_money(void)
{
    char text[32];

    EQUAL(strfmon(text, sizeof(text), "%.2n", 1234.567), 7);
    CHECK(same(text, "1234.57"));
    FAILS(strfmon(text, 4, "%.2n", 1234.567), E2BIG);
    CHECK(strfmon(text, sizeof(text), "%%%.0n|", 2.0) == 3 &&
          same(text, "%2|"));
}

static void test_utmpx(void)
{
    struct utmpx u = {.ut_type = USER_PROCESS, .ut_pid = 5}, *found;

    strcpy(u.ut_line, "tty1");
    strcpy(u.ut_user, "me");
    memcpy(u.ut_id, "t1", 3);
    write_file("utmp", "");
    utmpxname("utmp");
    CHECK(pututxline(&u) != NULL);
    u.ut_pid = 6;
    CHECK(pututxline(&u) != NULL);
    memcpy(u.ut_id, "t2", 3);
    strcpy(u.ut_line, "tty2");
    CHECK(pututxline(&u) != NULL);
    setutxent();
    found = getutxline(&u);
    CHECK(found != NULL && same(found->ut_line, "tty2"));
    CHECK(getutxent() == NULL);
    setutxent();
    memcpy(u.ut_id, "t1", 3);
    found = getutxid(&u);
    CHECK(found != NULL && found->ut_pid == 6);
    endutxent();
    unlink("utmp");
    utmpxname("/no/such/file");
    CHECK(getutxent() == NULL);
}

static void test_messages(void)
{
    CHECK(catopen("no_such_catalogue", 0) == (nl_catd)-1);
    CHECK(same(gettext("word"), "word"));
    CHECK(same(ngettext("one", "many", 2), "many"));
    CHECK(same(dcngettext("d", "one", "many", 1, LC_MESSAGES), "one"));
    CHECK(same(textdomain(NULL), "messages"));
    CHECK(same(textdomain("mine"), "mine") && same(textdomain(""), "messages"));
    CHECK(same(bindtextdomain("mine", "/share"), "/share"));
    CHECK(same(bindtextdomain("mine", NULL), "/share"));
    EQUAL(fmtmsg(MM_NRECOV, "a:b", MM_HALT, "text", "do", "tag"), MM_OK);
}

/* What error() writes goes through a pipe. */
static void test_error(void)
{
    char text[256] = "";
    int pipes[2], saved = dup(2);
    size_t used;

    CHECK(pipe(pipes) == 0);
    dup2(pipes[1], 2);
    program_invocation_name = (char *)"prog";
    error(0, ENOENT, "%s %d", "x", 7);
    error_at_line(0, 0, "file", 3, "bad");
    fflush(stderr);
    dup2(saved, 2);
    close(pipes[1]);
    used = (size_t)read(pipes[0], text, sizeof(text) - 1);
    CHECK(used > 0 && same(text, "prog: x 7: No such file or directory\n"
                                 "prog:file:3: bad\n"));
    EQUAL(error_message_count, 2);
    close(pipes[0]);
    close(saved);
}

static void test_binary(void)
{
    char text[128];
    wchar_t wide[64];
    unsigned x = 0, y = 0;

    CHECK(snprintf(text, sizeof(text), "%b %#b %#B %08b %#llb", 5, 5, 5, 5,
                   1ull << 63) > 0);
    CHECK(!strncmp(text, "101 0b101 0B101 00000101 0b1000", 31));
    EQUAL(strlen(text), 91);
    CHECK(swprintf(wide, 64, L"%#b %.5b", 6, 3) &&
          !wcscmp(wide, L"0b110 00011"));
    EQUAL(sscanf("0b101 11", "%b %b", &x, &y), 2);
    CHECK(x == 5 && y == 3);
    EQUAL(sscanf("2", "%b", &x), 0);
    EQUAL(sscanf("0b2", "%b", &x), 0);
    EQUAL(strtol("0b11", NULL, 2), 0);
}

static void test_numbers(void)
{
    char text[64];
    int point, sign, result;

    CHECK(!ecvt_r(-123.456, 4, &point, &sign, text, sizeof(text)));
    CHECK(same(text, "1235") && point == 3 && sign);
    CHECK(!fcvt_r(0.00123, 5, &point, &sign, text, sizeof(text)));
    CHECK(same(text, "123") && point == -2 && !sign);
    EQUAL(ecvt_r(1.5, 10, &point, &sign, text, 3), -1);
    CHECK(same(ecvt(1.5, 3, &point, &sign), "150") && point == 1);
    CHECK(same(gcvt(0.25, 6, text), "0.25"));
    EQUAL(strfromd(text, sizeof(text), "%.3f", 2.5), 5);
    CHECK(same(text, "2.500"));
    EQUAL(strfromf(text, sizeof(text), "%g", 0.5f), 3);
    EQUAL(strfromd(text, 2, "%.3f", 2.5), 5);
    EQUAL(ckd_add(&result, INT_MAX, 1), 1);
    CHECK(!ckd_mul(&result, 6, 7) && result == 42);
    EQUAL(stdc_leading_zeros((unsigned char)1), 7);
    EQUAL(stdc_bit_ceil(5u), 8);
    EQUAL(stdc_bit_ceil(0x80000001u), 0);
    EQUAL(stdc_bit_floor(0u), 0);
    EQUAL(stdc_first_trailing_one(8ull), 4);
    EQUAL(stdc_count_zeros((unsigned short)0xff), 8);
    EQUAL(stdc_has_single_bit(64u), 1);
    EQUAL(stdc_trailing_ones((unsigned char)0xff), 8);
    EQUAL(stdc_bit_width(0u), 0);
    EQUAL(memalignment((void *)24), 8);
    srand48(0);
    EQUAL(lrand48(), 366850414);
    CHECK(issignaling(__builtin_nansl("")) && !issignaling(1.0L));
}

/* Each line that is not one of a user is left out, and none becomes root. */
static void test_passwd(void)
{
    FILE *f;
    struct passwd *p, out, *found;
    struct group *g;
    char small[8];
    gid_t groups[4];
    int count = 4, lines = 0;

    write_file("pw",
               "root:x:0:0:r:/root:/bin/sh\n"
               "bad1:x::0:::\nbad2:x:4294967296:0:::\nbad3:x:1\n\n:x:1:1:::\n"
               "bad4:x:-1:0:::\nbad5:x:0x0:0:::\n"
               "last:x:7:8:g:/h:/bin/s");
    f = fopen("pw", "r");
    p = fgetpwent(f);
    CHECK(p != NULL && same(p->pw_name, "root") && p->pw_uid == 0);
    p = fgetpwent(f);
    CHECK(p != NULL && same(p->pw_name, "last") && p->pw_uid == 7);
    CHECK(p != NULL && same(p->pw_shell, "/bin/s"));
    CHECK(fgetpwent(f) == NULL);
    fclose(f);
    write_file("gr", "a:x:5:u,v\nbad:x:99999999999:\nb:x:6:\n");
    f = fopen("gr", "r");
    g = fgetgrent(f);
    CHECK(g != NULL && g->gr_gid == 5 && same(g->gr_mem[1], "v"));
    CHECK(g != NULL && g->gr_mem[2] == NULL);
    g = fgetgrent(f);
    CHECK(g != NULL && g->gr_gid == 6 && g->gr_mem[0] == NULL);
    CHECK(fgetgrent(f) == NULL);
    fclose(f);
    unlink("pw");
    unlink("gr");

    if (is_cairn() && access("/etc/passwd", F_OK) < 0) {
        mkdir("/etc", 0755);
        write_file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    }
    p = getpwnam("root");
    CHECK(p != NULL && same(p->pw_name, "root"));
    EQUAL(getpwnam_r("root", &out, small, sizeof(small), &found), ERANGE);
    CHECK(found == NULL && p != NULL && same(p->pw_name, "root"));
    EQUAL(getpwnam_r("no such user", &out, small, sizeof(small), &found), 0);
    CHECK(found == NULL);
    setpwent();
    while (getpwent() != NULL)
        lines++;
    CHECK(lines > 0);
    endpwent();
    CHECK(getgrouplist("root", 0, groups, &count) >= 1 && groups[0] == 0);
    count = 0;
    EQUAL(getgrouplist("root", 0, groups, &count), -1);
    CHECK(count >= 1);
}

static void test_files(void)
{
    DIR *d = opendir(".");
    int fd = fdclosedir(d);
    char buffer[1024];
    struct stat st;

    CHECK(fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode));
    CHECK(posix_getdents(fd, buffer, sizeof(buffer), 0) > 0);
    FAILS(posix_getdents(fd, buffer, sizeof(buffer), 1), EOPNOTSUPP);
    EQUAL(posix_close(fd, 0), 0);
    write_file("one", "1");
    write_file("two", "2");
    FAILS(renameat2(AT_FDCWD, "one", AT_FDCWD, "two", RENAME_NOREPLACE),
          EEXIST);
    EQUAL(renameat2(AT_FDCWD, "one", AT_FDCWD, "three", 0), 0);
    fd = open("two", O_RDWR);
    EQUAL(ftruncate(fd, 1 << 20), 0);
    EQUAL(lseek(fd, 0, SEEK_DATA), 0);
    CHECK(lseek(fd, 0, SEEK_HOLE) > 0);
    FAILS(lseek(fd, 2 << 20, SEEK_DATA), ENXIO);
    close(fd);
    unlink("two");
    unlink("three");
    EQUAL(ulimit(UL_SETFSIZE, 100000L), 100000);
    EQUAL(ulimit(UL_GETFSIZE), 100000);
}

static void test_streams(void)
{
    char *text = NULL;
    wchar_t *wide = NULL;
    size_t size = 99;
    FILE *f = open_memstream(&text, &size);
    int x = 0;

    CHECK(f != NULL && fseek(f, 1, SEEK_CUR) == 0 && putc('q', f) == 'q');
    CHECK(fflush(f) == 0 && size == 2 && !memcmp(text, "\0q", 3));
    FAILS(fseek(f, -3, SEEK_CUR), EINVAL);
    CHECK(fseek(f, 0, SEEK_SET) == 0 && putc('e', f) == 'e' && !fflush(f));
    CHECK(size == 1 && same(text, "eq"));
    CHECK(fclose(f) == 0);
    free(text);
    setlocale(LC_ALL, "C.UTF-8");
    f = open_wmemstream(&wide, &size);
    CHECK(f != NULL && fputwc(0x20ac, f) == 0x20ac && fputws(L"ab", f) >= 0);
    CHECK(fclose(f) == 0 && size == 3 &&
          !wcscmp(wide, L"\x20ac"
                        L"ab"));
    free(wide);
    setlocale(LC_ALL, "C");
    write_file("number", "   42");
    f = fopen("number", "r");
    EQUAL(fscanf(f, "%d", &x), 1);
    CHECK(x == 42 && feof(f) && ftell(f) == 5);
    fclose(f);
    unlink("number");
}

static void convert(const char *to, const char *from, const char *text,
                    size_t length, const char *wanted, size_t wanted_length)
{
    char buffer[64];
    char *in = (char *)text, *out = buffer;
    size_t room = sizeof(buffer);
    iconv_t cd = iconv_open(to, from);

    CHECK(cd != (iconv_t)-1);
    EQUAL(iconv(cd, &in, &length, &out, &room), 0);
    CHECK(sizeof(buffer) - room == wanted_length &&
          !memcmp(buffer, wanted, wanted_length));
    iconv_close(cd);
}

static void test_iconv(void)
{
    convert("UTF-16BE", "UTF-8", "\xf0\x9f\x98\x80", 4, "\xd8\x3d\xde\x00", 4);
    convert("UTF-8", "CP1252", "\x80", 1, "\xe2\x82\xac", 3);
    convert("UTF-8", "SHIFT_JIS", "\x82\xa0", 2, "\xe3\x81\x82", 3);
    convert("UTF-8", "KOI8-R", "\xc1", 1, "\xd0\xb0", 2);
    convert("UCS-4LE", "latin1", "\xe4", 1, "\xe4\0\0\0", 4);
    convert("UTF-8", "EUC-KR", "\xb0\xa1", 2, "\xea\xb0\x80", 3);
}

/* What objects call that were compiled with GNU's own copy of the header. */
static void *chunk_of(void *nchunks, size_t nbytes)
{
    ++*(int *)nchunks;
    return malloc(nbytes);
}

static void free_chunk_of(void *nchunks, void *chunk)
{
    --*(int *)nchunks;
    free(chunk);
}

static void test_obstack_functions(void)
{
    struct obstack h;
    int nchunks = 0;

    CHECK(_obstack_begin_1(&h, 100, 8, chunk_of, free_chunk_of, &nchunks));
    EQUAL(nchunks, 1);
    h.next_free += 3;
    _obstack_newchunk(&h, 1000);
    EQUAL(nchunks, 1); /* the first one held nothing else */
    EQUAL(h.next_free - h.object_base, 3);
    CHECK(h.chunk_limit - h.next_free >= 1000);
    _obstack_free(&h, NULL);
    EQUAL(nchunks, 0);
    CHECK(_obstack_begin(&h, 0, 0, malloc, free));
    CHECK(_obstack_memory_used(&h) == h.chunk_size);
    _obstack_free(&h, NULL);
}

static void test_obstack(void)
{
    struct obstack h;
    char *first, *second, *last = NULL;
    int good = 1;

    CHECK(obstack_init(&h));
    first = obstack_copy0(&h, "first", 5);
    second = obstack_alloc(&h, 100);
    CHECK(same(first, "first") && (uintptr_t)second % 8 == 0);
    for (int i = 0; i < 20000; i++)
        obstack_1grow(&h, 'a' + i % 26);
    EQUAL(obstack_object_size(&h), 20000);
    obstack_1grow(&h, '\0');
    last = obstack_finish(&h);
    for (int i = 0; i < 20000; i++)
        good &= last[i] == 'a' + i % 26;
    CHECK(good && same(first, "first") && last[20000] == '\0');
    CHECK(obstack_memory_used(&h) > 20000);
    obstack_free(&h, second);
    CHECK(obstack_alloc(&h, 10) == second && same(first, "first"));
    EQUAL(obstack_printf(&h, "%d-%s", 12, "x"), 4);
    obstack_ptr_grow(&h, first);
    EQUAL(obstack_object_size(&h), 4 + sizeof(char *));
    CHECK(_obstack_allocated_p(&h, first));
    CHECK(!_obstack_allocated_p(&h, &h));
    obstack_free(&h, NULL);
}

static void test_names(void)
{
    unsigned char packet[] = "\3www\7example\3org";
    char name[64], text[SIG2STR_MAX];
    char secret[8] = "secret";
    int signo = 0;

    EQUAL(dn_expand(packet, packet + sizeof(packet), packet, name, 64), 17);
    CHECK(same(name, "www.example.org"));
    EQUAL(dn_skipname(packet, packet + sizeof(packet)), 17);
    CHECK(sig2str(SIGTERM, text) == 0 && same(text, "TERM"));
    CHECK(str2sig("KILL", &signo) == 0 && signo == SIGKILL);
    EQUAL(sig2str(4711, text), -1);
    CHECK(same(sigabbrev_np(SIGINT), "INT") && sigabbrev_np(0) == NULL);
    CHECK(memset_explicit(secret, 0, sizeof(secret)) == secret);
    CHECK(secret[0] == 0 && secret[5] == 0);
    CHECK(IN6_IS_ADDR_UNSPECIFIED(&in6addr_any));
    CHECK(IN6_IS_ADDR_LOOPBACK(&in6addr_loopback));
    CHECK(getprotobynumber(6) && same(getprotobynumber(6)->p_name, "tcp"));
    CHECK(WEXITSTATUS(0x1200) == 0x12);
    CHECK(timespec_getres(NULL, TIME_UTC) == TIME_UTC);
    EQUAL(mcheck(NULL), 0);
    mcheck_check_all();
}

int main(void)
{
    scratch_enter("libc_more");
    test_uchar();
    test_crypt();
    test_dlfcn();
    test_getdate();
    test_strptime();
    test_money();
    test_utmpx();
    test_messages();
    test_error();
    test_binary();
    test_numbers();
    test_passwd();
    test_files();
    test_streams();
    test_iconv();
    test_obstack();
    test_obstack_functions();
    test_names();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
