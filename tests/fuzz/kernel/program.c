/*
 * Programs: making, changing, writing and reading them. As text:
 *
 *      deed
 *      program UID
 *      NAME ARGUMENT...            0x12  a number
 *      ...                         r3    what step 3 gave
 *      end                         @40:6600  these bytes at AREA + 0x40
 */
#include <cairn/syscall.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

const struct call calls[] = {
#define CALL(name, result, a, b, c, d, e, f) \
    {#name,                                  \
     __NR_##name,                            \
     KIND_##result,                          \
     {KIND_##a, KIND_##b, KIND_##c, KIND_##d, KIND_##e, KIND_##f}},
#include <cairn/calls.def>
};
const unsigned ncalls = sizeof(calls) / sizeof(calls[0]);

uint64_t random_state = 1;

uint32_t random_word(void)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(z ^ z >> 31);
}

uint32_t random_below(uint32_t n)
{
    return (uint32_t)((uint64_t)random_word() * n >> 32);
}

bool one_in(uint32_t n)
{
    return random_below(n) == 0;
}

/* What ends the machine. */
static bool is_excluded(unsigned call)
{
    return calls[call].number == __NR_reboot;
}

/* Failures of memory and copies lead to code that nothing else reaches. */
static unsigned inject_call(void)
{
    for (unsigned call = 0; call < ncalls; call++)
        if (calls[call].number == __NR_inject)
            return call;
    return 0;
}

/* Of a call that most of the kernel's state hangs on. */
static unsigned rich_call(void)
{
    static const int numbers[] = {
        __NR_mmap2,    __NR_mmap2,   __NR_mremap,      __NR_munmap,
        __NR_mprotect, __NR_madvise, __NR_pwrite64,    __NR_pread64,
        __NR_write,    __NR_read,    __NR_ftruncate64, __NR_fallocate,
        __NR_open,     __NR_close,   __NR_dup2,        __NR_unlink,
        __NR_rename,   __NR_link,    __NR_fork,        __NR_writev,
        __NR_readv,    __NR_ioctl,   __NR_fcntl64,     __NR_memfd_create,
    };
    int number = numbers[random_below(sizeof(numbers) / sizeof(numbers[0]))];
    unsigned call = 0;

    while (calls[call].number != number)
        call++;
    return call;
}

/* Calls that end a program, wait or only tell are taken less often. */
static unsigned choose_any(void)
{
    for (;;) {
        unsigned call = one_in(40)  ? inject_call()
                        : one_in(3) ? rich_call()
                                    : random_below(ncalls);
        int number = calls[call].number;
        bool rare = number == __NR_exit || number == __NR_exit_group ||
                    number == __NR_pause || number == __NR_sigreturn ||
                    number == __NR_rt_sigreturn || number == __NR_sigsuspend ||
                    number == __NR_rt_sigsuspend || number == __NR_execve ||
                    calls[call].args[0] == KIND_none;

        rare = rare && number != __NR_fork;
        if (!is_excluded(call) && (!rare || one_in(10)))
            return call;
    }
}

/* Only the calls that FUZZ_CALLS in the environment names, if there is one. */
static unsigned choose_call(void)
{
    const char *names = getenv("FUZZ_CALLS");
    unsigned n = 0, wanted;

    if (names == NULL)
        return choose_any();
    for (const char *s = names; *s != '\0'; s += strspn(s, " "), n++)
        s += strcspn(s, " ");
    wanted = random_below(n);
    for (; wanted > 0; wanted--) {
        names += strcspn(names, " ");
        names += strspn(names, " ");
    }
    for (unsigned call = 0; call < ncalls; call++)
        if (strlen(calls[call].name) == strcspn(names, " ") &&
            strncmp(calls[call].name, names, strlen(calls[call].name)) == 0)
            return call;
    return choose_any();
}

static void make_step(struct program *program, unsigned at)
{
    program->steps[at].call = (uint16_t)choose_call();
    for (unsigned n = 0; n < NARGS; n++)
        value_make(program, at, n);
}

static void make_program(struct program *program)
{
    program->uid = one_in(2) ? 0 : 1000;
    program->nsteps = 0;
    for (unsigned n = 2 + random_below(MAX_STEPS - 6); n > 0; n--)
        make_step(program, program->nsteps++);
}

void deed_make(struct deed *deed)
{
    deed->nprograms = one_in(3) ? 1 + random_below(MAX_PROGRAMS) : 1;
    for (unsigned i = 0; i < deed->nprograms; i++)
        make_program(&deed->programs[i]);
}

/* ---- changes ---- */

static void insert_step(struct program *program)
{
    unsigned at = random_below(program->nsteps + 1);

    if (program->nsteps == MAX_STEPS)
        return;
    memmove(&program->steps[at + 1], &program->steps[at],
            (program->nsteps - at) * sizeof(struct step));
    program->nsteps++;
    for (unsigned i = at + 1; i < program->nsteps; i++)
        for (unsigned n = 0; n < NARGS; n++)
            if (program->steps[i].args[n].type == ARG_RESULT &&
                program->steps[i].args[n].value >= at)
                program->steps[i].args[n].value++;
    make_step(program, at);
}

static void remove_step(struct program *program)
{
    unsigned at = random_below(program->nsteps);

    if (program->nsteps < 2)
        return;
    program->nsteps--;
    memmove(&program->steps[at], &program->steps[at + 1],
            (program->nsteps - at) * sizeof(struct step));
    for (unsigned i = at; i < program->nsteps; i++)
        for (unsigned n = 0; n < NARGS; n++)
            if (program->steps[i].args[n].type == ARG_RESULT &&
                program->steps[i].args[n].value > at)
                program->steps[i].args[n].value--;
}

static void change_number(struct arg *arg)
{
    switch (random_below(4)) {
    case 0:
        arg->value ^= 1u << random_below(32);
        break;
    case 1:
        arg->value += random_below(9) - 4;
        break;
    case 2:
        arg->value += one_in(2) ? PAGE : -PAGE;
        break;
    default:
        arg->value = random_word();
    }
}

static void change_arg(struct program *program)
{
    unsigned at = random_below(program->nsteps), n = random_below(NARGS);
    struct arg *arg = &program->steps[at].args[n];

    for (unsigned i = 0; i < NARGS; i++, n = (n + 1) % NARGS)
        if (calls[program->steps[at].call].args[n] != KIND_none)
            break;
    arg = &program->steps[at].args[n];
    if (arg->type == ARG_BYTES && arg->nbytes > 0 && one_in(2))
        arg->bytes[random_below(arg->nbytes)] ^=
            (uint8_t)(1u << random_below(8));
    else if (arg->type == ARG_NUMBER && one_in(3))
        change_number(arg);
    else
        value_make(program, at, n);
}

/* Append a piece of another program; its results stay its own. */
static void splice(struct program *program, const struct program *other)
{
    unsigned from = random_below(other->nsteps), base = program->nsteps;

    for (; from < other->nsteps && program->nsteps < MAX_STEPS; from++) {
        struct step *step = &program->steps[program->nsteps++];

        *step = other->steps[from];
        for (unsigned n = 0; n < NARGS; n++)
            if (step->args[n].type == ARG_RESULT) {
                step->args[n].value += base;
                if (step->args[n].value + 1 >= program->nsteps)
                    step->args[n].value = random_below(program->nsteps);
            }
    }
}

static void double_step(struct program *program)
{
    if (program->nsteps == MAX_STEPS)
        return;
    program->steps[program->nsteps] =
        program->steps[random_below(program->nsteps)];
    program->nsteps++;
}

static void change_deed(struct deed *deed, const struct deed *other)
{
    if (deed->nprograms < MAX_PROGRAMS && one_in(3))
        deed->programs[deed->nprograms++] =
            one_in(2) ? other->programs[0] : deed->programs[0];
    else if (deed->nprograms > 1)
        deed->nprograms--;
}

void deed_mutate(struct deed *deed, const struct deed *other)
{
    for (unsigned times = 1 + random_below(4); times > 0; times--) {
        struct program *program =
            &deed->programs[random_below(deed->nprograms)];
        unsigned what = random_below(20);

        if (what < 6)
            insert_step(program);
        else if (what < 8)
            remove_step(program);
        else if (what < 14)
            change_arg(program);
        else if (what < 16)
            splice(program, &other->programs[random_below(other->nprograms)]);
        else if (what < 17)
            double_step(program);
        else if (what < 18)
            program->uid = program->uid ? 0 : 1000;
        else
            change_deed(deed, other);
    }
}

/* ---- text ---- */

static char *write_arg(char *at, const struct arg *arg)
{
    if (arg->type == ARG_RESULT)
        return at + sprintf(at, " r%u", (unsigned)arg->value);
    if (arg->type == ARG_NUMBER)
        return at + sprintf(at, " 0x%x", (unsigned)arg->value);
    at += sprintf(at, " @%x:", (unsigned)arg->value);
    for (unsigned i = 0; i < arg->nbytes; i++)
        at += sprintf(at, "%02x", arg->bytes[i]);
    return at;
}

static unsigned nargs_of(const struct call *call)
{
    unsigned n = 0;

    while (n < NARGS && call->args[n] != KIND_none)
        n++;
    return n;
}

size_t deed_write(const struct deed *deed, char *text)
{
    char *at = text;

    at += sprintf(at, "deed\n");
    for (unsigned p = 0; p < deed->nprograms; p++) {
        const struct program *program = &deed->programs[p];

        at += sprintf(at, "program %u\n", (unsigned)program->uid);
        for (unsigned i = 0; i < program->nsteps; i++) {
            const struct step *step = &program->steps[i];

            at += sprintf(at, "%s", calls[step->call].name);
            for (unsigned n = 0; n < nargs_of(&calls[step->call]); n++)
                at = write_arg(at, &step->args[n]);
            *at++ = '\n';
        }
    }
    at += sprintf(at, "end\n");
    return (size_t)(at - text);
}

static bool read_bytes(struct arg *arg, const char *word)
{
    char *end;
    unsigned byte;

    arg->type = ARG_BYTES;
    arg->value = strtoul(word + 1, &end, 16);
    if (*end != ':' || arg->value > AREA_BYTES - MAX_BLOB)
        return false;
    for (end++; arg->nbytes < MAX_BLOB && sscanf(end, "%2x", &byte) == 1;
         end += 2)
        arg->bytes[arg->nbytes++] = (uint8_t)byte;
    return *end == '\0';
}

static bool read_arg(struct arg *arg, const char *word, unsigned at)
{
    memset(arg, 0, sizeof(*arg));
    if (*word == '@')
        return read_bytes(arg, word);
    if (*word == 'r') {
        arg->type = ARG_RESULT;
        arg->value = strtoul(word + 1, NULL, 10);
        return arg->value <= at;
    }
    arg->value = strtoul(word, NULL, 16);
    return isdigit((unsigned char)*word);
}

static bool read_step(struct program *program, char *line)
{
    struct step *step = &program->steps[program->nsteps];
    char *save, *word = strtok_r(line, " ", &save);
    unsigned call = 0;

    while (call < ncalls && (!word || strcmp(calls[call].name, word) != 0))
        call++;
    if (call == ncalls || program->nsteps == MAX_STEPS)
        return false;
    memset(step, 0, sizeof(*step));
    step->call = (uint16_t)call;
    for (unsigned n = 0; (word = strtok_r(NULL, " ", &save)) != NULL; n++)
        if (n == NARGS || !read_arg(&step->args[n], word, program->nsteps))
            return false;
    program->nsteps++;
    return true;
}

static bool read_line(const char **text, char *line, size_t size)
{
    size_t n = strcspn(*text, "\n");

    if (**text == '\0' || n >= size)
        return false;
    memcpy(line, *text, n);
    line[n] = '\0';
    *text += n + ((*text)[n] == '\n');
    return true;
}

/* One line of a deed; false if it makes no sense. */
static bool take_line(struct deed *deed, char *line)
{
    unsigned uid;

    if (sscanf(line, "program %u", &uid) == 1) {
        if (deed->nprograms == MAX_PROGRAMS)
            return false;
        deed->programs[deed->nprograms].uid = uid;
        deed->programs[deed->nprograms++].nsteps = 0;
        return true;
    }
    return deed->nprograms > 0 &&
           read_step(&deed->programs[deed->nprograms - 1], line);
}

static bool is_whole(const struct deed *deed)
{
    for (unsigned i = 0; i < deed->nprograms; i++)
        if (deed->programs[i].nsteps == 0)
            return false;
    return deed->nprograms > 0;
}

bool deed_read(const char **text, struct deed *deed)
{
    char line[2048];
    bool good = false;

    while (read_line(text, line, sizeof(line))) {
        if (strcmp(line, "deed") == 0) {
            deed->nprograms = 0;
            good = true;
        } else if (strcmp(line, "end") == 0) {
            if (good && is_whole(deed))
                return true;
        } else if (*line != '\0' && *line != '#') {
            good = good && take_line(deed, line);
        }
    }
    return false;
}
