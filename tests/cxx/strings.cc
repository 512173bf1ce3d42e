// std::string and string_view: small and large, searching, numbers, errors.
#include <algorithm>
#include <string>
#include <string_view>

#include "tap.hh"

using namespace std::literals;

int main()
{
    std::string s = "hello", large(1000, 'x');

    CHECK(s + " " + "world" == "hello world"s);
    CHECK(large.size() == 1000 && (large += 'y').back() == 'y');
    CHECK(s.find("ll") == 2 && s.rfind('l') == 3 && s.find('z') == s.npos);
    CHECK(s.find_first_of("xyzo") == 4 && s.find_last_not_of("lo") == 1);
    CHECK(s.substr(1, 3) == "ell" && s.compare("help") < 0);
    CHECK(std::string(s).replace(1, 3, "ipp") == "hippo");
    CHECK(std::string(s).insert(0, 3, '-') == "---hello");
    CHECK(std::string(s).erase(1, 3) == "ho");
    THROWS(std::out_of_range, s.at(5));
    THROWS(std::out_of_range, s.substr(6));
    CHECK(std::to_string(-12) + std::to_string(1.5) == "-121.500000");
    std::size_t used;
    CHECK(std::stoi("42abc", &used) == 42 && used == 2);
    CHECK(std::stol("-ff", nullptr, 16) == -255 && std::stod("1e3") == 1000);
    THROWS(std::invalid_argument, std::stoi("x"));
    THROWS(std::out_of_range, std::stoi("99999999999"));
    std::string_view v = "  trim  "sv;
    v.remove_prefix(2);
    v.remove_suffix(2);
    CHECK(v == "trim" && v.substr(2) == "im");
#if __cplusplus >= 202002L
    CHECK(v.starts_with("tr") && v.ends_with('m'));
#endif
    std::string zero("a\0b", 3);
    CHECK(zero.size() == 3 && zero.c_str()[3] == '\0');
    std::string moved = std::move(large);
    CHECK(moved.size() == 1001 && large.empty());
    std::sort(s.begin(), s.end());
    CHECK(s == "ehllo" && std::hash<std::string>()(s) ==
                              std::hash<std::string_view>()("ehllo"));
    CHECK(L"wide"s.size() == 4 && u"\u20ac"s.size() == 1 && U"x"s == U"x");
    s.reserve(5000);
    s.shrink_to_fit();
    CHECK(s.capacity() < 5000);
    return tap_done();
}
