/*
 * table: correctly rounded results of <math.h>, by MPFR, for check.c.
 *
 *     table SEED COUNT
 *
 * Prints one line for each call:
 *
 *     NAME TYPE RESULT X [Y [Z]]
 *
 * TYPE is f, d or l.  Arguments are values of that type; RESULT has 64 bits, so
 * that an error is known to a small part of a unit.  The arguments are special
 * values, COUNT random ones of the ordinary range, and COUNT of all exponents.
 */
#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int unary(mpfr_t, const mpfr_t, mpfr_rnd_t);
typedef int binary(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t);

struct function {
    const char *name;
    unary *one;
    binary *two;
    double low, high; /* the ordinary range */
};

static int find_lgamma(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
    int sign;

    return mpfr_lgamma(result, &sign, x, round);
}

static int find_rint(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
    return mpfr_rint(result, x, round);
}

static int find_floor(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
    (void)round;
    return mpfr_floor(result, x);
}

static int find_ceil(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
    (void)round;
    return mpfr_ceil(result, x);
}

static int find_trunc(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
    (void)round;
    return mpfr_trunc(result, x);
}

static int find_round(mpfr_t result, const mpfr_t x, mpfr_rnd_t round)
{
    (void)round;
    return mpfr_round(result, x);
}

static const struct function functions[] = {
    {"sqrt", mpfr_sqrt, NULL, 0, 1e6},
    {"cbrt", mpfr_cbrt, NULL, -1e6, 1e6},
    {"exp", mpfr_exp, NULL, -80, 80},
    {"exp2", mpfr_exp2, NULL, -120, 120},
    {"exp10", mpfr_exp10, NULL, -36, 36},
    {"expm1", mpfr_expm1, NULL, -40, 80},
    {"log", mpfr_log, NULL, 0, 3},
    {"log2", mpfr_log2, NULL, 0, 3},
    {"log10", mpfr_log10, NULL, 0, 3},
    {"log1p", mpfr_log1p, NULL, -1, 3},
    {"sin", mpfr_sin, NULL, -100, 100},
    {"cos", mpfr_cos, NULL, -100, 100},
    {"tan", mpfr_tan, NULL, -100, 100},
    {"asin", mpfr_asin, NULL, -1, 1},
    {"acos", mpfr_acos, NULL, -1, 1},
    {"atan", mpfr_atan, NULL, -10, 10},
    {"sinh", mpfr_sinh, NULL, -80, 80},
    {"cosh", mpfr_cosh, NULL, -80, 80},
    {"tanh", mpfr_tanh, NULL, -20, 20},
    {"asinh", mpfr_asinh, NULL, -100, 100},
    {"acosh", mpfr_acosh, NULL, 1, 100},
    {"atanh", mpfr_atanh, NULL, -1, 1},
    {"erf", mpfr_erf, NULL, -6, 6},
    {"erfc", mpfr_erfc, NULL, -6, 9},
    {"tgamma", mpfr_gamma, NULL, -20, 30},
    {"lgamma", find_lgamma, NULL, 0, 100},
    {"floor", find_floor, NULL, -1e5, 1e5},
    {"ceil", find_ceil, NULL, -1e5, 1e5},
    {"trunc", find_trunc, NULL, -1e5, 1e5},
    {"round", find_round, NULL, -1e5, 1e5},
    {"rint", find_rint, NULL, -1e5, 1e5},
    {"pow", NULL, mpfr_pow, 0, 30},
    {"atan2", NULL, mpfr_atan2, -10, 10},
    {"hypot", NULL, mpfr_hypot, -100, 100},
    {"fmod", NULL, mpfr_fmod, -1000, 1000},
    {"remainder", NULL, mpfr_remainder, -1000, 1000},
    {"fdim", NULL, mpfr_dim, -10, 10},
};

static uint64_t state;

/* A random number, by splitmix64. */
static uint64_t get_random(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static long double to_type(long double value, char type)
{
    if (type == 'f')
        return (float)value;
    return type == 'd' ? (double)value : value;
}

/* The exponents that a type's numbers have in MPFR's form. */
static void set_range(char type)
{
    int low = type == 'f' ? -148 : type == 'd' ? -1073 : -16444;
    int high = type == 'f' ? 128 : type == 'd' ? 1024 : 16384;

    mpfr_set_emin(low);
    mpfr_set_emax(high);
}

/* Print a line for one call, with a result of 64 bits. */
static void print_call(const struct function *f, char type, long double x,
                       long double y)
{
    mpfr_t mx, my, r;
    int ternary;
    long double result;

    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    mpfr_inits2(64, mx, my, r, (mpfr_ptr)0);
    mpfr_set_ld(mx, x, MPFR_RNDN);
    mpfr_set_ld(my, y, MPFR_RNDN);
    ternary = f->one != NULL ? f->one(r, mx, MPFR_RNDN)
                             : f->two(r, mx, my, MPFR_RNDN);
    set_range(type);
    if (type == 'l') {
        ternary = mpfr_check_range(r, ternary, MPFR_RNDN);
        mpfr_subnormalize(r, ternary, MPFR_RNDN);
    }
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    result = mpfr_get_ld(r, MPFR_RNDN);
    printf("%s %c %La %La", f->name, type, result, x);
    if (f->two != NULL)
        printf(" %La", y);
    putchar('\n');
    mpfr_clears(mx, my, r, (mpfr_ptr)0);
}

static long double ordinary(const struct function *f, char type)
{
    long double part = (long double)get_random() / 0x1p64L;

    return to_type(f->low + part * ((long double)f->high - f->low), type);
}

static long double any(char type)
{
    int span = type == 'f' ? 260 : type == 'd' ? 2090 : 32000;
    int exponent = (int)(get_random() % (unsigned)span) - span / 2;
    long double mantissa = 1 + (long double)get_random() / 0x1p64L;

    mantissa = get_random() & 1 ? -mantissa : mantissa;
    return to_type(ldexpl(mantissa, exponent), type);
}

static const long double special[] = {
    0.0L,     -0.0L, 1,        -1,         2,         -2,
    0.5L,     -0.5L, 3,        -3,         1.5L,      -1.5L,
    2.5L,     -2.5L, INFINITY, -INFINITY,  NAN,       0x1p-24L,
    0x1p-53L, 1e10L, -1e10L,   0x1p-149L,  0x1p-126L, 0x1.fffffep127L,
    100,      1000,  -1000,    0x1p52L + 1};
#define NSPECIAL (sizeof(special) / sizeof(*special))

static void print_function(const struct function *f, char type, int count)
{
    for (size_t i = 0; i < NSPECIAL; i++) {
        if (f->one != NULL)
            print_call(f, type, to_type(special[i], type), 0);
        for (size_t j = 0; j < NSPECIAL && f->two != NULL; j++)
            print_call(f, type, to_type(special[i], type),
                       to_type(special[j], type));
    }
    for (int i = 0; i < count; i++) {
        long double y = f->two != NULL ? ordinary(f, type) : 0;

        print_call(f, type, ordinary(f, type), y);
        print_call(f, type, any(type), f->two != NULL ? any(type) : 0);
    }
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[2]) : 100;

    state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
        for (const char *type = "fdl"; *type != '\0'; type++)
            print_function(&functions[i], *type, count);
    return 0;
}
