// The C headers as C++ has them: each <cname> alone declares in std, and its
// functions link.
#include <cassert>
#include <cctype>
#include <cerrno>
#include <cfenv>
#include <cfloat>
#include <cinttypes>
#include <climits>
#include <clocale>
#include <cmath>
#include <csetjmp>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>
#include <cwctype>
#include <string>

#include "tap.hh"

static int sum(int n, ...)
{
    std::va_list list;
    int all = 0;

    va_start(list, n);
    while (n-- > 0)
        all += va_arg(list, int);
    va_end(list);
    return all;
}

static int compare(const void *a, const void *b)
{
    return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

int main()
{
    int v[] = {3, 1, 2}, key = 2;
    char text[32];

    std::qsort(v, 3, sizeof(int), compare);
    CHECK(v[0] == 1 && std::bsearch(&key, v, 3, sizeof(int), compare) == &v[1]);
    CHECK(std::snprintf(text, sizeof(text), "%d %s %.1f", 1, "x", 2.5) == 7);
    CHECK(std::strtol("0x10", nullptr, 0) == 16 && std::strtod("1.5", nullptr) == 1.5);
    CHECK(std::strtoll("-9223372036854775808", nullptr, 10) == LLONG_MIN);
    CHECK(std::abs(-3L) == 3 && std::abs(-2.5) == 2.5 && std::div(7, 2).rem == 1);
    CHECK(std::pow(2, 10) == 1024 && std::sqrt(16.0f) == 4 && std::isinf(INFINITY));
    CHECK(std::imaxabs(-5) == 5 && std::isdigit('5') && std::towupper(L'a') == L'A');
    std::tm tm{};
    tm.tm_year = 100, tm.tm_mday = 1;
    CHECK(std::mktime(&tm) != -1 && std::strftime(text, 32, "%Y", &tm) == 4);
    CHECK(std::setlocale(LC_ALL, "C") != nullptr && std::getenv("NO SUCH") == nullptr);
    CHECK(sum(3, 1, 2, 3) == 6);
    std::mbstate_t state{};
    wchar_t w;
    CHECK(std::mbrtowc(&w, "a", 1, &state) == 1 && w == L'a');
    void *p = std::aligned_alloc(64, 128);
    CHECK(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
    std::free(p);
    std::timespec ts;
    CHECK(std::timespec_get(&ts, TIME_UTC) == TIME_UTC);
    CHECK(std::memchr("abc", 'b', 3) != nullptr && std::strstr("abc", "bc") != nullptr);
    return tap_done();
}
