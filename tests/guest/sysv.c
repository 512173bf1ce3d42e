/*
 * System V's shared memory, semaphores and message queues: keys, numbers and
 * rights, what fork, exec, exit and removal do, waiting, undoing, limits, and
 * bad arguments, by the direct calls and by ipc.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#include <cairn/syscall.h>

#define PAGE 4096

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static key_t key;

static int status_of(pid_t pid)
{
    int status;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

/* ---- shared memory ---- */

static struct shmid_ds shm_stat(int id)
{
    struct shmid_ds ds;

    memset(&ds, 0xFF, sizeof(ds));
    shmctl(id, IPC_STAT, &ds);
    return ds;
}

static void test_shm(void)
{
    int id = shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600);
    char *a, *b;
    pid_t pid;

    CHECK(id >= 0);
    FAILS(shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    EQUAL(shmget(key, 100, 0), id);
    FAILS(shmget(key, 5001, 0), EINVAL);
    a = shmat(id, NULL, 0);
    CHECK(a != (void *)-1);
    EQUAL(a[0] | a[4999] | a[8191], 0);
    strcpy(a, "hello");
    b = shmat(id, NULL, SHM_RDONLY);
    CHECK(b != a);
    EQUAL(strcmp(b, "hello"), 0);
    EQUAL(shm_stat(id).shm_nattch, 2);
    EQUAL(shm_stat(id).shm_segsz, 5000);
    EQUAL(shm_stat(id).shm_cpid, getpid());
    EQUAL(shm_stat(id).shm_perm.mode & 0777, 0600);
    CHECK(shm_stat(id).shm_atime > 1000000000);
    pid = fork();
    if (pid == 0) {
        if (shm_stat(id).shm_nattch != 4)
            _exit(1);
        strcpy(a, "child");
        _exit(0);
    }
    EQUAL(status_of(pid), 0);
    EQUAL(strcmp(b, "child"), 0);
    EQUAL(shm_stat(id).shm_nattch, 2);
    EQUAL(shm_stat(id).shm_lpid, pid);
    EQUAL(shmdt(b), 0);
    FAILS(shmdt(b), EINVAL);
    FAILS(shmdt(a + 1), EINVAL);
    EQUAL(shm_stat(id).shm_nattch, 1);
    /* Removed: the key is free, the memory stays until the last one goes. */
    EQUAL(shmctl(id, IPC_RMID, NULL), 0);
    FAILS(shmget(key, 0, 0), ENOENT);
    CHECK(shm_stat(id).shm_perm.mode & SHM_DEST);
    strcpy(a, "still");
    EQUAL(shmdt(a), 0);
    FAILS(shmctl(id, IPC_STAT, &(struct shmid_ds){.shm_segsz = 0}), EINVAL);
}

static void test_shm_places(void)
{
    int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
    char *room =
        mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *a;

    FAILS((intptr_t)shmat(id, room + 1, 0), EINVAL);
    FAILS((intptr_t)shmat(id, room, 0), EINVAL); /* something is there */
    FAILS((intptr_t)shmat(id, NULL, SHM_REMAP), EINVAL);
    CHECK(shmat(id, room + 5, SHM_RND | SHM_REMAP) == room);
    room[0] = 'x';
    EQUAL(shmdt(room), 0);
    CHECK(shmat(id, room, 0) == room);
    EQUAL(room[0], 'x');
    /* A part of it unmapped, and one protected: shmdt finds the rest. */
    EQUAL(mprotect(room + PAGE, PAGE, PROT_READ), 0);
    EQUAL(munmap(room + 2 * PAGE, PAGE), 0);
    EQUAL(shmdt(room), 0);
    EQUAL(shm_stat(id).shm_nattch, 0);
    a = shmat(id, NULL, SHM_RDONLY);
    FAILS(mprotect(a, PAGE, PROT_READ | PROT_WRITE), EACCES);
    EQUAL(shmdt(a), 0);
    EQUAL(shmctl(id, SHM_LOCK, NULL), 0);
    CHECK(shm_stat(id).shm_perm.mode & SHM_LOCKED);
    EQUAL(shmctl(id, SHM_UNLOCK, NULL), 0);
    EQUAL(shmctl(id, IPC_RMID, NULL), 0);
    FAILS((intptr_t)shmat(id, NULL, 0), EINVAL);
    munmap(room, 8 * PAGE);
}

static void test_shm_bad(void)
{
    struct shmid_ds ds;
    int id = shmget(IPC_PRIVATE, 1, 0600);

    FAILS(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
    if (is_cairn()) { /* Linux promises more than it has */
        FAILS(shmget(IPC_PRIVATE, UINT_MAX - 100, 0600), EINVAL);
        FAILS(shmget(IPC_PRIVATE, 0x90000000u, 0600), ENOSPC);
    }
    FAILS(shmctl(-1, IPC_STAT, &ds), EINVAL);
    FAILS(shmctl(id, 77, &ds), EINVAL);
    FAILS(shmctl(id, IPC_STAT, (void *)8), EFAULT);
    FAILS(shmctl(id, IPC_SET, (void *)8), EFAULT);
    ds = shm_stat(id);
    ds.shm_perm.mode = 0640;
    EQUAL(shmctl(id, IPC_SET, &ds), 0);
    EQUAL(shm_stat(id).shm_perm.mode & 0777, 0640);
    CHECK(shmctl(0, IPC_INFO, &ds) >= 0);
    EQUAL(shmctl(id, IPC_RMID, NULL), 0);
    FAILS(shmctl(id, IPC_RMID, NULL), EINVAL);
}

/* An exec detaches; what stays in between is found by its key. */
static void test_shm_exec(const char *self)
{
    int id = shmget(key, PAGE, IPC_CREAT | 0600);
    char number[16];
    pid_t pid = fork();

    snprintf(number, sizeof(number), "%d", id);
    if (pid == 0) {
        strcpy(shmat(id, NULL, 0), "left");
        execl(self, self, number, (char *)NULL);
    }
    EQUAL(status_of(pid), 0);
    EQUAL(shmctl(id, IPC_RMID, NULL), 0);
}

static int after_exec(int id)
{
    if (shm_stat(id).shm_nattch != 0)
        return 1;
    return strcmp(shmat(id, NULL, SHM_RDONLY), "left") == 0 ? 0 : 2;
}

/* ---- semaphores ---- */

static int operate(int id, int number, int by, int flags)
{
    struct sembuf op = {(unsigned short)number, (short)by, (short)flags};

    return semop(id, &op, 1);
}

static int value_of(int id, int number)
{
    return semctl(id, number, GETVAL);
}

static void test_sem(void)
{
    int id = semget(key, 3, IPC_CREAT | IPC_EXCL | 0600);
    unsigned short values[3] = {1, 2, 3};
    union semun arg = {.array = values};
    struct sembuf ops[3] = {{0, 1, 0}, {1, -2, 0}, {2, -4, IPC_NOWAIT}};
    struct timespec soon = {0, 20000000}, bad = {0, -1};
    struct semid_ds ds;

    CHECK(id >= 0);
    FAILS(semget(key, 4, 0), EINVAL);
    EQUAL(semget(key, 0, 0), id);
    EQUAL(value_of(id, 2), 0);
    EQUAL(semctl(id, 0, SETALL, arg), 0);
    EQUAL(value_of(id, 2), 3);
    /* All or nothing. */
    FAILS(semop(id, ops, 3), EAGAIN);
    EQUAL(value_of(id, 0), 1);
    EQUAL(value_of(id, 1), 2);
    ops[2].sem_op = -3;
    EQUAL(semop(id, ops, 3), 0);
    memset(values, 0xFF, sizeof(values));
    EQUAL(semctl(id, 0, GETALL, arg), 0);
    EQUAL(values[0], 2);
    EQUAL(values[1] | values[2], 0);
    EQUAL(operate(id, 1, 0, 0), 0);
    FAILS(operate(id, 0, 0, IPC_NOWAIT), EAGAIN);
    FAILS(semtimedop(id, &(struct sembuf){0, 0, 0}, 1, &soon), EAGAIN);
    FAILS(semtimedop(id, &(struct sembuf){0, 0, 0}, 1, &bad), EINVAL);
    EQUAL(semctl(id, 0, GETPID), getpid());
    arg.val = 32767;
    EQUAL(semctl(id, 0, SETVAL, arg), 0);
    FAILS(operate(id, 0, 1, 0), ERANGE);
    arg.val = 32768;
    FAILS(semctl(id, 0, SETVAL, arg), ERANGE);
    arg.val = -1;
    FAILS(semctl(id, 0, SETVAL, arg), ERANGE);
    arg.buf = &ds;
    EQUAL(semctl(id, 0, IPC_STAT, arg), 0);
    EQUAL(ds.sem_nsems, 3);
    CHECK(ds.sem_otime > 1000000000 && ds.sem_ctime > 1000000000);
    EQUAL(semctl(id, 0, IPC_RMID), 0);
    FAILS(semctl(id, 0, GETVAL), EINVAL);
}

static void test_sem_bad(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600);
    static struct sembuf many[600];
    union semun arg = {.array = (void *)8};

    FAILS(semget(IPC_PRIVATE, 0, 0600), EINVAL);
    FAILS(semget(IPC_PRIVATE, -1, 0600), EINVAL);
    FAILS(semget(IPC_PRIVATE, 1000000, 0600), EINVAL);
    FAILS(semget(key, 2, 0600), ENOENT);
    FAILS(operate(id, 2, 1, 0), EFBIG);
    FAILS(semop(id, many, 0), EINVAL);
    FAILS(semop(id, many, 600), E2BIG);
    FAILS(semop(id, (void *)8, 1), EFAULT);
    FAILS(semop(-1, many, 1), EINVAL);
    FAILS(semop(id + 32768, many, 1), EINVAL);
    FAILS(semctl(id, 2, GETVAL), EINVAL);
    FAILS(semctl(id, -1, GETVAL), EINVAL);
    FAILS(semctl(id, 0, 99), EINVAL);
    FAILS(semctl(id, 0, GETALL, arg), EFAULT);
    FAILS(semctl(id, 0, SETALL, arg), EFAULT);
    FAILS(semctl(id, 0, IPC_STAT, arg), EFAULT);
    EQUAL(semctl(id, 0, IPC_RMID), 0);
}

/* Wait until `n` wait for semaphore 0 to grow. */
static void wait_for_waiting(int id, int n)
{
    for (int i = 0; i < 5000 && semctl(id, 0, GETNCNT) != n; i++)
        usleep(1000);
}

static void test_sem_waiting(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600), sum = 0, status;
    pid_t pids[5], pid;

    for (int i = 0; i < 5; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(operate(id, 0, -2, 0) == 0);
    }
    wait_for_waiting(id, 5);
    EQUAL(semctl(id, 0, GETNCNT), 5);
    EQUAL(semctl(id, 0, GETZCNT), 0);
    EQUAL(operate(id, 0, 7, 0), 0); /* enough for three */
    for (int i = 0; i < 3; i++)
        sum += wait(&status) > 0 && WEXITSTATUS(status) == 1;
    EQUAL(sum, 3);
    EQUAL(value_of(id, 0), 1);
    EQUAL(operate(id, 0, 3, 0), 0);
    for (int i = 0; i < 2; i++)
        sum += wait(&status) > 0 && WEXITSTATUS(status) == 1;
    EQUAL(sum, 5);
    EQUAL(value_of(id, 0), 0);
    /* One that waits for two things at once, and one that waits for zero. */
    pid = fork();
    if (pid == 0) {
        struct sembuf ops[2] = {{0, -1, 0}, {1, -1, 0}};

        _exit(semop(id, ops, 2) == 0);
    }
    wait_for_waiting(id, 1);
    EQUAL(operate(id, 0, 1, 0), 0);
    EQUAL(value_of(id, 0), 1); /* it has taken neither */
    EQUAL(operate(id, 1, 1, 0), 0);
    EQUAL(status_of(pid), 1);
    EQUAL(value_of(id, 0) | value_of(id, 1), 0);
    /* Removal and signals end the wait. */
    pid = fork();
    if (pid == 0)
        _exit(operate(id, 0, -1, 0) == -1 && errno == EIDRM);
    wait_for_waiting(id, 1);
    EQUAL(semctl(id, 0, IPC_RMID), 0);
    EQUAL(status_of(pid), 1);
}

static void on_signal(int signo)
{
    (void)signo;
}

static void test_sem_signal(void)
{
    int id = semget(IPC_PRIVATE, 1, 0600);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigaction(SIGALRM, &action, NULL);
    ualarm(20000, 20000);
    FAILS(operate(id, 0, -1, 0), EINTR);
    ualarm(0, 0);
    EQUAL(semctl(id, 0, GETNCNT), 0);
    EQUAL(semctl(id, 0, IPC_RMID), 0);
}

static void test_undo(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600);
    union semun arg = {.val = 5};
    pid_t pid, waiting;

    semctl(id, 0, SETVAL, arg);
    pid = fork();
    if (pid == 0) {
        operate(id, 0, -3, SEM_UNDO);
        operate(id, 1, 4, SEM_UNDO);
        operate(id, 0, 1, SEM_UNDO);
        _exit(value_of(id, 0));
    }
    EQUAL(status_of(pid), 3);
    EQUAL(value_of(id, 0), 5);
    EQUAL(value_of(id, 1), 0);
    /* What it undoes wakes others; SETVAL forgets it. */
    arg.val = 1;
    semctl(id, 0, SETVAL, arg);
    operate(id, 0, -1, 0);
    pid = fork();
    if (pid == 0) {
        operate(id, 0, 1, 0);
        operate(id, 0, -1, SEM_UNDO);
        wait_for_waiting(id, 1);
        kill(getpid(), SIGKILL);
    }
    waiting = fork();
    if (waiting == 0) {
        usleep(20000);
        _exit(operate(id, 0, -1, 0) == 0);
    }
    EQUAL(status_of(pid), 1000 + SIGKILL);
    EQUAL(status_of(waiting), 1);
    EQUAL(value_of(id, 0), 0);
    pid = fork();
    if (pid == 0) {
        operate(id, 0, 7, SEM_UNDO);
        arg.val = 9;
        semctl(id, 0, SETVAL, arg);
        _exit(0);
    }
    EQUAL(status_of(pid), 0);
    EQUAL(value_of(id, 0), 9);
    /* A set that was removed meanwhile. */
    pid = fork();
    if (pid == 0) {
        operate(id, 0, 1, SEM_UNDO);
        semctl(id, 0, IPC_RMID);
        _exit(0);
    }
    EQUAL(status_of(pid), 0);
}

/* ---- messages ---- */

struct text {
    long type;
    char text[64];
};

static int post(int id, long type, const char *text, int flags)
{
    struct text m = {.type = type};

    strcpy(m.text, text);
    return msgsnd(id, &m, strlen(text), flags);
}

/* The first letter of the message received, or -1. */
static int fetch(int id, long type, int flags)
{
    struct text m = {.type = 0};

    return msgrcv(id, &m, sizeof(m.text), type, flags | IPC_NOWAIT) < 0
               ? -1
               : m.text[0];
}

static void test_msg(void)
{
    int id = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    struct text m;
    struct msqid_ds ds;

    CHECK(id >= 0);
    FAILS(msgget(key, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    EQUAL(msgget(key, 0), id);
    EQUAL(post(id, 3, "a", 0), 0);
    EQUAL(post(id, 1, "bb", 0), 0);
    EQUAL(post(id, 2, "ccc", 0), 0);
    EQUAL(post(id, 1, "d", 0), 0);
    EQUAL(msgctl(id, IPC_STAT, &ds), 0);
    EQUAL(ds.msg_qnum, 4);
    EQUAL(ds.msg_cbytes, 7);
    EQUAL(ds.msg_lspid, getpid());
    EQUAL(fetch(id, 2, 0), 'c');
    EQUAL(fetch(id, -2, 0), 'b');
    EQUAL(fetch(id, 1, MSG_EXCEPT), 'a');
    EQUAL(fetch(id, 9, 0), -1);
    EQUAL(errno, ENOMSG);
    EQUAL(post(id, 5, "long", 0), 0);
    FAILS(msgrcv(id, &m, 2, 5, 0), E2BIG);
    EQUAL(msgrcv(id, &m, 2, 5, MSG_NOERROR), 2);
    EQUAL(m.type, 5);
    EQUAL(fetch(id, 0, 0), 'd');
    EQUAL(msgsnd(id, &(struct text){.type = 1}, 0, 0), 0);
    EQUAL(msgrcv(id, &m, 0, 0, 0), 0);
    /* Full. */
    EQUAL(msgctl(id, IPC_STAT, &ds), 0);
    ds.msg_qbytes = 4;
    EQUAL(msgctl(id, IPC_SET, &ds), 0);
    ds.msg_qbytes = 32;
    EQUAL(msgctl(id, IPC_SET, &ds), 0);
    EQUAL(post(id, 1, "twenty bytes of text", 0), 0);
    FAILS(post(id, 1, "twenty bytes of text", IPC_NOWAIT), EAGAIN);
    if (fork() == 0)
        _exit(post(id, 1, "twenty bytes of text", 0));
    usleep(20000);
    EQUAL(fetch(id, 0, 0), 't');
    wait(NULL);
    EQUAL(fetch(id, 0, 0), 't');
    EQUAL(msgctl(id, IPC_RMID, NULL), 0);
    FAILS(msgctl(id, IPC_RMID, NULL), EINVAL);
}

static void test_msg_waiting(void)
{
    int id = msgget(IPC_PRIVATE, 0600), sum = 0, status;
    struct text m;
    pid_t pid;

    for (long type = 1; type <= 4; type++)
        if (fork() == 0)
            _exit(msgrcv(id, &m, 64, type, 0) == 1 ? m.text[0] - '0' : 0);
    usleep(20000);
    EQUAL(post(id, 4, "4", 0), 0);
    EQUAL(post(id, 2, "2", 0), 0);
    EQUAL(post(id, 1, "1", 0), 0);
    EQUAL(post(id, 3, "3", 0), 0);
    while (wait(&status) > 0)
        sum += WEXITSTATUS(status);
    EQUAL(sum, 10); /* each has got the one of its type */
    pid = fork();
    if (pid == 0)
        _exit(msgrcv(id, &m, 64, 77, 0) == -1 &&
              (errno == EIDRM || errno == EINVAL /* it came too late */));
    usleep(20000);
    EQUAL(msgctl(id, IPC_RMID, NULL), 0);
    EQUAL(status_of(pid), 1);
}

static void test_msg_bad(void)
{
    int id = msgget(IPC_PRIVATE, 0600);
    static struct {
        long type;
        char text[9000];
    } big = {.type = 1};

    FAILS(msgsnd(id, &big, 8193, 0), EINVAL);
    FAILS(msgsnd(id, &big, (size_t)-1, 0), EINVAL);
    big.type = 0;
    FAILS(msgsnd(id, &big, 1, 0), EINVAL);
    big.type = -5;
    FAILS(msgsnd(id, &big, 1, 0), EINVAL);
    FAILS(msgsnd(id, (void *)8, 1, 0), EFAULT);
    FAILS(msgsnd(-1, &big, 1, 0), EINVAL);
    FAILS(msgrcv(id, &big, (size_t)-1, 0, 0), EINVAL);
    FAILS(msgrcv(id + 32768, &big, 1, 0, 0), EINVAL);
    big.type = 1;
    EQUAL(msgsnd(id, &big, 1, 0), 0);
    FAILS(msgrcv(id, (void *)8, 1, 0, 0), EFAULT);
    FAILS(msgctl(id, IPC_STAT, (void *)8), EFAULT);
    FAILS(msgctl(id, 99, NULL), EINVAL);
    FAILS(msgget(key, 0), ENOENT);
    EQUAL(msgctl(id, IPC_RMID, NULL), 0);
}

/* ---- the older call ---- */

static void test_ipc_call(void)
{
    unsigned long place = 0, value;
    struct shmid_ds ds;
    struct sembuf op = {0, 3, 0};
    union semun arg = {.val = 7};
    long id = syscall(__NR_ipc, 23, IPC_PRIVATE, 5000, 0600, 0, 0);

    CHECK(id >= 0);
    EQUAL(syscall(__NR_ipc, 21, id, 0, &place, 0, 0), 0);
    CHECK(place != 0);
    *(char *)place = 1;
    EQUAL(syscall(__NR_ipc, 24, id, IPC_STAT | 0x100, 0, &ds, 0), 0);
    EQUAL(ds.shm_nattch, 1);
    EQUAL(syscall(__NR_ipc, 22, 0, 0, 0, place, 0), 0);
    EQUAL(syscall(__NR_ipc, 24, id, IPC_RMID, 0, 0, 0), 0);
    id = syscall(__NR_ipc, 2, IPC_PRIVATE, 2, 0600, 0, 0);
    CHECK(id >= 0);
    EQUAL(syscall(__NR_ipc, 3, id, 1, SETVAL, &arg, 0), 0);
    EQUAL(syscall(__NR_ipc, 3, id, 1, GETVAL | 0x100, &arg, 0), 7);
    EQUAL(syscall(__NR_ipc, 1, id, 1, 0, &op, 0), 0);
    EQUAL(syscall(__NR_ipc, 3, id, 0, GETVAL, &arg, 0), 3);
    EQUAL(syscall(__NR_ipc, 3, id, 0, IPC_RMID, &arg, 0), 0);
    id = syscall(__NR_ipc, 13, IPC_PRIVATE, 0600, 0, 0, 0);
    {
        struct text m = {.type = 4, .text = "x"};
        unsigned long kludge[2] = {(unsigned long)&m, 4};

        EQUAL(syscall(__NR_ipc, 11, id, 1, 0, &m, 0), 0);
        EQUAL(syscall(__NR_ipc, 12, id, 64, IPC_NOWAIT, kludge, 0), 1);
        EQUAL(syscall(__NR_ipc, 11, id, 1, 0, &m, 0), 0);
        EQUAL(syscall(__NR_ipc, 12 | 0x10000, id, 64, IPC_NOWAIT, &m, 4), 1);
    }
    EQUAL(syscall(__NR_ipc, 14, id, IPC_RMID, 0, 0, 0), 0);
    FAILS(syscall(__NR_ipc, 99, 0, 0, 0, 0, 0), ENOSYS);
    value = 0;
    FAILS(syscall(__NR_ipc, 3, 0, 0, GETVAL, 8, value), EFAULT);
}

/* ---- another user ---- */

static int as_user(int shm, int sem, int msg)
{
    struct shmid_ds ds;
    struct text m = {.type = 1};
    int n = 0;

    if (setgid(4711) != 0 || setuid(4711) != 0)
        return 255;
    if (shmat(shm, NULL, 0) != (void *)-1 || errno != EACCES)
        return 1;
    if (shmat(shm, NULL, SHM_RDONLY) == (void *)-1)
        return 2;
    if (shmctl(shm, IPC_RMID, NULL) != -1 || errno != EPERM)
        return 3;
    if (shmctl(shm, IPC_STAT, &ds) != 0 || shmctl(shm, IPC_SET, &ds) != -1 ||
        errno != EPERM)
        return 4;
    if (operate(sem, 0, 1, 0) != -1 || errno != EACCES || value_of(sem, 0) != 0)
        return 5;
    if (msgsnd(msg, &m, 1, 0) != -1 || errno != EACCES)
        return 6;
    if (msgget(key, 0600) != -1 || errno != EACCES)
        return 7;
    if (msgget(key, 0400) != msg && errno != EACCES)
        return 8;
    if (!is_cairn())
        return 0;
    /* One user does not get all that there is. */
    while (n < 5000 && semget(IPC_PRIVATE, 20000, 0600) >= 0)
        n++;
    return n > 0 && n < 5000 && errno == ENOSPC ? 0 : 9;
}

static void test_rights(void)
{
    int shm = shmget(key, PAGE, IPC_CREAT | 0644);
    int sem = semget(key, 1, IPC_CREAT | 0644);
    int msg = msgget(key, IPC_CREAT | 0644);
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(as_user(shm, sem, msg));
    status = status_of(pid);
    if (status == 255)
        tap_skip("another user's rights", "must be root");
    else
        EQUAL(status, 0);
    EQUAL(shmctl(shm, IPC_RMID, NULL), 0);
    EQUAL(semctl(sem, 0, IPC_RMID), 0);
    EQUAL(msgctl(msg, IPC_RMID, NULL), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return after_exec(atoi(argv[1]));
    setvbuf(stdout, NULL, _IOLBF, 0);
    key = 0x0CA10000 + getpid();
    CHECK(ftok("/", 3) != -1);
    EQUAL(ftok("/", 3), ftok("/.", 3));
    FAILS(ftok("/none", 3), ENOENT);
    test_shm();
    test_shm_places();
    test_shm_bad();
    test_shm_exec(argv[0]);
    test_sem();
    test_sem_bad();
    test_sem_waiting();
    test_sem_signal();
    test_undo();
    test_msg();
    test_msg_waiting();
    test_msg_bad();
    test_ipc_call();
    test_rights();
    if (is_cairn()) { /* what stays is no leak, and it holds something */
        memset(shmat(shmget(key, 3 * PAGE, IPC_CREAT | 0600), NULL, 0), 1,
               PAGE);
        semget(key, 2000, IPC_CREAT | 0600);
        post(msgget(key, IPC_CREAT | 0600), 1, "left", 0);
    }
    return tap_done();
}
