// A small harness for tests of C++: each check is a line of TAP.
//
//     CHECK(v.size() == 3);
//     int main() { ...; return tap_done(); }
//
// Lines are written by printf, so that a test of iostreams does not rest on them.
#ifndef TESTS_CXX_TAP_HH
#define TESTS_CXX_TAP_HH

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <sys/utsname.h>

inline int tap_count, tap_bad;

inline void tap_check(bool good, const char *file, int line, const char *text)
{
    std::printf("%s %d - %s\n", good ? "ok" : "not ok", ++tap_count, text);
    if (!good) {
        tap_bad++;
        std::printf("# %s:%d\n", file, line);
    }
}

#define CHECK(...) tap_check(bool(__VA_ARGS__), __FILE__, __LINE__, #__VA_ARGS__)

// Whether the statement throws just this type.
#define THROWS(type, ...)                                         \
    do {                                                          \
        bool tap_thrown_ = false;                                 \
        try {                                                     \
            __VA_ARGS__;                                          \
        } catch (const type &) {                                  \
            tap_thrown_ = true;                                   \
        } catch (...) {                                           \
        }                                                         \
        tap_check(tap_thrown_, __FILE__, __LINE__,                \
                  #__VA_ARGS__ " throws " #type);                 \
    } while (0)

inline int tap_done()
{
    std::printf("1..%d\n", tap_count);
    return tap_bad != 0;
}

inline bool is_cairn()
{
    utsname name;

    return uname(&name) == 0 && std::strcmp(name.sysname, "Cairn") == 0;
}

#endif
