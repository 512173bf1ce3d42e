// Wide characters: streams, conversion, ctype.
#include <cwchar>
#include <cwctype>
#include <sstream>
#include <string>

#include "tap.hh"

int main()
{
    std::wostringstream out;
    out << L"n=" << 42 << L' ' << 1.5 << L" \x20ac";
    CHECK(out.str() == L"n=42 1.5 \x20ac");
    std::wistringstream in(L"12 word");
    int n;
    std::wstring word;
    CHECK(in >> n >> word && n == 12 && word == L"word");
    CHECK(std::stoi(L"77") == 77 && std::to_wstring(5) == L"5");
    CHECK(std::wcslen(L"abc") == 3 && std::iswalpha(L'x'));
    CHECK(std::use_facet<std::ctype<wchar_t>>(std::locale()).toupper(L'a') == L'A');
    CHECK(std::use_facet<std::ctype<wchar_t>>(std::locale()).narrow(L'a', '?') == 'a');
    std::u16string u16 = u"\U0001F600";
    std::u32string u32 = U"\U0001F600";
    CHECK(u16.size() == 2 && u32.size() == 1);
    std::wstring big(100000, L'w');
    CHECK(big.find(L'x') == big.npos && big.size() == 100000);
    return tap_done();
}
