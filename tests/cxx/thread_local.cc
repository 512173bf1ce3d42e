// thread_local: values, constructors at first use, destructors at the end.
#include <cstdlib>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "tap.hh"

static int made, gone;

struct Counted {
    std::string name = "a name that is too long for the object itself";
    int value = 5;
    Counted() { made++; }
    ~Counted() { gone++; write(1, "destroyed ", 10); }
};

thread_local Counted counted;
thread_local int plain = 7, zero;
static thread_local int from_function = std::atoi("12");

template <class T> struct Holder {
    static thread_local T value;
};
template <class T> thread_local T Holder<T>::value = T(3);

static int next()
{
    thread_local int n = 100;

    return ++n;
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
        std::atexit([] { write(1, "atexit", 6); });
        counted.value = 1;
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
    CHECK(child() == "destroyed atexit");
    CHECK(plain == 7 && zero == 0);
    plain = 8;
    CHECK(plain == 8);
    CHECK(counted.value == 5 && made == 1 && gone == 0);
    CHECK(from_function == 12);
    CHECK(Holder<int>::value == 3 && Holder<double>::value == 3.0);
    CHECK(next() == 101 && next() == 102);
    CHECK(&plain != &zero);
    int bad = tap_done();
    std::fflush(stdout);
    _exit(bad);
}
