/*
 * Formatting into a buffer.
 *
 * One struct holds what a conversion asks for, another where the text goes.
 * Numbers are made backwards in a small buffer. Division of 64 bits goes by
 * 16-bit digits, because the compiler's own would need a library call on i386.
 */
#include "lib/printf.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

/* 64 bits in octal are 22 digits; a sign or 0x goes in front of them. */
#define DIGITS_MAX 24

struct output {
    char *buf;
    size_t size;   /* of buf */
    size_t length; /* wanted so far, whether it fits or not */
};

struct conversion {
    bool left;
    bool plus;
    bool space;
    bool alternate;
    bool zeros;
    int width;
    int precision; /* -1: none given */
    int size;      /* of an integer argument in bytes */
    char type;
};

static void put_char(struct output *out, char c)
{
    if (out->length < out->size)
        out->buf[out->length] = c;
    out->length++;
}

static void put_repeated(struct output *out, char c, int count)
{
    while (count-- > 0)
        put_char(out, c);
}

static void put_bytes(struct output *out, const char *s, size_t nbytes)
{
    size_t room = out->length < out->size ? out->size - out->length : 0;

    if (room > 0)
        memcpy(out->buf + out->length, s, nbytes < room ? nbytes : room);
    out->length += nbytes;
}

/* Divides *value by `base` (2 to 16) and returns the remainder. */
static unsigned divide(uint64_t *value, unsigned base)
{
    uint64_t quotient = 0;
    uint32_t rest = 0;

    for (int shift = 48; shift >= 0; shift -= 16) {
        uint32_t digit = rest << 16 | (uint32_t)(*value >> shift & 0xFFFF);
        quotient |= (uint64_t)(digit / base) << shift;
        rest = digit % base;
    }
    *value = quotient;
    return rest;
}

/* Write the digits of `value` so that they end at `end`; none for 0. */
static char *make_digits(char *end, uint64_t value, unsigned base, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    uint32_t small;

    while (value > UINT32_MAX)
        *--end = digits[divide(&value, base)];
    for (small = (uint32_t)value; small != 0; small /= base)
        *--end = digits[small % base];
    return end;
}

/* Put text with a prefix, which padding zeros follow. */
static void put_padded(struct output *out, const struct conversion *conv,
                       const char *prefix, int nzeros, const char *text,
                       int length)
{
    int nprefix = (int)strlen(prefix);
    int pad = conv->width - nprefix - length;

    pad = pad > nzeros ? pad - nzeros : 0;
    if (!conv->left)
        put_repeated(out, ' ', pad);
    put_bytes(out, prefix, (size_t)nprefix);
    put_repeated(out, '0', nzeros);
    put_bytes(out, text, (size_t)length);
    if (conv->left)
        put_repeated(out, ' ', pad);
}

static void put_number(struct output *out, const struct conversion *conv,
                       const char *prefix, uint64_t value, unsigned base)
{
    char buf[DIGITS_MAX];
    char *end = buf + sizeof(buf);
    char *text = make_digits(end, value, base, conv->type == 'X');
    int length = (int)(end - text);
    int least = conv->precision < 0 ? 1 : conv->precision;

    if (base == 8 && conv->alternate && least <= length)
        least = length + 1;
    if (conv->zeros && !conv->left && conv->precision < 0)
        least = conv->width - (int)strlen(prefix) > least
                    ? conv->width - (int)strlen(prefix)
                    : least;
    put_padded(out, conv, prefix, least > length ? least - length : 0, text,
               length);
}

static void put_signed(struct output *out, const struct conversion *conv,
                       int64_t value)
{
    const char *sign = conv->plus ? "+" : conv->space ? " " : "";

    if (value < 0)
        put_number(out, conv, "-", 0 - (uint64_t)value, 10);
    else
        put_number(out, conv, sign, (uint64_t)value, 10);
}

static void put_hex(struct output *out, const struct conversion *conv,
                    uint64_t value)
{
    const char *prefix = conv->type == 'X' ? "0X" : "0x";

    if (!conv->alternate || value == 0)
        prefix = "";
    put_number(out, conv, prefix, value, 16);
}

static void put_pointer(struct output *out, struct conversion conv,
                        const void *pointer)
{
    conv.precision = 2 * (int)sizeof(pointer);
    put_number(out, &conv, "0x", (uintptr_t)pointer, 16);
}

static void put_string(struct output *out, const struct conversion *conv,
                       const char *s)
{
    size_t max = conv->precision < 0 ? INT32_MAX : (size_t)conv->precision;

    if (s == NULL)
        s = "(null)";
    put_padded(out, conv, "", 0, s, (int)strnlen(s, max));
}

/* Read digits of `fmt`; a number that is absurdly long stops at 9999. */
static const char *parse_number(const char *fmt, int *number)
{
    *number = 0;
    for (; *fmt >= '0' && *fmt <= '9'; fmt++) {
        if (*number < 1000)
            *number = *number * 10 + (*fmt - '0');
    }
    return fmt;
}

static const char *parse_flags(const char *fmt, struct conversion *conv)
{
    for (;; fmt++) {
        switch (*fmt) {
        case '-':
            conv->left = true;
            break;
        case '+':
            conv->plus = true;
            break;
        case ' ':
            conv->space = true;
            break;
        case '#':
            conv->alternate = true;
            break;
        case '0':
            conv->zeros = true;
            break;
        default:
            return fmt;
        }
    }
}

static const char *parse_length(const char *fmt, struct conversion *conv)
{
    conv->size = sizeof(int);
    switch (*fmt) {
    case 'h':
        conv->size = fmt[1] == 'h' ? 1 : 2;
        return fmt + (fmt[1] == 'h' ? 2 : 1);
    case 'l':
        conv->size = fmt[1] == 'l' ? sizeof(long long) : sizeof(long);
        return fmt + (fmt[1] == 'l' ? 2 : 1);
    case 'z':
    case 't':
        conv->size = sizeof(size_t);
        return fmt + 1;
    case 'j':
        conv->size = sizeof(intmax_t);
        return fmt + 1;
    default:
        return fmt;
    }
}

/* A width or precision of `*` comes from the arguments, within 9999. */
static int bound_argument(int value)
{
    if (value > 9999)
        return 9999;
    return value < -9999 ? -9999 : value;
}

/* Parse what follows a percent sign; `ap` gives the values of stars. */
static const char *parse_conversion(const char *fmt, struct conversion *conv,
                                    va_list *ap)
{
    *conv = (struct conversion){.precision = -1};
    fmt = parse_flags(fmt, conv);
    if (*fmt == '*') {
        conv->width = bound_argument(va_arg(*ap, int));
        fmt++;
    } else {
        fmt = parse_number(fmt, &conv->width);
    }
    if (conv->width < 0) {
        conv->left = true;
        conv->width = -conv->width;
    }
    if (*fmt == '.' && fmt[1] == '*') {
        conv->precision = bound_argument(va_arg(*ap, int));
        fmt += 2;
    } else if (*fmt == '.') {
        fmt = parse_number(fmt + 1, &conv->precision);
    }
    fmt = parse_length(fmt, conv);
    conv->type = *fmt;
    return fmt;
}

static int64_t fetch_signed(const struct conversion *conv, va_list *ap)
{
    switch (conv->size) {
    case 1:
        return (signed char)va_arg(*ap, int);
    case 2:
        return (short)va_arg(*ap, int);
    case 4:
        return va_arg(*ap, int32_t);
    default:
        return va_arg(*ap, int64_t);
    }
}

static uint64_t fetch_unsigned(const struct conversion *conv, va_list *ap)
{
    switch (conv->size) {
    case 1:
        return (unsigned char)va_arg(*ap, unsigned);
    case 2:
        return (unsigned short)va_arg(*ap, unsigned);
    case 4:
        return va_arg(*ap, uint32_t);
    default:
        return va_arg(*ap, uint64_t);
    }
}

/* Put one conversion; return false if its type is unknown. */
static bool put_conversion(struct output *out, const struct conversion *conv,
                           va_list *ap)
{
    char c;

    switch (conv->type) {
    case 'd':
    case 'i':
        put_signed(out, conv, fetch_signed(conv, ap));
        return true;
    case 'u':
        put_number(out, conv, "", fetch_unsigned(conv, ap), 10);
        return true;
    case 'o':
        put_number(out, conv, "", fetch_unsigned(conv, ap), 8);
        return true;
    case 'x':
    case 'X':
        put_hex(out, conv, fetch_unsigned(conv, ap));
        return true;
    case 'p':
        put_pointer(out, *conv, va_arg(*ap, void *));
        return true;
    case 's':
        put_string(out, conv, va_arg(*ap, const char *));
        return true;
    case 'c':
        c = (char)va_arg(*ap, int);
        put_padded(out, conv, "", 0, &c, 1);
        return true;
    case '%':
        put_char(out, '%');
        return true;
    default:
        return false;
    }
}

int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct output out = {buf, size, 0};
    struct conversion conv;
    const char *percent;
    va_list args;

    va_copy(args, ap);
    while (*fmt != '\0') {
        percent = fmt;
        while (*percent != '\0' && *percent != '%')
            percent++;
        put_bytes(&out, fmt, (size_t)(percent - fmt));
        fmt = percent;
        if (*fmt == '\0')
            break;
        fmt = parse_conversion(fmt + 1, &conv, &args);
        if (!put_conversion(&out, &conv, &args)) {
            put_bytes(&out, percent, strlen(percent));
            break;
        }
        fmt++;
    }
    va_end(args);
    if (size > 0)
        buf[out.length < size ? out.length : size - 1] = '\0';
    return (int)out.length;
}

int ksnprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int length;

    va_start(ap, fmt);
    length = kvsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return length;
}

size_t kscnprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    size_t length;

    va_start(ap, fmt);
    length = (size_t)kvsnprintf(buf, size, fmt, ap);
    va_end(ap);
    if (size == 0)
        return 0;
    return length < size ? length : size - 1;
}
