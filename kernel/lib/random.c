/*
 * A random generator around ChaCha20 (RFC 8439, 2.3).
 *
 * The state is a 256-bit key. Each request makes a stream of blocks from it;
 * the first half block becomes the next key, the rest is handed out, so that
 * whoever sees the state later cannot compute what was given before. Mixing in
 * folds 32 bytes of input into the key and replaces the key by a block made
 * from it: nothing that was in it is lost, and nothing can be undone.
 */
#include "lib/random.h"

#include "lib/string.h"

#define KEY_WORDS   8
#define KEY_BYTES   32
#define BLOCK_WORDS 16
#define BLOCK_BYTES 64
#define SEED_BITS   256

static uint32_t key[KEY_WORDS];
static unsigned entropy_bits;

static inline uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

/* In registers: each word is read and written once. */
static inline __attribute__((always_inline)) void
quarter_round(uint32_t *pa, uint32_t *pb, uint32_t *pc, uint32_t *pd)
{
    uint32_t a = *pa, b = *pb, c = *pc, d = *pd;

    a += b;
    d = rotate(d ^ a, 16);
    c += d;
    b = rotate(b ^ c, 12);
    a += b;
    d = rotate(d ^ a, 8);
    c += d;
    b = rotate(b ^ c, 7);
    *pa = a;
    *pb = b;
    *pc = c;
    *pd = d;
}

void random_chacha20_block(const uint32_t k[8], uint32_t counter,
                           const uint32_t nonce[3], uint32_t out[16])
{
    uint32_t in[BLOCK_WORDS] = {0x61707865, 0x3320646e, 0x79622d32,
                                0x6b206574}; /* "expand 32-byte k" */

    memcpy(in + 4, k, KEY_BYTES);
    in[12] = counter;
    memcpy(in + 13, nonce, 3 * sizeof(uint32_t));
    memcpy(out, in, BLOCK_BYTES);
    for (int i = 0; i < 10; i++) {
        quarter_round(&out[0], &out[4], &out[8], &out[12]);
        quarter_round(&out[1], &out[5], &out[9], &out[13]);
        quarter_round(&out[2], &out[6], &out[10], &out[14]);
        quarter_round(&out[3], &out[7], &out[11], &out[15]);
        quarter_round(&out[0], &out[5], &out[10], &out[15]);
        quarter_round(&out[1], &out[6], &out[11], &out[12]);
        quarter_round(&out[2], &out[7], &out[8], &out[13]);
        quarter_round(&out[3], &out[4], &out[9], &out[14]);
    }
    for (int i = 0; i < BLOCK_WORDS; i++)
        out[i] += in[i];
}

static const uint32_t no_nonce[3];

void random_mix(const void *data, size_t nbytes, unsigned bits)
{
    const uint8_t *bytes = data;
    uint32_t block[BLOCK_WORDS];
    uint8_t fold[KEY_BYTES];

    for (size_t done = 0; done < nbytes; done += KEY_BYTES) {
        size_t part = nbytes - done < KEY_BYTES ? nbytes - done : KEY_BYTES;

        memcpy(fold, key, KEY_BYTES);
        for (size_t i = 0; i < part; i++)
            fold[i] ^= bytes[done + i];
        memcpy(key, fold, KEY_BYTES);
        random_chacha20_block(key, 0, no_nonce, block);
        memcpy(key, block, KEY_BYTES);
    }
    memset(block, 0, sizeof(block));
    memset(fold, 0, sizeof(fold));
    if (entropy_bits < SEED_BITS)
        entropy_bits += bits < SEED_BITS ? bits : SEED_BITS;
}

void random_fill(void *buf, size_t nbytes)
{
    uint32_t old[KEY_WORDS], block[BLOCK_WORDS];
    uint8_t *to = buf;
    uint32_t counter = 0;
    size_t have = BLOCK_BYTES - KEY_BYTES;

    memcpy(old, key, KEY_BYTES);
    random_chacha20_block(old, counter++, no_nonce, block);
    memcpy(key, block, KEY_BYTES);
    for (;;) {
        size_t part = nbytes < have ? nbytes : have;

        memcpy(to, (const uint8_t *)block + BLOCK_BYTES - have, part);
        to += part;
        nbytes -= part;
        if (nbytes == 0)
            break;
        random_chacha20_block(old, counter++, no_nonce, block);
        have = BLOCK_BYTES;
    }
    memset(old, 0, sizeof(old));
    memset(block, 0, sizeof(block));
}

bool random_is_seeded(void)
{
    return entropy_bits >= SEED_BITS;
}
