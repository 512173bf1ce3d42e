/*
 * Internet addresses as text, and numbers in network order.
 *
 * inet_aton takes one to four numbers, the last of which fills the bytes that
 * are left; inet_pton takes exactly four decimal ones.  IPv6's colons stand
 * for at most one run of zeros, and the last four bytes may be written as an
 * IPv4 address; inet_ntop shortens the longest run, the first of equals, of two
 * words and more (RFC 5952).
 *
 * Errors: EAFNOSUPPORT for other families, ENOSPC for too short a buffer.
 */
#include "../call.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef htonl
#undef htons
#undef ntohl
#undef ntohs

uint32_t htonl(uint32_t n)
{
    return __builtin_bswap32(n);
}

uint16_t htons(uint16_t n)
{
    return __builtin_bswap16(n);
}

uint32_t ntohl(uint32_t n)
{
    return __builtin_bswap32(n);
}

uint16_t ntohs(uint16_t n)
{
    return __builtin_bswap16(n);
}

int inet_aton(const char *text, struct in_addr *address)
{
    uint32_t sum = 0;
    unsigned left = 4;

    for (;;) {
        char *end;
        unsigned long long n;

        if (!isdigit((unsigned char)*text))
            return 0;
        n = strtoull(text, &end, 0);
        if (*end == '.' && left > 1) {
            if (n > 255)
                return 0;
            sum = sum << 8 | (uint32_t)n;
            left--;
            text = end + 1;
            continue;
        }
        if ((*end != '\0' && !isspace((unsigned char)*end)) ||
            n >= 1ULL << 8 * left)
            return 0;
        sum = (uint32_t)((uint64_t)sum << 8 * left) | (uint32_t)n;
        if (address != NULL)
            address->s_addr = htonl(sum);
        return 1;
    }
}

in_addr_t inet_addr(const char *text)
{
    struct in_addr address;

    return inet_aton(text, &address) ? address.s_addr : INADDR_NONE;
}

char *inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];

    return (char *)inet_ntop(AF_INET, &address, text, sizeof(text));
}

static int parse_v4(const char *text, unsigned char *bytes)
{
    for (int i = 0; i < 4; i++) {
        unsigned n = 0;
        int ndigits = 0;

        for (; isdigit((unsigned char)*text); text++) {
            if (ndigits > 0 && n == 0)
                return 0; /* might be meant as octal */
            n = 10 * n + (unsigned)(*text - '0');
            if (++ndigits > 3)
                return 0;
        }
        if (ndigits == 0 || n > 255 || *text != (i < 3 ? '.' : '\0'))
            return 0;
        bytes[i] = (unsigned char)n;
        text++;
    }
    return 1;
}

/* Where a word of hexadecimal digits ends, or null if there is none. */
static const char *parse_word(const char *text, unsigned *word)
{
    int ndigits = 0;

    for (*word = 0; isxdigit((unsigned char)*text); text++) {
        int c = tolower((unsigned char)*text);

        if (++ndigits > 4)
            return NULL;
        *word = *word << 4 | (unsigned)(c > '9' ? c - 'a' + 10 : c - '0');
    }
    return ndigits > 0 ? text : NULL;
}

static int parse_v6(const char *text, unsigned char *bytes)
{
    unsigned char parsed[16] = {0};
    int used = 0, gap = -1;

    if (text[0] == ':' && *++text != ':')
        return 0;
    while (*text != '\0') {
        const char *end;
        unsigned word;

        if (*text == ':') {
            if (gap >= 0)
                return 0;
            gap = used;
            text++;
            continue;
        }
        end = parse_word(text, &word);
        if (end != NULL && *end == '.' && used <= 12) {
            if (!parse_v4(text, parsed + used))
                return 0;
            used += 4;
            break;
        }
        if (end == NULL || used == 16 || (*end != ':' && *end != '\0') ||
            (end[0] == ':' && end[1] == '\0'))
            return 0;
        parsed[used++] = (unsigned char)(word >> 8);
        parsed[used++] = (unsigned char)word;
        text = *end == ':' ? end + 1 : end;
    }
    if (gap < 0 ? used != 16 : used > 14)
        return 0;
    if (gap >= 0) {
        memmove(parsed + 16 - (used - gap), parsed + gap, used - gap);
        memset(parsed + gap, 0, 16 - used);
    }
    memcpy(bytes, parsed, 16);
    return 1;
}

int inet_pton(int family, const char *restrict text, void *restrict address)
{
    unsigned char bytes[4];

    switch (family) {
    case AF_INET:
        if (!parse_v4(text, bytes))
            return 0;
        memcpy(address, bytes, 4);
        return 1;
    case AF_INET6:
        return parse_v6(text, address);
    default:
        return __cairn_fail(EAFNOSUPPORT);
    }
}

/* The longest run of zero words: its first, and in *length how many. */
static int find_zeros(const unsigned *words, int *length)
{
    int best = -1;

    *length = 1;
    for (int i = 0, run = 0; i < 8; i++) {
        run = words[i] == 0 ? run + 1 : 0;
        if (run > *length) {
            *length = run;
            best = i + 1 - run;
        }
    }
    return best;
}

static void print_v6(const unsigned char *bytes, char *text)
{
    unsigned words[8];
    int first, length, i = 0;

    for (int k = 0; k < 8; k++)
        words[k] = (unsigned)bytes[2 * k] << 8 | bytes[2 * k + 1];
    first = find_zeros(words, &length);
    *text = '\0';
    while (i < 8) {
        if (i == first) {
            text += sprintf(text, i == 0 ? "::" : ":");
            i += length;
        } else if (i == 6 && first == 0 &&
                   (length == 6 || (length == 5 && words[5] == 0xffff))) {
            text += sprintf(text, "%u.%u.%u.%u", bytes[12], bytes[13],
                            bytes[14], bytes[15]);
            i = 8;
        } else {
            text += sprintf(text, i < 7 ? "%x:" : "%x", words[i]);
            i++;
        }
    }
}

const char *inet_ntop(int family, const void *restrict address,
                      char *restrict text, socklen_t room)
{
    const unsigned char *bytes = address;
    char buffer[INET6_ADDRSTRLEN];

    if (family == AF_INET) {
        sprintf(buffer, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    } else if (family == AF_INET6) {
        print_v6(bytes, buffer);
    } else {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    if (strlen(buffer) >= room) {
        errno = ENOSPC;
        return NULL;
    }
    return strcpy(text, buffer);
}
