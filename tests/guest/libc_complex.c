/*
 * Complex functions that are called as functions: parts by pointer, and those
 * whose work is done by them.
 *
 * test: linux
 */
#include <complex.h>
#include <math.h>

#include "tap.h"

static double (*volatile real_part)(double complex) = creal;
static double (*volatile imaginary_part)(double complex) = cimag;
static float (*volatile real_part_f)(float complex) = crealf;
static float (*volatile imaginary_part_f)(float complex) = cimagf;
static long double (*volatile real_part_l)(long double complex) = creall;
static long double (*volatile imaginary_part_l)(long double complex) = cimagl;
static double complex (*volatile conjugate)(double complex) = conj;

static int is_near(double complex a, double complex b)
{
    return cabs(a - b) < 1e-12;
}

int main(void)
{
    volatile double complex z = 3 + 4 * I, turn = I * 3.14159265358979323846;

    CHECK(real_part(z) == 3 && imaginary_part(z) == 4);
    CHECK(real_part_f(z) == 3 && imaginary_part_f(z) == 4);
    CHECK(real_part_l(z) == 3 && imaginary_part_l(z) == 4);
    CHECK(conjugate(z) == 3 - 4 * I);
    CHECK(cabs(z) == 5 && is_near(cexp(turn), -1));
    CHECK(is_near(csqrt(-4), 2 * I) && is_near(cpow(z, 2), -7 + 24 * I));
    CHECK(is_near(clog(cexp(z)), 3 + (4 - 2 * 3.14159265358979323846) * I));
    CHECK(is_near(csin(z), 0.5 * (cexp(I * z) - cexp(-I * z)) / I));
    CHECK(is_near(ccosh(z), 0.5 * (cexp(z) + cexp(-z))));
    CHECK(is_near(catan(ctan(0.5 + 0.25 * I)), 0.5 + 0.25 * I));
    CHECK(cproj(INFINITY + 2 * I) == INFINITY && carg(-1.0) > 3.14);
    return tap_done();
}
