/*
 * The tables of System V's objects, one for each kind.
 *
 *      slots  [0] -> object     number = sequence * 32768 + place
 *             [1]    NULL
 *             [2] -> object
 *      keys   a tree of those that have a key
 *
 * The sequence is another one for each object that is made, so that a number
 * does not mean another object soon after the first was removed.
 */
#include "lib/units.h"
#include "proc/sysv.h"

#include <cairn/errno.h>

#include "arch/i386/clock.h"
#include "fs/claim.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/user.h"

#define PLACES     32768
#define SEQUENCES  65536
#define FIRST_SIZE 16u

/* What a user may take of memory, in all, by objects that stay. */
#define USER_PART 8u

struct table {
    struct sysv_object **slots;
    unsigned size, used;
    unsigned hint; /* no lower place is free */
    unsigned sequence;
    struct tree keys;
};

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    const struct sysv_object *x = container_of(a, struct sysv_object, node);
    const struct sysv_object *y = container_of(b, struct sysv_object, node);

    return (x->key > y->key) - (x->key < y->key);
}

static const struct tree_ops key_tree = {.compare = compare};
static struct table tables[SYSV_NKINDS] = {
    [SYSV_SHM] = {.keys = {.ops = &key_tree}},
    [SYSV_SEM] = {.keys = {.ops = &key_tree}},
    [SYSV_MSG] = {.keys = {.ops = &key_tree}},
};

uint64_t sysv_now(void)
{
    return clock_realtime_ns() / NS_PER_S;
}

/* ---- finding ---- */

static struct sysv_object *lookup(struct table *table, int32_t key)
{
    struct tree_node *node = table->keys.root;

    while (node != NULL) {
        struct sysv_object *object =
            container_of(node, struct sysv_object, node);

        if (object->key == key)
            return object;
        node = key < object->key ? node->left : node->right;
    }
    return NULL;
}

int sysv_find_key(enum sysv_kind kind, int32_t key, uint32_t flags,
                  struct sysv_object **out)
{
    *out = key != IPC_PRIVATE ? lookup(&tables[kind], key) : NULL;
    if (*out == NULL)
        return key == IPC_PRIVATE || (flags & IPC_CREAT) ? 0 : -ENOENT;
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
        return -EEXIST;
    return 0;
}

int sysv_find_at(enum sysv_kind kind, int index, struct sysv_object **out)
{
    const struct table *table = &tables[kind];

    *out = (uint32_t)index < table->size ? table->slots[index] : NULL;
    return *out != NULL ? 0 : -EINVAL;
}

int sysv_find(enum sysv_kind kind, int id, struct sysv_object **out)
{
    int error = id < 0 ? -EINVAL : sysv_find_at(kind, id % PLACES, out);

    return error == 0 && (*out)->id != id ? -EINVAL : error;
}

unsigned sysv_count(enum sysv_kind kind)
{
    return tables[kind].used;
}

int sysv_last(enum sysv_kind kind)
{
    const struct table *table = &tables[kind];
    unsigned n = table->size;

    while (n > 0 && table->slots[n - 1] == NULL)
        n--;
    return n > 0 ? (int)n - 1 : 0;
}

void sysv_each(enum sysv_kind kind,
               void (*visit)(struct sysv_object *object, void *ctx), void *ctx)
{
    const struct table *table = &tables[kind];

    for (unsigned i = 0; i < table->size; i++)
        if (table->slots[i] != NULL)
            visit(table->slots[i], ctx);
}

/* ---- rights ---- */

int sysv_permission(const struct sysv_object *object, uint32_t bits)
{
    const struct creds *creds = &current_process()->creds;
    uint32_t wanted = bits >> 6 | bits >> 3 | bits, granted = object->mode;

    if (creds->euid == object->uid || creds->euid == object->cuid)
        granted >>= 6;
    else if (creds_in_group(creds, object->gid) ||
             creds_in_group(creds, object->cgid))
        granted >>= 3;
    return (wanted & ~granted & 7) != 0 && creds->euid != 0 ? -EACCES : 0;
}

int sysv_check_owner(const struct sysv_object *object)
{
    uint32_t euid = current_process()->creds.euid;

    return euid == 0 || euid == object->uid || euid == object->cuid ? 0
                                                                    : -EPERM;
}

void sysv_read_perm(const struct sysv_object *object,
                    struct __cairn_ipc_perm *perm)
{
    *perm = (struct __cairn_ipc_perm){
        .key = object->key,
        .uid = object->uid,
        .gid = object->gid,
        .cuid = object->cuid,
        .cgid = object->cgid,
        .mode = object->mode,
        .seq = (uint16_t)(object->id / PLACES),
    };
}

int sysv_set_perm(struct sysv_object *object,
                  const struct __cairn_ipc_perm *perm)
{
    if (perm->uid == UINT32_MAX || perm->gid == UINT32_MAX)
        return -EINVAL;
    object->uid = perm->uid;
    object->gid = perm->gid;
    object->mode = (object->mode & ~0777u) | (perm->mode & 0777);
    object->ctime = sysv_now();
    return 0;
}

/* ---- life ---- */

int sysv_charge(struct user *user, uint64_t cost)
{
    uint64_t limit = (uint64_t)frame_total() * (PAGE_SIZE / USER_PART);

    if (!process_is_roots() && user->ipc_bytes + cost > limit)
        return -ENOSPC;
    user->ipc_bytes += cost;
    return 0;
}

static int grow(struct table *table)
{
    unsigned size = table->size ? 2 * table->size : FIRST_SIZE;
    struct sysv_object **slots = kzalloc(size * sizeof(struct sysv_object *));

    if (slots == NULL)
        return -ENOMEM;
    memcpy(slots, table->slots, table->size * sizeof(struct sysv_object *));
    kfree(table->slots);
    table->slots = slots;
    table->size = size;
    return 0;
}

/* Find a free place. */
static int pick_place(struct table *table, unsigned *place)
{
    unsigned max = process_is_roots() ? SYSV_MAX : SYSV_MAX - SYSV_SPARE;
    int error = 0;

    if (table->used >= max)
        return -ENOSPC;
    if (table->used == table->size)
        error = grow(table);
    if (error < 0)
        return error;
    while (table->slots[table->hint] != NULL)
        table->hint++;
    *place = table->hint;
    return 0;
}

int sysv_add(struct sysv_object *object, enum sysv_kind kind, int32_t key,
             uint32_t mode, uint64_t cost)
{
    struct process *p = current_process();
    struct table *table = &tables[kind];
    unsigned place;
    int error = pick_place(table, &place);

    if (error == 0)
        error = sysv_charge(p->user, cost);
    if (error < 0)
        return error;
    object->kind = kind;
    object->refs = 1;
    object->key = key;
    object->uid = object->cuid = p->creds.euid;
    object->gid = object->cgid = p->creds.egid;
    object->mode = mode & 0777;
    object->ctime = sysv_now();
    object->user = user_again(p->user);
    object->cost = cost;
    object->id = (int)(table->sequence * PLACES + place);
    table->sequence = (table->sequence + 1) % SEQUENCES;
    table->slots[place] = object;
    table->used++;
    if (key != IPC_PRIVATE)
        tree_insert(&table->keys, &object->node);
    return object->id;
}

void sysv_drop_key(struct sysv_object *object)
{
    if (object->key == IPC_PRIVATE)
        return;
    tree_remove(&tables[object->kind].keys, &object->node);
    object->key = IPC_PRIVATE;
}

void sysv_remove(struct sysv_object *object)
{
    struct table *table = &tables[object->kind];
    unsigned place = (unsigned)object->id % PLACES;

    sysv_drop_key(object);
    table->slots[place] = NULL;
    table->used--;
    if (place < table->hint)
        table->hint = place;
    object->removed = true;
}

bool sysv_put(struct sysv_object *object)
{
    if (--object->refs > 0)
        return false;
    object->user->ipc_bytes -= object->cost;
    user_put(object->user);
    return true;
}

/* ---- leak checks ---- */

static void claim_one(struct sysv_object *object, void *ctx)
{
    kmalloc_claim(object);
    user_claim(object->user);
    if (object->kind == SYSV_SHM)
        shm_claim(object, ctx);
    else if (object->kind == SYSV_SEM)
        sem_claim(object);
    else
        msg_claim(object);
}

void sysv_claim(struct fs_claims *claims)
{
    for (int kind = 0; kind < SYSV_NKINDS; kind++) {
        if (tables[kind].slots != NULL)
            kmalloc_claim(tables[kind].slots);
        sysv_each((enum sysv_kind)kind, claim_one, claims);
    }
}
