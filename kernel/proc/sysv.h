/*
 * System V's shared memory, semaphores and message queues: objects with
 * numbers, which programs find by a key, and which stay until they are removed.
 */
#ifndef PROC_SYSV_H
#define PROC_SYSV_H

#include <cairn/ipc.h>

#include "arch/i386/ucopy.h"
#include "lib/tree.h"
#include "lib/types.h"

struct __cairn_sembuf;
struct process;
struct user;

enum sysv_kind { SYSV_SHM, SYSV_SEM, SYSV_MSG, SYSV_NKINDS };

/* At most so many of a kind; the last SYSV_SPARE are root's alone. */
#define SYSV_MAX   4096u
#define SYSV_SPARE 256u

/* What every object begins with. */
struct sysv_object {
    struct tree_node node; /* in the tree of keys, if it has one */
    enum sysv_kind kind;   /* (c) */
    uint32_t refs;         /* the table, and who sleeps */
    bool removed;          /* its number is gone */
    int id;                /* (c) */
    int32_t key;           /* IPC_PRIVATE: none */
    uint32_t uid, gid;
    uint32_t cuid, cgid; /* (c) of who made it */
    uint32_t mode;
    uint64_t ctime;    /* seconds since 1970 */
    struct user *user; /* (c) counted: who pays */
    uint64_t cost;     /* (c) bytes */
};

/* Bits of rights that a call wants, as in a mode. */
#define SYSV_READ  0444u
#define SYSV_WRITE 0222u

/* ---- sysv.c ---- */

/*
 * Find what `key` means for a call xxxget: the object, NULL if it is to be
 * made. -ENOENT, -EEXIST. Rights are not checked.
 */
int sysv_find_key(enum sysv_kind kind, int32_t key, uint32_t flags,
                  struct sysv_object **out) must_check;

/* Find an object by its number, or by its place in the table: -EINVAL. */
int sysv_find(enum sysv_kind kind, int id, struct sysv_object **out) must_check;
int sysv_find_at(enum sysv_kind kind, int index,
                 struct sysv_object **out) must_check;

/* May the running process do what these bits say? -EACCES. */
int sysv_permission(const struct sysv_object *object, uint32_t bits) must_check;

/* May it change or remove the object? -EPERM. */
int sysv_check_owner(const struct sysv_object *object) must_check;

/*
 * Put a new object, which is zeroed, into the table: its number, or -ENOSPC,
 * -ENOMEM. The user pays `cost` bytes until the object is put.
 */
int sysv_add(struct sysv_object *object, enum sysv_kind kind, int32_t key,
             uint32_t mode, uint64_t cost) must_check;

/* Take it out of the table. The table's reference is the caller's then. */
void sysv_remove(struct sysv_object *object);

/* It can no longer be found by its key. */
void sysv_drop_key(struct sysv_object *object);

/* Drop a reference; the caller frees the object if that was the last: true. */
bool sysv_put(struct sysv_object *object) must_check;

/* Let the running process's user pay for something of its own: -ENOSPC. */
int sysv_charge(struct user *user, uint64_t cost) must_check;

void sysv_read_perm(const struct sysv_object *object,
                    struct __cairn_ipc_perm *perm);

/* IPC_SET: new ids and permissions. -EINVAL. */
int sysv_set_perm(struct sysv_object *object,
                  const struct __cairn_ipc_perm *perm) must_check;

/* How many there are, and the highest place in use (0 if none is). */
unsigned sysv_count(enum sysv_kind kind);
int sysv_last(enum sysv_kind kind);

/* Call `visit` for every object of a kind. */
void sysv_each(enum sysv_kind kind,
               void (*visit)(struct sysv_object *object, void *ctx), void *ctx);

uint64_t sysv_now(void); /* seconds since 1970 */

struct fs_claims;
void sysv_claim(struct fs_claims *claims); /* for leak checks */
void shm_claim(struct sysv_object *object, struct fs_claims *claims);
void sem_claim(struct sysv_object *object);
void msg_claim(struct sysv_object *object);

/* ---- the calls: all return what the user gets ---- */

#define SHM_MAX_BYTES 0xBFF00000u

int shm_get(int32_t key, uint32_t nbytes, uint32_t flags) must_check;
int shm_attach(int id, uint32_t addr, uint32_t flags, uint32_t *out) must_check;
int shm_detach(uint32_t addr) must_check;
int shm_control(int id, int command, uaddr_t buf) must_check;

#define SEM_MAX_VALUE 32767
#define SEM_MAX_COUNT 32000u
#define SEM_MAX_OPS   500u

int sem_get(int32_t key, int nsems, uint32_t flags) must_check;
int sem_operate(int id, const struct __cairn_sembuf *ops, uint32_t nops,
                uint64_t deadline_ns) must_check;
int sem_control(int id, int number, int command, uint32_t arg) must_check;

/* A process ends: what it did with SEM_UNDO is undone. */
void sem_exit(struct process *p);

#define MSG_MAX_BYTES   8192u
#define MSG_QUEUE_BYTES 16384u

int msg_get(int32_t key, uint32_t flags) must_check;
int msg_send(int id, int32_t type, uaddr_t text, uint32_t nbytes,
             uint32_t flags) must_check;
int msg_receive(int id, uaddr_t buf, uint32_t nbytes, int32_t type,
                uint32_t flags) must_check;
int msg_control(int id, int command, uaddr_t buf) must_check;

#endif
