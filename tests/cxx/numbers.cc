// complex, valarray, numeric limits, <bit>, special functions.
#include <bit>
#include <cfenv>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <ratio>
#include <valarray>

#include "tap.hh"

int main()
{
    using namespace std::complex_literals;
    std::complex<double> z = 3.0 + 4i;

    CHECK(std::abs(z) == 5 && std::norm(z) == 25 && std::conj(z).imag() == -4);
    CHECK(std::abs(std::exp(1i * std::numbers::pi) + 1.0) < 1e-12);
    CHECK(std::abs(std::sqrt(std::complex<double>(-4)) - 2i) < 1e-12);
    CHECK(std::abs(std::pow(z, 2) - (-7.0 + 24i)) < 1e-9);
    std::valarray<double> v{1, 2, 3, 4};
    CHECK((v * v).sum() == 30 && std::valarray<double>(v[std::slice(0, 2, 2)]).size() == 2);
    CHECK(std::numeric_limits<long double>::digits == 64);
    CHECK(std::numeric_limits<int>::max() == 2147483647 && sizeof(long) == 4);
    CHECK(std::popcount(255u) == 8 && std::countl_zero(1u) == 31);
    CHECK(std::bit_ceil(5u) == 8 && std::rotl(0x80000001u, 1) == 3);
    CHECK(std::endian::native == std::endian::little);
    CHECK(std::abs(std::beta(2., 3.) - 1. / 12) < 1e-12);
    CHECK(std::abs(std::cyl_bessel_j(0, 1.) - 0.7651976865579666) < 1e-12);
    CHECK(std::abs(std::riemann_zeta(2.) - 1.6449340668482264) < 1e-12);
    CHECK(std::hypot(2., 3., 6.) == 7 && std::fma(2., 3., 1.) == 7);
    CHECK(std::isnan(std::nan("")) && std::signbit(-0.0));
    CHECK(std::fesetround(FE_UPWARD) == 0 && std::nearbyint(1.1) == 2);
    std::fesetround(FE_TONEAREST);
    CHECK(std::abs(std::tgamma(0.5) - std::sqrt(std::numbers::pi)) < 1e-12);
    CHECK((std::ratio_add<std::ratio<1, 2>, std::ratio<1, 3>>::num) == 5);
    return tap_done();
}
