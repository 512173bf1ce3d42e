/*
 * Random bytes: a ChaCha20 generator (RFC 8439) that is keyed anew after every
 * request, so that what was handed out cannot be computed from what is left.
 *
 * Entropy is mixed in at any time; the generator works from the first call on,
 * random_is_seeded tells whether enough has come in.
 */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Mix `nbytes` in; `bits` is how much of it nobody can guess, 0 if unsure. */
void random_mix(const void *data, size_t nbytes, unsigned bits);

/* Fill a buffer. Not from interrupt handlers. */
void random_fill(void *buf, size_t nbytes);

/* At least 256 bits of entropy have been mixed in. */
bool random_is_seeded(void);

/* One ChaCha20 block, as RFC 8439 2.3 defines it; for tests. */
void random_chacha20_block(const uint32_t key[8], uint32_t counter,
                           const uint32_t nonce[3], uint32_t out[16]);

#endif
