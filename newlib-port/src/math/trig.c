/*
 * sinl, cosl, tanl, sincosl.
 *
 * The argument is reduced to at most pi / 4 by exact integers: x = m * 2^e is
 * multiplied by as much of 2 / pi as matters (Payne and Hanek 1983).  Bits of
 * 2 / pi so high that they give multiples of 4 are left out, and those so low
 * that they cannot matter, even though x may lie as near as 2^-78 to a
 * multiple of pi / 2.
 *
 *      product = m * window        10 words, lowest first
 *      bits above `point` are whole, the lowest two of them the quadrant
 */
#define _GNU_SOURCE
#include "x87.h"
#include "two_over_pi.h"
#include <math.h>
#include <string.h>

#define WINDOW  8
#define PRODUCT (WINDOW + 2)

#define PIO4      0x0.c90fdaa22168c235p0L
#define PIO2_HIGH 0x1.921fb54442d1846ap0L
#define PIO2_LOW  (-0x1.d9cceba3f91f1976p-66L)

/* product = m * the words of 2 / pi from first on */
static void multiply(uint32_t *product, uint64_t m, int first)
{
    memset(product, 0, PRODUCT * sizeof(*product));
    for (int half = 0; half < 2; half++) {
        uint64_t factor = half == 0 ? m & 0xffffffff : m >> 32;
        uint64_t carry = 0;

        for (int i = 0; i < WINDOW; i++) {
            carry += factor * two_over_pi[first + WINDOW - 1 - i] +
                     product[i + half];
            product[i + half] = (uint32_t)carry;
            carry >>= 32;
        }
        product[WINDOW + half] = (uint32_t)carry;
    }
}

/* 32 bits of the product from a bit on, which may be below 0. */
static uint32_t bits_from(const uint32_t *product, int bit)
{
    int word = bit >= 0 ? bit / 32 : -((31 - bit) / 32);
    int shift = bit - word * 32;
    uint64_t low = word >= 0 && word < PRODUCT ? product[word] : 0;
    uint64_t high = word + 1 >= 0 && word + 1 < PRODUCT ? product[word + 1] : 0;

    return (uint32_t)((high << 32 | low) >> shift);
}

/* The product's negative, modulo its size. */
static void negate(uint32_t *product)
{
    uint64_t carry = 1;

    for (int i = 0; i < PRODUCT; i++) {
        carry += (uint32_t)~product[i];
        product[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* The bits below point, of which the highest is zero, as a number. */
static struct x87_pair fraction(const uint32_t *product, int point)
{
    int top = point;
    uint64_t high, low;

    while (top > 0 && bits_from(product, top - 32) < 0x80000000)
        top--;
    high = (uint64_t)bits_from(product, top - 32) << 32 |
           bits_from(product, top - 64);
    low = (uint64_t)bits_from(product, top - 96) << 32 |
          bits_from(product, top - 128);
    return (struct x87_pair){x87_scale((long double)high, top - 64 - point),
                             x87_scale((long double)low, top - 128 - point)};
}

/* x = quadrant * pi / 2 + *rest; returns the quadrant modulo 4. */
static unsigned reduce(long double x, struct x87_pair *rest)
{
    union x87_bits bits = {.value = x};
    int e = (bits.part.sign_exponent & 0x7fff) - 16383 - 63;
    int first = e > 2 ? (e - 2) / 32 : 0;
    int point = 32 * WINDOW - (e - 32 * first);
    uint32_t product[PRODUCT];
    struct x87_pair turns, scaled;
    unsigned quadrant;
    int negative = 0;

    if (x87_abs(x) <= PIO4) {
        *rest = (struct x87_pair){x, 0};
        return 0;
    }
    multiply(product, bits.part.mantissa, first);
    quadrant = bits_from(product, point) & 3;
    if (bits_from(product, point - 1) & 1) {
        /* More than half: one quadrant on, and the distance to it. */
        quadrant++;
        negative = 1;
        negate(product);
    }
    turns = fraction(product, point);
    scaled = x87_multiply(turns.high, PIO2_HIGH);
    scaled.low += turns.high * PIO2_LOW + turns.low * PIO2_HIGH;
    *rest = x87_add(scaled.high, scaled.low);
    if (negative != (x < 0)) {
        rest->high = -rest->high;
        rest->low = -rest->low;
    }
    return (x < 0 ? 0 - quadrant : quadrant) & 3;
}

static void sine_and_cosine(const struct x87_pair *x, long double *sine,
                            long double *cosine)
{
    long double s, c;

    __asm__("fsincos" : "=t"(c), "=u"(s) : "0"(x->high));
    *sine = s + x->low * c;
    *cosine = c - x->low * s;
}

void sincosl(long double x, long double *sine, long double *cosine)
{
    struct x87_pair rest;
    long double s, c;

    if (!isfinite(x)) {
        *sine = *cosine = x - x;
        return;
    }
    switch (reduce(x, &rest)) {
    case 0:
        sine_and_cosine(&rest, &s, &c);
        *sine = s;
        *cosine = c;
        break;
    case 1:
        sine_and_cosine(&rest, &s, &c);
        *sine = c;
        *cosine = -s;
        break;
    case 2:
        sine_and_cosine(&rest, &s, &c);
        *sine = -s;
        *cosine = -c;
        break;
    default:
        sine_and_cosine(&rest, &s, &c);
        *sine = -c;
        *cosine = s;
    }
}

long double sinl(long double x)
{
    long double sine, cosine;

    if (x == 0)
        return x;
    sincosl(x, &sine, &cosine);
    return sine;
}

long double cosl(long double x)
{
    long double sine, cosine;

    sincosl(x, &sine, &cosine);
    return cosine;
}

long double tanl(long double x)
{
    struct x87_pair rest;
    long double one, tangent;
    unsigned quadrant;

    if (!isfinite(x))
        return x - x;
    if (x == 0)
        return x;
    quadrant = reduce(x, &rest);
    __asm__("fptan" : "=t"(one), "=u"(tangent) : "0"(rest.high));
    tangent += rest.low * (1 + tangent * tangent);
    return quadrant & 1 ? -1 / tangent : tangent;
}
