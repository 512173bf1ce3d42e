// Formatting, parsing, states, manipulators, stream buffers of one's own.
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <streambuf>
#include <string>

#include "tap.hh"

template <class... T> static std::string text(const T &...values)
{
    std::ostringstream out;

    (out << ... << values);
    return out.str();
}

struct Upper : std::streambuf {
    std::string all;
    int overflow(int c) override
    {
        if (c != EOF)
            all += char(std::toupper(c));
        return c;
    }
};

struct Point {
    int x, y;
};

static std::ostream &operator<<(std::ostream &out, const Point &p)
{
    return out << '(' << p.x << ',' << p.y << ')';
}

static std::istream &operator>>(std::istream &in, Point &p)
{
    char a, b, c;

    if (in >> a >> p.x >> b >> p.y >> c && !(a == '(' && b == ',' && c == ')'))
        in.setstate(std::ios::failbit);
    return in;
}

int main()
{
    CHECK(text(1, ' ', -2L, ' ', 3.5, " x ", true) == "1 -2 3.5 x 1");
    CHECK(text(std::hex, std::showbase, 255, ' ', std::oct, 8) == "0xff 010");
    CHECK(text(std::setw(6), std::setfill('*'), 42) == "****42");
    CHECK(text(std::left, std::setw(4), 7, '|') == "7   |");
    CHECK(text(std::fixed, std::setprecision(2), 3.14159) == "3.14");
    CHECK(text(std::scientific, std::setprecision(3), 12345.0) == "1.234e+04" ||
          text(std::scientific, std::setprecision(3), 12345.0) == "1.235e+04");
    CHECK(text(std::boolalpha, true, false) == "truefalse");
    CHECK(text(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(text(18446744073709551615ull) == "18446744073709551615");
    CHECK(text(1.0L / 3).substr(0, 8) == "0.333333");
    CHECK(text(std::showpos, 5) == "+5" && text(1e300 * 10) == "1e+301");
    CHECK(text(Point{1, 2}) == "(1,2)");
    std::istringstream in("12 0x1f 3.25 word (4,5) (6;7)");
    int n, h;
    double d;
    std::string word;
    Point p{}, q{};
    CHECK(in >> n >> std::hex >> h >> std::dec >> d >> word >> p);
    CHECK(n == 12 && h == 31 && d == 3.25 && word == "word" && p.y == 5);
    CHECK(!(in >> q) && in.fail() && !in.eof());
    std::istringstream big("99999999999 7");
    CHECK(!(big >> n) && n == std::numeric_limits<int>::max());
    big.clear();
    CHECK(big >> n && n == 7);
    std::istringstream lines("a\nb b\n\nlast");
    std::string line, all;
    while (std::getline(lines, line))
        all += line + "|";
    CHECK(all == "a|b b||last|" && lines.eof());
    std::istringstream quoted("\"a \\\"b\" c");
    CHECK(quoted >> std::quoted(word) && word == "a \"b");
    std::stringstream both;
    both << "abc";
    both.seekp(1);
    both << 'X';
    CHECK(both.str() == "aXc" && both.tellp() == 2);
    std::istringstream bad("x");
    bad.exceptions(std::ios::failbit);
    THROWS(std::ios::failure, bad >> n);
    Upper upper;
    std::ostream shout(&upper);
    shout << "abc " << 1 << std::flush;
    CHECK(upper.all == "ABC 1");
    std::streambuf *before = std::cout.rdbuf(&upper);
    std::cout << "to the other";
    std::cout.rdbuf(before);
    CHECK(upper.all == "ABC 1TO THE OTHER");
    std::fflush(stdout);
    std::cout << "ok " << ++tap_count << " - cout and printf" << std::endl;
    std::printf("ok %d - keep their order\n", ++tap_count);
    std::cout << "ok " << ++tap_count << " - without a flush\n";
    std::cerr << "# standard error" << std::endl;
    return tap_done();
}
