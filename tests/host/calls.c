/*
 * <cairn/calls.def> describes each call of <cairn/syscalls.def>, with as many
 * arguments, and no other.
 */
#include <string.h>

#include "tap.h"

enum kind {
#define ARGKIND(kind, text) KIND_##kind,
#include <cairn/calls.def>
    NKINDS
};

static const char *const kind_texts[] = {
#define ARGKIND(kind, text) text,
#include <cairn/calls.def>
};

static const struct call {
    const char *name;
    enum kind result, args[6];
} calls[] = {
#define CALL(name, result, a, b, c, d, e, f) \
    {#name,                                  \
     KIND_##result,                          \
     {KIND_##a, KIND_##b, KIND_##c, KIND_##d, KIND_##e, KIND_##f}},
#include <cairn/calls.def>
};

static const struct {
    const char *name;
    unsigned nargs;
} syscalls[] = {
#define SYSCALL(number, name, nargs) {#name, nargs},
#include <cairn/syscalls.def>
#undef SYSCALL
};

#define NCALLS    (sizeof(calls) / sizeof(calls[0]))
#define NSYSCALLS (sizeof(syscalls) / sizeof(syscalls[0]))

static const struct call *find(const char *name)
{
    for (size_t i = 0; i < NCALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    return NULL;
}

static void test_complete(void)
{
    CHECK_EQ(NCALLS, NSYSCALLS);
    for (size_t i = 0; i < NSYSCALLS; i++) {
        const struct call *call = find(syscalls[i].name);
        unsigned nargs = 0;

        if (call == NULL) {
            CHECK_STR(syscalls[i].name, "is not in calls.def");
            continue;
        }
        while (nargs < 6 && call->args[nargs] != KIND_none)
            nargs++;
        if (nargs != syscalls[i].nargs)
            CHECK_STR(call->name, "has another number of arguments");
        for (; nargs < 6; nargs++)
            CHECK_EQ(call->args[nargs], KIND_none);
    }
}

static void test_kinds(void)
{
    for (size_t i = 0; i < NKINDS; i++)
        CHECK(kind_texts[i][0] != '\0');
    CHECK_EQ(KIND_none, 0);
}

int main(void)
{
    tap_run("each call is described", test_complete);
    tap_run("each kind has a text", test_kinds);
    return tap_done();
}
