// std::regex: matching, searching, replacing, iterators, errors.
#include <iterator>
#include <regex>
#include <string>

#include "tap.hh"

int main()
{
    std::smatch m;
    std::string s = "key1=value1; key2=22";
    std::regex pair(R"((\w+)=(\w+))");

    CHECK(std::regex_search(s, m, pair) && m[1] == "key1" && m[2] == "value1");
    CHECK(std::distance(std::sregex_iterator(s.begin(), s.end(), pair),
                        std::sregex_iterator()) == 2);
    CHECK(std::regex_replace(s, pair, "$2:$1") == "value1:key1; 22:key2");
    CHECK(std::regex_match("2024-01-02", std::regex(R"(\d{4}-\d\d-\d\d)")));
    CHECK(!std::regex_match("x2024", std::regex(R"(\d+)")));
    CHECK(std::regex_match("HeLLo", std::regex("hello", std::regex::icase)));
    CHECK(std::regex_match("abab", std::regex(R"((ab)\1)")));
    CHECK(std::regex_match("aaa", std::regex("a{2,3}", std::regex::extended)));
    CHECK(std::regex_search("foobar", std::regex("foo(?=bar)")));
    std::regex comma("; *");
    std::sregex_token_iterator at(s.begin(), s.end(), comma, -1), end;
    CHECK(std::distance(at, end) == 2);
    THROWS(std::regex_error, std::regex("(unclosed"));
    THROWS(std::regex_error, std::regex("[z-a]"));
    return tap_done();
}
