/* kernel/mm/commit.c: what is promised can be taken, and no more. */
#include <cairn/errno.h>

#include "machine.h"
#include "mm/commit.h"
#include "tap.h"

#define NALL ((MACHINE_LOW_BYTES + MACHINE_HIGH_BYTES) / PAGE_SIZE)
#define NLOW (MACHINE_LOW_BYTES / PAGE_SIZE)

static paddr_t taken[NALL];

static struct commit_state state(void)
{
    struct commit_state now;

    commit_read(&now);
    return now;
}

static void test_limit(void)
{
    CHECK_EQ(state().limit, NALL);
    CHECK_EQ(commit_charge(NALL + 1), -ENOMEM);
    CHECK_EQ(commit_charge(SIZE_MAX), -ENOMEM);
    CHECK_EQ(state().charged, 0);
    CHECK_EQ(commit_charge(NALL), 0);
    CHECK_EQ(commit_charge(0), 0);
    CHECK_EQ(commit_charge(1), -ENOMEM);
    CHECK_EQ(commit_charge_low(1), -ENOMEM);
    commit_uncharge(1);
    CHECK_EQ(commit_charge_low(1), 0);
    CHECK_EQ(commit_charge_low(1), -ENOMEM);
    commit_uncharge_low(1);
    commit_uncharge(NALL - 1);
    CHECK_EQ(state().charged, 0);
}

static void test_low_limit(void)
{
    CHECK_EQ(commit_charge_low(NLOW + 1), -ENOMEM);
    CHECK_EQ(commit_charge_low(SIZE_MAX), -ENOMEM);
    CHECK_EQ(commit_charge_low(NLOW), 0);
    CHECK_EQ(commit_charge_low(1), -ENOMEM);
    CHECK_EQ(state().charged_low, NLOW);
    CHECK_EQ(commit_charge(NALL - NLOW), 0);
    CHECK_EQ(commit_charge(1), -ENOMEM);
    commit_uncharge(NALL - NLOW);
    commit_uncharge_low(NLOW);
}

/* User pages that had to take low memory are in the way of low charges. */
static void test_users_in_low_memory(void)
{
    size_t nhigh = NALL - NLOW;

    CHECK_EQ(commit_charge(nhigh + 10), 0);
    for (size_t i = 0; i < nhigh + 10; i++)
        taken[i] = commit_take(FRAME_USER);
    CHECK_EQ(commit_charge_low(NLOW - 9), -ENOMEM);
    CHECK_EQ(commit_charge_low(NLOW - 10), 0);
    /* Freeing high frames does not make room below. */
    for (size_t i = 0; i < 10; i++)
        commit_give(taken[i], FRAME_USER);
    CHECK_EQ(commit_charge_low(1), -ENOMEM);
    commit_uncharge_low(NLOW - 10);
    for (size_t i = 10; i < nhigh + 10; i++)
        commit_give(taken[i], FRAME_USER);
    commit_uncharge(nhigh + 10);
    CHECK_STR(commit_check(), NULL);
}

/* All of memory promised, half of it low: every take must succeed. */
static void take_all(uint64_t *random)
{
    size_t nlow = tap_random(random) % NLOW;
    size_t nuser = NALL - nlow;
    size_t n = 0;
    bool is_low[NALL];

    CHECK_EQ(commit_charge_low(nlow), 0);
    CHECK_EQ(commit_charge(nuser), 0);
    while (nlow + nuser > 0) {
        bool low = tap_random(random) % (nlow + nuser) < nlow;

        is_low[n] = low;
        taken[n++] = commit_take(low ? FRAME_PAGETABLE : FRAME_USER);
        if (low)
            nlow--;
        else
            nuser--;
    }
    CHECK_EQ(frame_free_low() + frame_free_high(), 0);
    CHECK_STR(commit_check(), NULL);
    for (size_t i = 0; i < n; i++) {
        enum frame_kind kind = is_low[i] ? FRAME_PAGETABLE : FRAME_USER;

        CHECK_EQ(commit_give(taken[i], kind), 0);
        if (is_low[i])
            commit_uncharge_low(1);
        else
            commit_uncharge(1);
    }
}

static void test_take_all(void)
{
    uint64_t random = tap_seed(1);

    for (unsigned long i = 0; i < tap_repeats(20); i++)
        take_all(&random);
    CHECK_EQ(state().charged, 0);
    CHECK_STR(frame_check(), NULL);
}

static void test_shared_frame(void)
{
    paddr_t pa;

    CHECK_EQ(commit_charge(2), 0);
    pa = commit_take(FRAME_USER);
    frame_get(pa);
    CHECK_EQ(commit_give(pa, FRAME_USER), 1);
    CHECK_EQ(state().taken, 1);
    CHECK_EQ(commit_give(pa, FRAME_USER), 0);
    CHECK_EQ(state().taken, 0);
    CHECK_EQ(state().charged, 2);
    commit_uncharge(2);
}

static void test_file_outlives_its_file(void)
{
    paddr_t pa;

    CHECK_EQ(commit_charge(1), 0);
    pa = commit_take(FRAME_FILE);
    frame_get(pa);
    commit_put_file(pa);
    CHECK_EQ(state().charged, 1);
    commit_put_file(pa);
    CHECK_EQ(state().charged, 0);
    CHECK_STR(commit_check(), NULL);
}

static void test_blocks(void)
{
    paddr_t pa;

    CHECK_EQ(commit_alloc_block(3, FRAME_KERNEL, &pa), 0);
    CHECK_EQ(pa & (8 * PAGE_SIZE - 1), 0);
    CHECK_EQ(state().taken_low, 8);
    CHECK_EQ(state().charged, 8);
    commit_free_block(pa, 3);
    CHECK_EQ(state().taken_low, 0);
    CHECK_EQ(state().charged, 0);
    /* A block that no zone has: the charge goes back. */
    CHECK_EQ(commit_alloc_block(FRAME_MAX_ORDER + 1, FRAME_KERNEL, &pa),
             -ENOMEM);
    CHECK_EQ(state().taken_low, 0);
    CHECK_EQ(state().charged, 0);
    CHECK_STR(commit_check(), NULL);
}

/* A module's frames were never charged for, yet can be given back. */
static void test_adopt(void)
{
    size_t limit = state().limit;
    paddr_t pa;

    CHECK_EQ(frame_alloc(0, FRAME_ANY, FRAME_FILE, &pa), 0);
    commit_init();
    CHECK_EQ(state().limit, limit - 1);
    commit_adopt(1);
    CHECK_EQ(state().limit, limit);
    CHECK_EQ(state().charged, 1);
    CHECK_STR(commit_check(), NULL);
    commit_put_file(pa);
    CHECK_EQ(state().charged, 0);
    CHECK_EQ(commit_charge(limit), 0);
    commit_uncharge(limit);
    CHECK_STR(commit_check(), NULL);
}

static void test_misuse(void)
{
    CHECK_PANIC(commit_take(FRAME_USER), "commit: no frame");
    CHECK_PANIC(commit_take(FRAME_KERNEL), "commit: no frame");
    CHECK_PANIC(commit_uncharge(1), "assertion");
    CHECK_PANIC(commit_uncharge_low(1), "assertion");
}

int main(void)
{
    machine_start();
    tap_run("no more is promised than there is", test_limit);
    tap_run("low memory has a limit of its own", test_low_limit);
    tap_run("users in low memory are seen", test_users_in_low_memory);
    tap_run("what is promised can be taken, in any order", test_take_all);
    tap_run("a shared frame is given back once", test_shared_frame);
    tap_run("a file's page may outlive it", test_file_outlives_its_file);
    tap_run("blocks of low frames", test_blocks);
    tap_run("frames that were in use at the start", test_adopt);
    tap_run("taking or giving back too much panics", test_misuse);
    return tap_done();
}
