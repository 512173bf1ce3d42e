/*
 * _ldtoa_r: the decimal digits of a long double, all of them exact; printf and
 * its like ask it for every floating point value.  newlib's own stops after 42
 * digits.
 *
 * A value is m * 2^e with a whole m below 2^64.  Its whole part and its
 * fraction are big binary numbers; the first gives its decimal digits from the
 * last to the first by division by 10^9, the second from the first to the last
 * by multiplication by 10^9.  A fraction of b bits has b decimal digits, so
 * that what is asked for bounds the work, and the part that is not asked for
 * decides how to round: to the nearest, a tie to the even digit.
 *
 *      whole:    words[0] lowest               value < 2^16384
 *      fraction: words[0] highest, 2^-32       value < 1, down to 2^-16445
 */
#include "../call.h"
#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK        1000000000u /* 10^CHUNK_DIGITS */
#define CHUNK_DIGITS 9
#define MAX_WORDS    520
#define MAX_WHOLE    4940 /* digits of the largest whole part */

struct _Bigint *_Balloc(struct _reent *, int);
void _Bfree(struct _reent *, struct _Bigint *);

/* Digits as they come, without leading zeros. */
struct digits {
    char *text;
    int count;
    int room;  /* of text: digits beyond are not kept */
    int point; /* the decimal point stands before text[point] */
};

struct parts {
    uint32_t whole[MAX_WORDS];
    int whole_words;
    uint32_t fraction[MAX_WORDS];
    int fraction_words;
};

/* Put a 64-bit number, shifted left, into words of which the lowest is first. */
static void place(uint32_t *words, uint64_t m, int shift)
{
    int at = shift / 32;
    int bits = shift % 32;
    uint64_t low = (m & 0xffffffff) << bits;
    uint64_t high = (m >> 32) << bits;

    words[at] = (uint32_t)low;
    high += low >> 32;
    words[at + 1] = (uint32_t)high;
    words[at + 2] = (uint32_t)(high >> 32);
}

static void split_whole(struct parts *parts, uint64_t m, int e)
{
    int words = (e + 64 + 31) / 32;

    memset(parts->whole, 0, (size_t)(words + 3) * sizeof(uint32_t));
    place(parts->whole, m, e);
    while (words > 0 && parts->whole[words - 1] == 0)
        words--;
    parts->whole_words = words;
}

/* The fraction m * 2^e, e < 0, of which m is what lies below the point. */
static void split_fraction(struct parts *parts, uint64_t m, int e)
{
    int words = (-e + 31) / 32;
    uint32_t reversed[3] = {0};
    int shift = words * 32 + e;

    memset(parts->fraction, 0, (size_t)words * sizeof(uint32_t));
    place(reversed, m, shift);
    for (int i = 0; i < 3 && i < words; i++)
        parts->fraction[words - 1 - i] = reversed[i];
    while (words > 0 && parts->fraction[words - 1] == 0)
        words--;
    parts->fraction_words = words;
}

static void split(struct parts *parts, long double value)
{
    union {
        long double value;
        struct {
            uint64_t m;
            uint16_t exponent;
        } bits;
    } u = {.value = value};
    int biased = u.bits.exponent & 0x7fff;
    int e = (biased != 0 ? biased : 1) - 16383 - 63;

    parts->whole_words = 0;
    parts->fraction_words = 0;
    if (u.bits.m == 0)
        return;
    if (e >= 0) {
        split_whole(parts, u.bits.m, e);
        return;
    }
    if (e > -64) {
        split_whole(parts, u.bits.m >> -e, 0);
        u.bits.m &= ((uint64_t)1 << -e) - 1;
    }
    split_fraction(parts, u.bits.m, e);
}

/* Divide by 10^9 in place; returns the remainder. */
static uint32_t divide(uint32_t *words, int *count)
{
    uint64_t rest = 0;

    for (int i = *count - 1; i >= 0; i--) {
        rest = rest << 32 | words[i];
        words[i] = (uint32_t)(rest / CHUNK);
        rest %= CHUNK;
    }
    while (*count > 0 && words[*count - 1] == 0)
        (*count)--;
    return (uint32_t)rest;
}

/* Multiply by 10^9 in place; returns the whole part. */
static uint32_t multiply(uint32_t *words, int *count)
{
    uint64_t carry = 0;

    for (int i = *count - 1; i >= 0; i--) {
        carry += (uint64_t)words[i] * CHUNK;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    while (*count > 0 && words[*count - 1] == 0)
        (*count)--;
    return (uint32_t)carry;
}

/* The digits of the whole part; returns how many. */
static int write_whole(struct parts *parts, char *text)
{
    char reversed[MAX_WHOLE + CHUNK_DIGITS];
    int count = 0;

    while (parts->whole_words > 0) {
        uint32_t chunk = divide(parts->whole, &parts->whole_words);

        for (int i = 0; i < CHUNK_DIGITS; i++) {
            reversed[count++] = (char)('0' + chunk % 10);
            chunk /= 10;
        }
    }
    while (count > 0 && reversed[count - 1] == '0')
        count--;
    for (int i = 0; i < count; i++)
        text[i] = reversed[count - 1 - i];
    return count;
}

static void add_digit(struct digits *digits, char c)
{
    if (digits->count == 0 && c == '0') {
        digits->point--;
        return;
    }
    if (digits->count < digits->room)
        digits->text[digits->count] = c;
    digits->count++;
}

/*
 * Add digits of the fraction until there are enough to round at the wanted
 * one, or until it is used up.  With places, wanted counts from the decimal
 * point.
 */
static void write_fraction(struct parts *parts, struct digits *digits,
                           int wanted, int places)
{
    while (parts->fraction_words > 0) {
        int have = digits->count - (places ? digits->point : 0);
        uint32_t chunk;
        uint32_t unit = CHUNK / 10;

        if (have > wanted + 1)
            return;
        chunk = multiply(parts->fraction, &parts->fraction_words);
        for (; unit > 0; unit /= 10)
            add_digit(digits, (char)('0' + chunk / unit % 10));
    }
}

/* Whether the digits from number keep on make the one before it larger. */
static int rounds_up(const struct digits *digits, int keep, int more)
{
    if (keep < 0 || keep >= digits->count)
        return 0;
    if (digits->text[keep] != '5')
        return digits->text[keep] > '5';
    for (int i = keep + 1; i < digits->count && !more; i++)
        more = digits->text[i] != '0';
    return more || (keep > 0 && (digits->text[keep - 1] & 1));
}

/* Keep so many digits, rounded; more says that others were left out. */
static void round_digits(struct digits *digits, int keep, int more)
{
    int up = rounds_up(digits, keep, more);

    if (keep < 0)
        keep = 0;
    if (keep < digits->count)
        digits->count = keep;
    if (up) {
        while (digits->count > 0 && digits->text[digits->count - 1] == '9')
            digits->count--;
        if (digits->count == 0) {
            digits->text[digits->count++] = '1';
            digits->point++;
        } else {
            digits->text[digits->count - 1]++;
        }
    }
    while (digits->count > 0 && digits->text[digits->count - 1] == '0')
        digits->count--;
}

/*
 * Memory for the result, which newlib frees with the next one: it lies in one
 * of its big numbers, whose head is written over.
 */
static char *get_result(struct _reent *reent, size_t nbytes)
{
    int k = 0;
    struct _Bigint *memory;

    _REENT_CHECK_MP(reent);
    memory = _REENT_MP_RESULT(reent);
    if (memory != NULL) {
        memory->_k = _REENT_MP_RESULT_K(reent);
        memory->_maxwds = 1 << memory->_k;
        _Bfree(reent, memory);
        _REENT_MP_RESULT(reent) = NULL;
    }
    while (((size_t)sizeof(uint32_t) << k) < nbytes)
        k++;
    memory = _Balloc(reent, k);
    if (memory == NULL)
        abort();
    _REENT_MP_RESULT(reent) = memory;
    _REENT_MP_RESULT_K(reent) = k;
    return (char *)memory;
}

/*
 * mode 2: ndigits digits in all, at least one; mode 3: ndigits behind the
 * point; mode 0: as many as tell the value from its neighbours.  The digits
 * have no trailing zeros; *decpt is where the point stands, *end the digits'
 * end.  The caller may append zeros up to what was asked for.
 */
char *_ldtoa_r(struct _reent *reent, long double value, int mode, int ndigits,
               int *decpt, int *sign, char **end)
{
    char first[MAX_WHOLE + CHUNK_DIGITS];
    struct digits digits = {0};
    struct parts parts;
    int keep;

    if (mode == 0) {
        mode = 2;
        ndigits = LDBL_DECIMAL_DIG;
    }
    if (ndigits < (mode == 2))
        ndigits = mode == 2;
    *sign = __builtin_signbit(value) != 0;
    split(&parts, value);
    digits.count = digits.point = write_whole(&parts, first);
    digits.room = digits.count + ndigits + 2 * CHUNK_DIGITS + 4;
    digits.text = get_result(reent, (size_t)digits.room + 1);
    memcpy(digits.text, first, (size_t)digits.count);
    write_fraction(&parts, &digits, ndigits, mode == 3);
    keep = mode == 3 ? digits.point + ndigits : ndigits;
    if (value == 0) {
        digits.text[0] = '0';
        digits.count = digits.point = 1;
    } else {
        round_digits(&digits, keep, parts.fraction_words > 0);
    }
    if (digits.count == 0)
        digits.point = -ndigits;
    digits.text[digits.count] = '\0';
    *decpt = digits.point;
    if (end != NULL)
        *end = digits.text + digits.count;
    return digits.text;
}
