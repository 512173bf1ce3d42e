/*
 * Where randomness comes from.
 *
 * RDSEED and RDRAND (Intel SDM 1, 7.3.17; CPUID.7:EBX bit 18, CPUID.1:ECX bit
 * 30) set the carry flag when they delivered; both may run dry, so they are
 * tried ten times. Their words count in full. What the time stamp counter
 * shows between short stretches of work counts as one bit in eight samples,
 * and is sampled for long only if there is nothing better.
 */
#include "arch/i386/entropy.h"

#include "arch/i386/cpu.h"
#include "lib/random.h"
#include "lib/types.h"

#define SEED_WORDS        16
#define TRIES             10
#define JITTER_SHORT      64
#define JITTER_LONG       2048
#define SAMPLES_PER_BIT   8
#define SAMPLES_PER_BATCH 16

static bool have_rdseed(void)
{
    uint32_t eax = 0, ebx, ecx = 0, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if (eax < 7)
        return false;
    eax = 7;
    ecx = 0;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return ebx >> 18 & 1;
}

static bool rdrand(uint32_t *word)
{
    bool ok;

    __asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(ok) : : "cc");
    return ok;
}

static bool rdseed(uint32_t *word)
{
    bool ok;

    __asm__ volatile("rdseed %0" : "=r"(*word), "=@ccc"(ok) : : "cc");
    return ok;
}

/* A word by `get`, tried a few times. */
static bool get_word(bool (*get)(uint32_t *word), uint32_t *word)
{
    for (int i = 0; i < TRIES; i++)
        if (get(word))
            return true;
    return false;
}

static void mix_instruction(bool (*get)(uint32_t *word))
{
    uint32_t words[SEED_WORDS];

    for (int i = 0; i < SEED_WORDS; i++)
        if (!get_word(get, &words[i]))
            return;
    random_mix(words, sizeof(words), 8 * sizeof(words));
}

/* Mix samples of the counter in, each after work of uneven length. */
static void mix_jitter(unsigned nsamples)
{
    uint64_t batch[SAMPLES_PER_BATCH];

    if (!cpu.tsc)
        return;
    for (unsigned n = 0; n < nsamples; n += SAMPLES_PER_BATCH) {
        for (unsigned i = 0; i < SAMPLES_PER_BATCH; i++) {
            volatile uint32_t work = (uint32_t)rdtsc() & 31;

            while (work > 0)
                work = work - 1;
            batch[i] = rdtsc();
        }
        random_mix(batch, sizeof(batch), SAMPLES_PER_BATCH / SAMPLES_PER_BIT);
    }
}

void entropy_init(void)
{
    mix_jitter(JITTER_SHORT);
    if (have_rdseed())
        mix_instruction(rdseed);
    if (!random_is_seeded() && cpu.rdrand)
        mix_instruction(rdrand);
    if (!random_is_seeded())
        mix_jitter(JITTER_LONG);
}
