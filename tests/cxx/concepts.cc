// The language: concepts, constexpr, fold expressions, <=>, if constexpr,
// structured bindings, literals, inline variables, allocators of one's own.
#include <array>
#include <compare>
#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tap.hh"

template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

template <Number... T> constexpr auto sum(T... values)
{
    return (values + ... + 0);
}

constexpr unsigned long long fib(int n)
{
    unsigned long long a = 0, b = 1;
    while (n-- > 0)
        b += std::exchange(a, b);
    return a;
}

consteval int square(int n)
{
    return n * n;
}

struct Version {
    int major, minor;
    auto operator<=>(const Version &) const = default;
};

constexpr long long operator""_k(unsigned long long n)
{
    return (long long)n * 1000;
}

template <class T> struct Counting {
    using value_type = T;
    static inline int blocks;
    Counting() = default;
    template <class U> Counting(const Counting<U> &) {}
    T *allocate(std::size_t n)
    {
        blocks++;
        return static_cast<T *>(::operator new(n * sizeof(T)));
    }
    void deallocate(T *p, std::size_t) { blocks--, ::operator delete(p); }
    bool operator==(const Counting &) const { return true; }
};

template <class T> static std::string kind(T)
{
    if constexpr (std::is_pointer_v<T>)
        return "pointer";
    else if constexpr (Number<T>)
        return "number";
    else
        return "other";
}

int main()
{
    static_assert(fib(90) == 2880067194370816120ull);
    static_assert(!Number<std::string>);
    CHECK(sum(1, 2.5, 3) == 6.5 && sum() == 0);
    CHECK(square(12) == 144 && 5_k == 5000);
    CHECK(Version{1, 2} < Version{1, 3} && Version{2, 0} > Version{1, 9});
    CHECK((1.0 <=> 2.0) == std::partial_ordering::less);
    CHECK(kind(1) == "number" && kind("x") == "pointer" && kind(std::string()) == "other");
    {
        std::vector<int, Counting<int>> v(100);
        v.resize(1000);
        CHECK(Counting<int>::blocks == 1);
    }
    CHECK(Counting<int>::blocks == 0);
    CHECK(std::source_location::current().line() > 0);
    auto lambda = []<class T>(T a, T b) { return a < b; };
    CHECK(lambda(1, 2) && !lambda(2.5, 1.5));
    struct Empty {};
    struct Member { [[no_unique_address]] Empty e; int n; };
    CHECK(sizeof(Member) == sizeof(int));
    return tap_done();
}
