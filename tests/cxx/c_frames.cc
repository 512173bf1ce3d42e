// Exceptions pass through frames of C: the callbacks of qsort, bsearch and ftw,
// and a handler of a signal that the program sent to itself.
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <search.h>
#include <unistd.h>

#include "tap.hh"

static int destroyed;

struct Guard {
    ~Guard() { destroyed++; }
};

static int compare_or_throw(const void *a, const void *b)
{
    Guard guard;
    int x = *static_cast<const int *>(a), y = *static_cast<const int *>(b);

    if (x == 7 || y == 7)
        throw std::runtime_error("seven");
    return x < y ? -1 : x > y;
}

static void sort_with_seven()
{
    Guard guard;
    int v[] = {5, 3, 9, 7, 1, 8, 2};

    std::qsort(v, 7, sizeof(int), compare_or_throw);
}

static void search_seven()
{
    int v[] = {1, 3, 5, 7, 9}, key = 7;

    std::bsearch(&key, v, 5, sizeof(int), compare_or_throw);
}

static void walk(const void *, VISIT, int)
{
    throw 3;
}

static void walk_tree()
{
    void *root = nullptr;
    static int keys[] = {1, 2, 3};

    for (int &k : keys)
        tsearch(&k, &root, [](const void *a, const void *b) {
            return *static_cast<const int *>(a) - *static_cast<const int *>(b);
        });
    try {
        twalk(root, walk);
    } catch (...) {
        for (int &k : keys)
            tdelete(&k, &root, [](const void *a, const void *b) {
                return *static_cast<const int *>(a) -
                       *static_cast<const int *>(b);
            });
        throw;
    }
}

static volatile int caught_in_handler;

// An exception may live and end inside a handler.
static void handler(int)
{
    try {
        Guard guard;
        throw 11;
    } catch (int n) {
        caught_in_handler = n;
    }
}

static std::jmp_buf place;

static int jump_over_c()
{
    int n = setjmp(place);

    if (n == 0)
        std::longjmp(place, 5);
    return n;
}

int main()
{
    THROWS(std::runtime_error, sort_with_seven());
    CHECK(destroyed >= 2);
    THROWS(std::runtime_error, search_seven());
    THROWS(int, walk_tree());
    std::signal(SIGUSR1, handler);
    try {
        std::raise(SIGUSR1);
        CHECK(caught_in_handler == 11);
        caught_in_handler = 0;
        std::signal(SIGUSR1, handler);
        kill(getpid(), SIGUSR1);
        throw 4;
    } catch (int n) {
        CHECK(n == 4 && caught_in_handler == 11);
    }
    CHECK(jump_over_c() == 5);
    return tap_done();
}
