// Constructors before main in the order of the file, destructors after it in the
// opposite order, among functions of atexit; a local static once, again after a
// constructor that threw; priorities.
#include <cstdlib>
#include <string>

#include <unistd.h>
#include <sys/wait.h>

#include "tap.hh"

static char text[64];
static int length;

static void say(char c)
{
    if (length < 60)
        text[length++] = c;
}

struct Say {
    char c;
    explicit Say(char name) : c(name) { say(c); }
    ~Say() { say(char(c - 'a' + 'A')); }
};

static Say a('a');
static Say b('b');
[[gnu::init_priority(200)]] static Say first('f');
[[gnu::init_priority(300)]] static Say second('s');
[[gnu::constructor(150)]] static void before_all()
{
    say('0');
}
[[gnu::destructor]] static void last()
{
    write(1, text, std::size_t(length));
}

static int attempts;

struct Fussy {
    Fussy()
    {
        if (++attempts < 3)
            throw attempts;
    }
};

static int local()
{
    static Fussy fussy;

    return attempts;
}

static Say &lazy()
{
    static Say say('l');

    return say;
}

static std::string child()
{
    int ends[2];
    char buffer[100];
    std::string all;
    ssize_t n;

    std::fflush(nullptr);
    if (pipe(ends) != 0)
        return "no pipe";
    if (fork() == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        std::atexit([] { say('1'); });
        lazy();
        std::atexit([] { say('2'); });
        std::exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], buffer, sizeof(buffer))) > 0)
        all.append(buffer, std::size_t(n));
    close(ends[0]);
    wait(nullptr);
    return all;
}

int main()
{
    CHECK(std::string(text, std::size_t(length)) == "0fsab");
    CHECK(child() == "0fsabl2L1BASF");
    for (int i = 1; i < 3; i++)
        try {
            local();
            CHECK(false);
        } catch (int n) {
            CHECK(n == i);
        }
    CHECK(local() == 3);
    CHECK(local() == 3);
    length = 0;
    int bad = tap_done();
    std::fflush(stdout);
    length = 0;
    _exit(bad);
}
