// Throwing and catching: by type, by base, rethrown, nested, through destructors.
#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

#include "tap.hh"

static std::string trace;

struct Note {
    char c;
    explicit Note(char name) : c(name) { trace += c; }
    ~Note() { trace += char(c - 'a' + 'A'); }
};

struct Base {
    virtual ~Base() = default;
};
struct Left : virtual Base {
};
struct Right : virtual Base {
};
struct Both : Left, Right {
    int value = 42;
};

static void deep(int n)
{
    Note note(char('a' + n));

    if (n == 3)
        throw std::out_of_range("deep");
    deep(n + 1);
}

static int value_of(int kind)
{
    try {
        switch (kind) {
        case 0: throw 7;
        case 1: throw 2.5;
        case 2: throw "text";
        case 3: throw Both();
        case 4: throw std::string("string");
        default: throw 'c';
        }
    } catch (int i) {
        return i;
    } catch (double d) {
        return int(d * 2);
    } catch (const char *s) {
        return int(std::strlen(s));
    } catch (const Base &b) {
        return dynamic_cast<const Both &>(b).value;
    } catch (const std::string &s) {
        return int(s.size()) + 100;
    } catch (...) {
        return -1;
    }
}

static void outer()
{
    try {
        try {
            throw std::runtime_error("inner");
        } catch (...) {
            std::throw_with_nested(std::logic_error("outer"));
        }
    } catch (const std::exception &e) {
        CHECK(std::string(e.what()) == "outer");
        try {
            std::rethrow_if_nested(e);
            CHECK(false);
        } catch (const std::exception &inner) {
            CHECK(std::string(inner.what()) == "inner");
        }
    }
}

static int rethrown()
{
    try {
        try {
            throw 1;
        } catch (int &n) {
            n++;
            throw;
        }
    } catch (int n) {
        return n;
    }
}

struct Counted {
    static int alive;
    Counted() { alive++; }
    Counted(const Counted &) { alive++; }
    ~Counted() { alive--; }
};
int Counted::alive;

struct Half {
    Counted a, b;
    Half() { throw 1; }
};

static int function_try(int n)
try {
    if (n)
        throw n;
    return 0;
} catch (int caught) {
    return caught * 10;
}

struct Unwinding {
    int *seen;
    ~Unwinding() { *seen = std::uncaught_exceptions(); }
};

int main()
{
    THROWS(std::out_of_range, deep(0));
    CHECK(trace == "abcdDCBA");
    CHECK(value_of(0) == 7);
    CHECK(value_of(1) == 5);
    CHECK(value_of(2) == 4);
    CHECK(value_of(3) == 42);
    CHECK(value_of(4) == 106);
    CHECK(value_of(5) == -1);
    outer();
    CHECK(rethrown() == 2);
    try {
        Half half;
    } catch (int) {
    }
    CHECK(Counted::alive == 0);
    try {
        new Half[3];
    } catch (int) {
    }
    CHECK(Counted::alive == 0);
    CHECK(function_try(0) == 0);
    CHECK(function_try(4) == 40);
    int seen = -1;
    try {
        Unwinding u{&seen};
        throw 1;
    } catch (int) {
    }
    CHECK(seen == 1);
    CHECK(std::uncaught_exceptions() == 0);
    std::exception_ptr p;
    try {
        throw std::domain_error("kept");
    } catch (...) {
        p = std::current_exception();
    }
    THROWS(std::domain_error, std::rethrow_exception(p));
    THROWS(std::length_error, std::vector<int>().reserve(std::size_t(-1) / 4));
    for (int i = 0; i < 20000; i++) {
        try {
            throw i;
        } catch (int n) {
            if (n != i)
                CHECK(false);
        }
    }
    CHECK(true);
    return tap_done();
}
