// to_chars and from_chars: integers in each base, doubles there and back.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "tap.hh"

template <class... T> static std::string text(T... args)
{
    char buffer[512];
    auto r = std::to_chars(buffer, buffer + sizeof(buffer), args...);

    return r.ec == std::errc() ? std::string(buffer, r.ptr) : "error";
}

template <class T> static T parse(const std::string &s, T none = -1)
{
    T value = none;
    auto r = std::from_chars(s.data(), s.data() + s.size(), value);

    return r.ec == std::errc() && r.ptr == s.data() + s.size() ? value : none;
}

static bool there_and_back()
{
    std::mt19937_64 random(7);

    for (int i = 0; i < 5000; i++) {
        double d = std::bit_cast<double>(random());

        if (std::isfinite(d) && parse<double>(text(d)) != d)
            return false;
        long long n = (long long)(random());
        for (int base : {2, 7, 10, 16, 36}) {
            long long back = 0;
            std::string s = text(n, base);
            std::from_chars(s.data(), s.data() + s.size(), back, base);
            if (back != n)
                return false;
        }
    }
    return true;
}

int main()
{
    CHECK(text(42) == "42" && text(-42, 16) == "-2a");
    CHECK(text(std::uint64_t(-1)) == "18446744073709551615");
    CHECK(text(0.1) == "0.1" && text(1e23) == "1e+23" && text(5e-324) == "5e-324");
    CHECK(text(1.5f) == "1.5" && text(0.1f) == "0.1");
    CHECK(text(3.14159, std::chars_format::fixed, 2) == "3.14");
    CHECK(text(255.5, std::chars_format::hex) == "1.ffp+7");
    CHECK(text(1.0L / 3, std::chars_format::general, 5) == "0.33333");
    CHECK(parse<int>("123") == 123 && parse<int>("99999999999") == -1);
    CHECK(parse<int>("+1") == -1 && parse<int>("") == -1);
    CHECK(parse<double>("1e308") == 1e308 && parse<double>("1e400") == -1);
    CHECK(parse<double>("2.2250738585072011e-308") == 2.2250738585072011e-308);
    char small[2];
    CHECK(std::to_chars(small, small + 2, 1000).ec == std::errc::value_too_large);
    CHECK(there_and_back());
    return tap_done();
}
