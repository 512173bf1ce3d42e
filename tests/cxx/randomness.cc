// Engines have the values that the standard says; distributions; random_device.
#include <map>
#include <random>

#include "tap.hh"

int main()
{
    std::mt19937 a;
    std::mt19937_64 b;
    std::minstd_rand c;
    std::ranlux24 d;

    a.discard(9999), b.discard(9999), c.discard(9999), d.discard(9999);
    CHECK(a() == 4123659995u);
    CHECK(b() == 9981545732273789042ull);
    CHECK(c() == 399268537u);
    CHECK(d() == 9901578u);
    std::mt19937 e(1);
    std::uniform_int_distribution<int> die(1, 6);
    std::map<int, int> count;
    for (int i = 0; i < 6000; i++)
        count[die(e)]++;
    CHECK(count.size() == 6 && count[1] > 800 && count[6] > 800);
    std::normal_distribution<double> normal(10, 2);
    double sum = 0;
    for (int i = 0; i < 4000; i++)
        sum += normal(e);
    CHECK(sum / 4000 > 9.8 && sum / 4000 < 10.2);
    std::discrete_distribution<> pick({0, 1, 0});
    CHECK(pick(e) == 1);
    std::random_device device;
    unsigned first = device(), differ = 0;
    for (int i = 0; i < 10; i++)
        differ += device() != first;
    CHECK(differ >= 9);
    return tap_done();
}
