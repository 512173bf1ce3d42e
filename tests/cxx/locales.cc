// The locale C and facets of one's own.
#include <cctype>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

#include "tap.hh"

struct Dots : std::numpunct<char> {
    char do_thousands_sep() const override { return '.'; }
    char do_decimal_point() const override { return ','; }
    std::string do_grouping() const override { return "\3"; }
    std::string do_truename() const override { return "ja"; }
};

int main()
{
    std::locale c = std::locale::classic();

    CHECK(c.name() == "C" && std::locale("C") == c && std::locale("POSIX") == c);
    THROWS(std::runtime_error, std::locale("xx_YY.nothing"));
    CHECK(std::isalpha('a', c) && !std::isalpha('1', c) && std::toupper('x', c) == 'X');
    bool same = true;
    auto &facet = std::use_facet<std::ctype<char>>(c);
    for (int i = 0; i < 128; i++) {
        same &= facet.is(std::ctype_base::digit, char(i)) == !!isdigit(i);
        same &= facet.is(std::ctype_base::space, char(i)) == !!isspace(i);
        same &= facet.is(std::ctype_base::upper, char(i)) == !!isupper(i);
        same &= facet.is(std::ctype_base::lower, char(i)) == !!islower(i);
        same &= facet.is(std::ctype_base::punct, char(i)) == !!ispunct(i);
        same &= facet.is(std::ctype_base::xdigit, char(i)) == !!isxdigit(i);
        same &= facet.is(std::ctype_base::alnum, char(i)) == !!isalnum(i);
        same &= facet.is(std::ctype_base::print, char(i)) == !!isprint(i);
        same &= facet.is(std::ctype_base::graph, char(i)) == !!isgraph(i);
        same &= facet.is(std::ctype_base::cntrl, char(i)) == !!iscntrl(i);
        same &= facet.is(std::ctype_base::blank, char(i)) == !!isblank(i);
    }
    CHECK(same);
    std::ostringstream out;
    out.imbue(std::locale(c, new Dots));
    out << 1234567 << ' ' << 1.5 << ' ' << std::boolalpha << true;
    CHECK(out.str() == "1.234.567 1,5 ja");
    std::istringstream in("1.234,5");
    double d = 0;
    in.imbue(std::locale(c, new Dots));
    CHECK(in >> d && d == 1234.5);
    CHECK(std::use_facet<std::collate<char>>(c).compare("a", "a" + 1, "b", "b" + 1) < 0);
    std::tm tm{};
    std::istringstream date("2024-05-06 07:08:09");
    CHECK(date >> std::get_time(&tm, "%Y-%m-%d %H:%M:%S") && tm.tm_mon == 4 &&
          tm.tm_sec == 9);
    std::ostringstream put;
    put << std::put_time(&tm, "%F %T");
    CHECK(put.str() == "2024-05-06 07:08:09");
    CHECK(std::has_facet<std::messages<char>>(c));
    return tap_done();
}
