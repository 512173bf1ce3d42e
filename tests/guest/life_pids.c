/*
 * A number is not given to a new process while a process, a zombie, a group, a
 * session or a terminal's foreground has it: all numbers are used up, more than
 * once, while each of these is all that is left of one. Afterwards it is given
 * out again.
 *
 * Only on Cairn: a host has too many numbers.
 *
 * test: timeout=300
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"

#define MANY 33000 /* more than there are numbers */

enum kept { SESSION, GROUP, ZOMBIE, FOREGROUND, NKEPT };

static pid_t kept[NKEPT];

/* What the leaders below leave: a member that waits for the end of a pipe. */
static int hold[2];

static _Noreturn void stay(void)
{
    char c;

    close(hold[1]);
    (void)!read(hold[0], &c, 1);
    _exit(0);
}

/* One process after the other: which of the kept numbers were given out. */
static unsigned use_up(void)
{
    volatile unsigned hits = 0;
    int status;

    for (int i = 0; i < MANY; i++) {
        pid_t pid = vfork();

        if (pid == 0)
            _exit(0);
        if (pid < 0 || waitpid(pid, &status, 0) != pid) {
            perror("vfork");
            return ~0u;
        }
        for (unsigned k = 0; k < NKEPT; k++)
            if (kept[k] == pid)
                hits |= 1u << k;
    }
    return hits;
}

static void reap(pid_t pid)
{
    int status;

    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
}

/* A session whose leader is gone; returns its member. */
static pid_t leave_session(void)
{
    pid_t member = -1, leader;
    int told[2];

    if (pipe(told) != 0)
        return -1;
    leader = fork();
    if (leader == 0) {
        setsid();
        member = fork();
        if (member == 0)
            stay();
        (void)!write(told[1], &member, sizeof(member));
        _exit(0);
    }
    EQUAL(read(told[0], &member, sizeof(member)), sizeof(member));
    close(told[0]), close(told[1]);
    reap(leader);
    kept[SESSION] = leader;
    return member;
}

/* A group whose leader is gone; returns its member. */
static pid_t leave_group(void)
{
    pid_t leader = fork(), member;

    if (leader == 0)
        stay();
    setpgid(leader, leader);
    member = fork();
    if (member == 0)
        stay();
    EQUAL(setpgid(member, leader), 0);
    kill(leader, SIGKILL);
    EQUAL(waitpid(leader, NULL, 0), leader);
    kept[GROUP] = leader;
    return member;
}

static void leave_zombie(void)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    EQUAL(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    kept[ZOMBIE] = pid;
}

static int open_pair(int *slave)
{
    int number, unlock = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    char name[40];

    if (master < 0 || ioctl(master, TIOCGPTN, &number) < 0 ||
        ioctl(master, TIOCSPTLCK, &unlock) < 0)
        return -1;
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    *slave = open(name, O_RDWR | O_NOCTTY);
    return master;
}

/* In the session's leader: a foreground group that has no members any more. */
static int run_foreground(int slave, int told)
{
    pid_t front;
    char c;

    close(hold[1]);
    if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) != 0)
        return 1;
    signal(SIGTTOU, SIG_IGN);
    front = fork();
    if (front == 0)
        _exit(0);
    if (setpgid(front, front) != 0 || tcsetpgrp(slave, front) != 0 ||
        waitpid(front, NULL, 0) != front)
        return 2;
    (void)!write(told, &front, sizeof(front));
    (void)!read(hold[0], &c, 1);
    if (tcgetpgrp(slave) != front)
        return 3;
    return tcsetpgrp(slave, getpgrp()) != 0;
}

/* Returns the leader of the session that has the terminal. */
static pid_t leave_foreground(void)
{
    int slave = -1, master = open_pair(&slave), told[2];
    pid_t leader;

    CHECK(master >= 0);
    if (pipe(told) != 0)
        return -1;
    leader = fork();
    if (leader == 0)
        _exit(run_foreground(slave, told[1]));
    EQUAL(read(told[0], &kept[FOREGROUND], sizeof(pid_t)), sizeof(pid_t));
    close(told[0]), close(told[1]);
    close(slave);
    /* The master stays open until the program ends. */
    return leader;
}

static void test_kept(void)
{
    pid_t of_session, of_group, of_terminal;

    if (pipe(hold) != 0)
        perror("pipe");
    of_session = leave_session();
    of_group = leave_group();
    leave_zombie();
    of_terminal = leave_foreground();
    EQUAL(use_up(), 0);
    EQUAL(getsid(of_session), kept[SESSION]);
    EQUAL(getpgid(of_group), kept[GROUP]);
    FAILS(kill(kept[SESSION], 0), ESRCH);
    EQUAL(kill(-kept[SESSION], 0), 0);
    EQUAL(setpgid(of_group, of_group), 0); /* the last member moves away */
    FAILS(setpgid(of_group, kept[GROUP]), EPERM);
    close(hold[1]);
    reap(of_group);
    reap(of_terminal);
    reap(kept[ZOMBIE]);
    while (kill(-kept[SESSION], 0) == 0)
        usleep(1000);
    EQUAL(use_up(), (1u << NKEPT) - 1);
}

/* What the number is wanted for: the next process must be able to setsid. */
static void test_setsid(void)
{
    int bad = 0;

    for (int i = 0; i < 200; i++) {
        pid_t pid = fork();
        int status = -1;

        if (pid == 0)
            _exit(setsid() != getpid());
        bad += waitpid(pid, &status, 0) != pid || status != 0;
    }
    EQUAL(bad, 0);
}

int main(void)
{
    test_kept();
    test_setsid();
    return tap_done();
}
