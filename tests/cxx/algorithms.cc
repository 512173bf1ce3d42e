// Algorithms, with ranges and views, and what <numeric> has.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <ranges>
#include <string>
#include <vector>

#include "tap.hh"

int main()
{
    std::vector<int> v(1000);
    std::iota(v.begin(), v.end(), 0);
    std::shuffle(v.begin(), v.end(), std::mt19937(5));
    auto copy = v;
    std::sort(v.begin(), v.end());
    CHECK(std::is_sorted(v.begin(), v.end()) && v[999] == 999);
    std::nth_element(copy.begin(), copy.begin() + 500, copy.end());
    CHECK(copy[500] == 500);
    std::partial_sort(copy.begin(), copy.begin() + 3, copy.end());
    CHECK(copy[2] == 2);
    CHECK(std::binary_search(v.begin(), v.end(), 77));
    CHECK(std::accumulate(v.begin(), v.end(), 0L) == 499500);
    CHECK(std::inner_product(v.begin(), v.begin() + 4, v.begin(), 0) == 14);
    std::stable_sort(v.begin(), v.end(), [](int a, int b) {
        return a % 10 < b % 10;
    });
    CHECK(v[0] == 0 && v[99] == 990 && v[100] == 1);
    auto [low, high] = std::minmax_element(v.begin(), v.end());
    CHECK(*low == 0 && *high == 999);
    std::string s = "abcd";
    int n = 0;
    do
        n++;
    while (std::next_permutation(s.begin(), s.end()));
    CHECK(n == 24 && s == "abcd");
    std::rotate(s.begin(), s.begin() + 1, s.end());
    CHECK(s == "bcda");
    std::vector<int> h{3, 1, 4, 1, 5, 9};
    std::make_heap(h.begin(), h.end());
    std::sort_heap(h.begin(), h.end());
    CHECK(h == std::vector({1, 1, 3, 4, 5, 9}));
    h.erase(std::unique(h.begin(), h.end()), h.end());
    CHECK(h.size() == 5);
    std::vector<int> out;
    std::set_difference(h.begin(), h.end(), v.begin(), v.begin() + 1,
                        std::back_inserter(out));
    CHECK(out.size() == 5);
    CHECK(std::gcd(84, 36) == 12 && std::lcm(4, 6) == 12);
    CHECK(std::clamp(15, 0, 10) == 10);
    std::partial_sum(h.begin(), h.end(), h.begin());
    CHECK(h.back() == 22);
    auto even = std::views::iota(1, 20) |
                std::views::filter([](int i) { return i % 2 == 0; }) |
                std::views::transform([](int i) { return i * i; }) |
                std::views::take(3);
    int sum = 0;
    for (int i : even)
        sum += i;
    CHECK(sum == 4 + 16 + 36);
    std::ranges::sort(v, std::greater());
    CHECK(v.front() == 999 && std::ranges::find(v, 5) != v.end());
    CHECK(std::midpoint(1, 4) == 2 && std::abs(std::lerp(0., 10., .25) - 2.5) < 1e-9);
    return tap_done();
}
