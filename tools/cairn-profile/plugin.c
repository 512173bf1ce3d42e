/*
 * tools/cairn-profile/plugin.c - the plugin that QEMU loads for --profile
 *
 * It sees each instruction before it is executed, and the addresses at which
 * calls store the return address. From these it keeps for each thread of the
 * guest a list of its calls, and counts each instruction in the chain of calls
 * it belongs to (tools/cairn-run/profile.h).
 *
 * A thread is known by its kernel stack. Its list of calls holds those of user
 * code and, above, those of the kernel since it was entered. A call is dropped
 * when a return goes to its caller, or when something is called from a place
 * above it on the stack: so longjmp, signals and stacks of a program's own need
 * no special care.
 *
 * Arguments, all numbers, which cairn-run takes from the kernel's symbols:
 *
 *      data=FD         the memory to share
 *      base=ADDRESS    the first address of the kernel
 *      stacks=ADDRESS  the first kernel stack, stackend=ADDRESS, stacksize=N
 *      vectors=ADDRESS vectorend=ADDRESS: entries of traps, 16 bytes each
 *      init=ADDRESS    initend=ADDRESS: the function that writes the first
 *                      words of a new thread's kernel stack
 *      swap=ADDRESS    swapend=ADDRESS: the function that goes on with another
 *                      kernel stack, and takes words from it
 *      image=ADDRESS   a function that is called when a thread has a new image
 *
 * The interface is that of qemu-plugin.h, of which only what all versions have
 * in common is used.
 */
#define _GNU_SOURCE
#include "cairn-run/profile.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ---- QEMU's interface ---- */

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { CB_NO_REGS = 0 };
/* Loads and stores: asked for one, some versions of QEMU tell of the other. */
enum { MEM_RW = 3 };

typedef void tb_trans_fn(uint64_t id, struct qemu_plugin_tb *tb);
typedef void exec_fn(unsigned cpu, void *user);
typedef void mem_fn(unsigned cpu, uint32_t info, uint64_t address, void *user);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_trans_fn *cb);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *i,
                                                   exec_fn *cb, int flags,
                                                   void *user);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *i,
                                             mem_fn *cb, int flags, int rw,
                                             void *user);
extern bool qemu_plugin_mem_is_store(uint32_t info);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

/* The beginning of what the install function is told. */
struct info {
    const char *target;
    struct {
        int least, current;
    } version;
};

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const struct info *info, int argc,
                               char **argv);

/* Since version 3 bytes are copied; before, their address is returned. */
typedef const void *data_fn(const struct qemu_plugin_insn *insn);
typedef size_t copy_fn(const struct qemu_plugin_insn *insn, void *to, size_t n);
static data_fn *get_data;
static copy_fn *copy_data;

/* Version 2 has lost this function; what is used here has stayed since. */
__attribute__((constructor)) static void choose_version(void)
{
    if (dlsym(RTLD_DEFAULT, "qemu_plugin_n_vcpus") == NULL)
        qemu_plugin_version = 2;
}

static void find_data_function(const struct info *info)
{
    void *function = dlsym(RTLD_DEFAULT, "qemu_plugin_insn_data");

    if (info->version.current < 3)
        get_data = (data_fn *)function;
    else
        copy_data = (copy_fn *)function;
}

/* ---- what is kept ---- */

struct frame {
    uint32_t slot; /* where its return address is; of a trap, near it */
    uint32_t node;
    uint32_t trap; /* the number of its vector + 1, else 0 */
    uint32_t back; /* the address that it returns to */
    /* Of a trap: the call that was begun then, see struct thread. */
    uint32_t call_slot, call_from, call_back;
};

#define SLOT_UNKNOWN UINT32_MAX /* of a trap, until it first calls */
#define TRAP_FRAME   56 /* bytes that a trap pushes before it first calls */

/* A thread of the guest. */
struct thread {
    struct frame *frames;
    uint32_t n, room;
    uint32_t nuser;     /* of them in user mode */
    uint32_t root;      /* node */
    uint32_t call_slot; /* of a call whose function is not yet known, or 0 */
    uint32_t call_from, call_back, call_depth;
};

struct instruction {
    uint32_t pc;
    uint32_t node; /* for which `cell` is */
    struct profile_cell *cell;
    uint32_t nbytes;
    bool is_kernel, is_vector, is_image, is_iret, is_return, is_pop;
};

static struct {
    uint64_t data, base, stacks, stackend, stacksize, vectors, vectorend, init,
        initend, swap, swapend, image;
} arguments;

static struct profile_data *data;
/* The first has no stack of the area: firmware and the kernel's first code. */
static struct thread *threads;
static uint32_t nthreads;
static struct thread *now;
static uint32_t node;    /* current */
static uint32_t last_pc; /* of the instruction before */
static bool in_kernel = true;
static bool after_iret, after_return;
static uint32_t nimages;  /* so far */
static uint32_t no_image; /* node */
static struct instruction *instructions;
static size_t ninstructions;

/* Node of a parent, by what identifies it: open addressing, 0 is free. */
static uint32_t node_table[2 * PROFILE_MAX_NODES];

static uint32_t node_find(uint32_t parent, uint32_t pc, uint32_t from)
{
    uint32_t at = profile_hash(parent, pc) + from * 2654435761u;
    struct profile_node *nodes = data->nodes;

    at ^= at >> 13;
    for (;; at++) {
        uint32_t *place = &node_table[at % (2 * PROFILE_MAX_NODES)];

        if (*place == 0) {
            if (data->nnodes == PROFILE_MAX_NODES ||
                nodes[parent].depth == PROFILE_MAX_DEPTH)
                return parent;
            *place = data->nnodes++;
            nodes[*place] = (struct profile_node){parent, pc, from,
                                                  nodes[parent].depth + 1, 0};
        }
        if (nodes[*place].parent == parent && nodes[*place].pc == pc &&
            nodes[*place].from == from)
            return *place;
    }
}

static struct profile_cell *cell_find(uint32_t pc)
{
    uint32_t at = profile_hash(node, pc);

    for (;; at++) {
        struct profile_cell *cell = &data->cells[at % PROFILE_MAX_CELLS];

        if (cell->node == node && cell->pc == pc)
            return cell;
        if (cell->node != 0)
            continue;
        if (data->ncells == PROFILE_MAX_CELLS / 4 * 3)
            return NULL;
        data->ncells++;
        cell->node = node;
        cell->pc = pc;
        return cell;
    }
}

/* ---- the calls of a thread ---- */

static uint32_t top_node(const struct thread *t)
{
    return t->n > 0 ? t->frames[t->n - 1].node : t->root;
}

static void push(struct thread *t, struct frame frame, uint32_t pc,
                 uint32_t from)
{
    if (t->n == t->room) {
        t->room = t->room > 0 ? 2 * t->room : 64;
        t->frames = realloc(t->frames, t->room * sizeof(*t->frames));
        if (t->frames == NULL)
            abort();
    }
    node = node_find(top_node(t), pc, from);
    data->nodes[node].calls++;
    frame.node = node;
    t->frames[t->n++] = frame;
    t->call_slot = 0;
}

/* Drop the calls of this mode that are not above `slot` on the stack. */
static void drop(struct thread *t, uint32_t slot)
{
    uint32_t least = in_kernel ? t->nuser : 0;

    while (t->n > least && t->frames[t->n - 1].slot <= slot)
        t->n--;
    node = top_node(t);
}

static struct thread *thread_of(uint32_t address)
{
    if (address < arguments.stacks || address >= arguments.stackend)
        return &threads[0];
    return &threads[1 + (address - arguments.stacks) / arguments.stacksize];
}

/* A trap, with the instruction that it came in or after. */
static void enter_kernel(const struct instruction *i)
{
    uint32_t vector =
        i->is_vector ? (uint32_t)(i->pc - arguments.vectors) / 16 : 0x80;
    struct frame trap;

    if (!in_kernel)
        now->nuser = now->n;
    in_kernel = true;
    trap = (struct frame){.slot = SLOT_UNKNOWN,
                          .trap = vector + 1,
                          .call_slot = now->call_slot,
                          .call_from = now->call_from,
                          .call_back = now->call_back};
    push(now, trap, i->pc, last_pc);
}

/*
 * An instruction that had a fault and is executed again has been counted before
 * it was complete: once is enough.
 */
static void forget_fault(const struct frame *trap, const struct instruction *i)
{
    static const uint32_t faults = 0x37FE1; /* 0, 5-14, 16, 17 */
    struct profile_cell *cell;

    if (trap->trap == 0 || trap->trap > 18 ||
        !(faults >> (trap->trap - 1) & 1) ||
        data->nodes[trap->node].from != i->pc)
        return;
    node = top_node(now);
    cell = cell_find(i->pc);
    if (cell != NULL && cell->count > 0)
        cell->count--;
}

/* Go on with the call, if any, that the trap came in the midst of. */
static void end_trap(const struct frame *trap)
{
    now->call_slot = trap->call_slot;
    now->call_from = trap->call_from;
    now->call_back = trap->call_back;
    now->call_depth = now->n;
}

/*
 * Back in user mode, or there for the first time: a new thread has not come by
 * a trap, and the first program was begun by no system call.
 */
static void leave_kernel(const struct instruction *i)
{
    now->call_slot = 0;
    in_kernel = false;
    if (now->root == no_image)
        now->root = node_find(0, 0, UINT32_MAX);
    if (now->n > now->nuser) {
        struct frame trap = now->frames[now->nuser];

        now->n = now->nuser;
        if (trap.trap != 0) {
            forget_fault(&trap, i);
            end_trap(&trap);
        }
    }
    node = top_node(now);
}

/* IRET to the kernel: the trap that began last is over. */
static void leave_trap(void)
{
    while (now->n > now->nuser && now->frames[--now->n].trap == 0)
        ;
    if (now->n < now->room && now->frames[now->n].trap != 0)
        end_trap(&now->frames[now->n]);
    node = top_node(now);
}

/* ---- what QEMU calls ---- */

/* The calls of the image before are gone; those of the kernel go on. */
static void begin_image(void)
{
    now->root = node_find(0, ++nimages, UINT32_MAX);
    now->n -= now->nuser;
    memmove(now->frames, now->frames + now->nuser,
            now->n * sizeof(*now->frames));
    now->nuser = 0;
}

/*
 * A return, and the instruction after it: drop the call that was to return
 * there. A return that none knows of is some other kind of jump.
 */
static void end_call(const struct instruction *i)
{
    uint32_t least = in_kernel ? now->nuser : 0, n = now->n;

    while (n > least && now->frames[n - 1].trap == 0 &&
           now->frames[n - 1].back != i->pc)
        n--;
    if (n > least && now->frames[n - 1].trap == 0)
        now->n = n - 1;
    node = top_node(now);
}

/* A trap came first: it is not known where the return goes. */
static void end_call_blindly(void)
{
    uint32_t least = in_kernel ? now->nuser : 0;

    if (now->n > least && now->frames[now->n - 1].trap == 0)
        now->n--;
    node = top_node(now);
}

/* Modes and calls that this instruction begins or ends. */
static void notice(const struct instruction *i)
{
    if (after_return && i->is_kernel == in_kernel && !i->is_vector)
        end_call(i);
    else if (after_return)
        end_call_blindly();
    after_return = i->is_return;
    if (i->is_kernel && (!in_kernel || i->is_vector))
        enter_kernel(i);
    else if (!i->is_kernel && in_kernel && now != threads)
        leave_kernel(i);
    else if (after_iret)
        leave_trap();
    after_iret = i->is_iret;
    if (now->call_depth > now->n)
        now->call_slot = 0;
    if (now->call_slot != 0 && now->call_depth == now->n) {
        struct frame call = {.slot = now->call_slot, .back = now->call_back};

        push(now, call, i->pc, now->call_from);
    }
    if (i->is_image)
        begin_image();
}

static void on_instruction(unsigned cpu, void *user)
{
    struct instruction *i = user;

    (void)cpu;
    if (i->is_kernel != in_kernel || i->is_vector || i->is_image ||
        i->is_iret || i->is_return || after_iret || after_return ||
        now->call_slot != 0)
        notice(i);
    last_pc = i->pc;
    if (i->node != node || i->cell == NULL) {
        i->node = node;
        i->cell = cell_find(i->pc);
    }
    if (i->cell != NULL)
        i->cell->count++;
    else
        data->lost++;
}

/* The kernel has changed to another stack. */
static void follow_stack(uint32_t address)
{
    if (in_kernel && now != thread_of(address)) {
        now = thread_of(address);
        node = top_node(now);
    }
}

/*
 * A call has stored its return address. Some versions of QEMU also tell of what
 * later instructions do by a helper function.
 */
static void on_call(unsigned cpu, uint32_t info, uint64_t address, void *user)
{
    const struct instruction *i = user;
    uint32_t slot = (uint32_t)address;

    (void)cpu;
    if (i->pc != last_pc || !qemu_plugin_mem_is_store(info))
        return;
    follow_stack(slot);
    drop(now, slot);
    if (now->n > 0 && now->frames[now->n - 1].slot == SLOT_UNKNOWN)
        now->frames[now->n - 1].slot = slot + TRAP_FRAME;
    now->call_slot = slot;
    now->call_from = i->pc;
    now->call_back = i->pc + i->nbytes;
    now->call_depth = now->n;
}

/* The function that changes the stack takes words from the new one. */
static void on_switch(unsigned cpu, uint32_t info, uint64_t address, void *user)
{
    const struct instruction *i = user;

    (void)cpu;
    if (i->pc == last_pc && !qemu_plugin_mem_is_store(info) && i->is_pop)
        follow_stack((uint32_t)address);
}

/* The first words on the stack of a thread that the current one makes. */
static void on_new_stack(unsigned cpu, uint32_t info, uint64_t address,
                         void *user)
{
    struct thread *t = thread_of((uint32_t)address);
    const struct instruction *i = user;

    (void)cpu;
    if (i->pc != last_pc || !qemu_plugin_mem_is_store(info) || t == now ||
        t == &threads[0])
        return;
    t->n = t->nuser = 0;
    t->root = now->root;
    t->call_slot = 0;
    if (now->nuser > t->room) {
        t->room = now->nuser;
        t->frames = realloc(t->frames, t->room * sizeof(*t->frames));
        if (t->frames == NULL)
            abort();
    }
    if (now->nuser > 0)
        memcpy(t->frames, now->frames, now->nuser * sizeof(*t->frames));
    t->n = t->nuser = now->nuser;
}

/* ---- translation ---- */

enum kind { OTHER, CALL, RETURN, INTERRUPT_RETURN, POP };

static bool is_prefix(uint8_t byte)
{
    return byte == 0x26 || byte == 0x2E || byte == 0x36 || byte == 0x3E ||
           byte == 0xF2 || byte == 0xF3 || (byte >= 0x64 && byte <= 0x67);
}

static enum kind kind_of(const struct qemu_plugin_insn *insn)
{
    uint8_t bytes[16] = {0};
    size_t n = qemu_plugin_insn_size(insn), at = 0;

    if (n > sizeof(bytes) - 1)
        n = sizeof(bytes) - 1;
    if (get_data != NULL)
        memcpy(bytes, get_data(insn), n);
    else
        copy_data(insn, bytes, n);
    while (at < n && is_prefix(bytes[at]))
        at++;
    if ((bytes[at] & 0xF8) == 0x58)
        return POP;
    switch (bytes[at]) {
    case 0xE8:
        return CALL;
    case 0xFF:
        return (bytes[at + 1] & 0x38) == 0x10 ? CALL : OTHER;
    case 0xC2:
    case 0xC3:
        return RETURN;
    case 0xCF:
        return INTERRUPT_RETURN;
    default:
        return OTHER;
    }
}

static bool is_within(uint32_t pc, uint64_t start, uint64_t end)
{
    return pc >= start && pc < end;
}

/* Blocks are translated again and again: each pc has one for all of them. */
static struct instruction *instruction_at(uint32_t pc)
{
    static struct instruction *table[1 << 18];
    struct instruction **place = &table[profile_hash(0, pc) % (1 << 18)];

    if (*place != NULL && (*place)->pc == pc)
        return *place;
    if (ninstructions % 4096 == 0)
        instructions = malloc(4096 * sizeof(*instructions));
    if (instructions == NULL)
        abort();
    *place = &instructions[ninstructions++ % 4096];
    **place = (struct instruction){
        .pc = pc,
        .is_kernel = pc >= arguments.base,
        .is_vector = is_within(pc, arguments.vectors, arguments.vectorend) &&
                     (pc - arguments.vectors) % 16 == 0,
        .is_image = pc == arguments.image,
    };
    return *place;
}

static void watch(struct qemu_plugin_insn *insn)
{
    uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(insn);
    struct instruction *i = instruction_at(pc);
    enum kind kind = kind_of(insn);

    i->nbytes = (uint32_t)qemu_plugin_insn_size(insn);
    i->is_iret = kind == INTERRUPT_RETURN;
    i->is_return = kind == RETURN;
    i->is_pop = kind == POP;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, CB_NO_REGS, i);
    if (kind == CALL)
        qemu_plugin_register_vcpu_mem_cb(insn, on_call, CB_NO_REGS, MEM_RW, i);
    else if (is_within(pc, arguments.swap, arguments.swapend))
        qemu_plugin_register_vcpu_mem_cb(insn, on_switch, CB_NO_REGS, MEM_RW,
                                         i);
    else if (is_within(pc, arguments.init, arguments.initend))
        qemu_plugin_register_vcpu_mem_cb(insn, on_new_stack, CB_NO_REGS, MEM_RW,
                                         i);
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        watch(qemu_plugin_tb_get_insn(tb, i));
}

/* ---- the start ---- */

static bool take_argument(const char *text)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } known[] = {
        {"data=", &arguments.data},
        {"base=", &arguments.base},
        {"stacks=", &arguments.stacks},
        {"image=", &arguments.image},
        {"stackend=", &arguments.stackend},
        {"init=", &arguments.init},
        {"stacksize=", &arguments.stacksize},
        {"initend=", &arguments.initend},
        {"swap=", &arguments.swap},
        {"swapend=", &arguments.swapend},
        {"vectors=", &arguments.vectors},
        {"vectorend=", &arguments.vectorend},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t n = strlen(known[i].name);

        if (strncmp(text, known[i].name, n) == 0) {
            *known[i].value = strtoull(text + n, NULL, 0);
            return true;
        }
    }
    return false;
}

int qemu_plugin_install(uint64_t id, const struct info *info, int argc,
                        char **argv)
{
    find_data_function(info);
    for (int i = 0; i < argc; i++)
        if (!take_argument(argv[i]))
            return -1;
    if (arguments.stacksize == 0)
        return -1;
    data = mmap(NULL, sizeof(*data), PROT_READ | PROT_WRITE, MAP_SHARED,
                (int)arguments.data, 0);
    nthreads = 1 + (uint32_t)((arguments.stackend - arguments.stacks) /
                              arguments.stacksize);
    threads = calloc(nthreads, sizeof(*threads));
    if (data == MAP_FAILED || threads == NULL)
        return -1;
    data->nnodes = 1;
    data->is_ready = 1;
    node = no_image = node_find(0, PROFILE_NO_IMAGE, UINT32_MAX);
    for (uint32_t i = 0; i < nthreads; i++)
        threads[i].root = no_image;
    now = threads;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
