/*
 * Process groups and sessions. A few cases first; then workers move between
 * groups and sessions at random, end and are waited for by group, and a model
 * says what each call must answer. Some workers are left at the end.
 *
 * All of it runs in a session of its own: a container may have been entered
 * from outside, and there a process finds 0 as its session and its group,
 * which setpgid takes for "the caller's own".
 *
 * test: linux
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm_test.h"

#define NWORKERS 12

static uint64_t state;

static unsigned dice(unsigned n)
{
    return (unsigned)(tap_random(&state) % n);
}

/* A child that ends when its standard input does. */
static pid_t spawn(int *hold)
{
    int ends[2];
    pid_t pid;
    char c;

    if (pipe(ends) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(ends[1]);
        _exit(read(ends[0], &c, 1) == 0 ? 3 : 4);
    }
    close(ends[0]);
    *hold = ends[1];
    return pid;
}

/* ---- cases ---- */

static void test_wait_own_group(void)
{
    int hold[2], status = 0;
    pid_t mine, other;

    CHECK_ERR(waitpid(0, &status, 0), ECHILD);
    other = spawn(&hold[1]);
    CHECK_EQ(setpgid(other, other), 0);
    CHECK_ERR(waitpid(0, &status, 0), ECHILD);
    mine = fork();
    if (mine == 0)
        _exit(5);
    CHECK_EQ(waitpid(0, &status, 0), mine);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    close(hold[1]);
    CHECK_ERR(waitpid(0, &status, 0), ECHILD);
    CHECK_ERR(waitpid(-getpgrp(), &status, 0), ECHILD);
    CHECK_EQ(waitpid(-other, &status, 0), other);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    CHECK_ERR(waitpid(-other, &status, 0), ECHILD);
    tap_end("waitpid of groups");
}

static void test_wait_for_members(void)
{
    pid_t a = fork(), b, got[2];
    int status;

    if (a == 0)
        _exit(1);
    setpgid(a, a);
    b = fork();
    if (b == 0)
        _exit(2);
    CHECK_EQ(setpgid(b, a), 0);
    got[0] = waitpid(-a, &status, 0);
    got[1] = waitpid(-a, &status, 0);
    CHECK((got[0] == a && got[1] == b) || (got[0] == b && got[1] == a));
    CHECK_ERR(waitpid(-a, &status, 0), ECHILD);
    tap_end("each member of a group is waited for");
}

static void test_kill_0(void)
{
    int hold, status;
    pid_t pid = spawn(&hold);
    siginfo_t info;

    CHECK_EQ(kill(pid, 0), 0);
    CHECK_EQ(kill(getpid(), 0), 0);
    close(hold);
    CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    CHECK_EQ(kill(pid, 0), 0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_ERR(kill(pid, 0), ESRCH);
    CHECK_ERR(kill(-pid, 0), ESRCH);
    CHECK_ERR(waitpid(pid, &status, 0), ECHILD);
    CHECK_ERR(waitpid(1, &status, 0), ECHILD);
    tap_end("kill with signal 0");
}

/* Stops are told once, by pid, by group, and to who asks for them alone. */
static void test_stops(void)
{
    int hold, status;
    pid_t pid = spawn(&hold);

    setpgid(pid, pid);
    kill(pid, SIGSTOP);
    CHECK_EQ(waitpid(-pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
    kill(pid, SIGCONT);
    CHECK_EQ(waitpid(-1, &status, WUNTRACED | WNOHANG), 0);
    CHECK_EQ(waitpid(-1, &status, WCONTINUED), pid);
    CHECK(WIFCONTINUED(status));
    CHECK_EQ(waitpid(-1, &status, WCONTINUED | WNOHANG), 0);
    kill(pid, SIGSTOP);
    CHECK_EQ(waitpid(-1, &status, WUNTRACED), pid);
    kill(pid, SIGKILL);
    CHECK_EQ(waitpid(-1, &status, WUNTRACED), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(hold);
    tap_end("stops");
}

/* ---- the model ---- */

struct worker {
    pid_t pid, pgid, sid;
    enum { FREE, ALIVE, ENDED } state;
    int orders; /* a letter and, for 'j', a group; end of file: end */
};

static struct worker workers[NWORKERS];
static pid_t my_pgid, my_sid;
static int answers[2];

static void work(int orders)
{
    struct {
        char what;
        pid_t pgid;
    } order;

    while (read(orders, &order, sizeof(order)) == sizeof(order)) {
        int error;

        errno = 0;
        if (order.what == 'j')
            (void)!setpgid(0, order.pgid);
        else
            (void)!setsid();
        error = errno;
        (void)!write(answers[1], &error, sizeof(error));
    }
    _exit(9);
}

/* What errno an order brings. */
static int tell(const struct worker *w, char what, pid_t pgid)
{
    struct {
        char what;
        pid_t pgid;
    } order;
    int error = -1;

    memset(&order, 0, sizeof(order));
    order.what = what;
    order.pgid = pgid;
    CHECK_EQ(write(w->orders, &order, sizeof(order)), sizeof(order));
    CHECK_EQ(read(answers[0], &error, sizeof(error)), sizeof(error));
    return error;
}

static bool start(struct worker *w)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    w->pid = fork();
    if (w->pid == 0) {
        for (int i = 0; i < NWORKERS; i++)
            if (workers[i].state == ALIVE)
                close(workers[i].orders);
        close(ends[1]);
        work(ends[0]);
    }
    close(ends[0]);
    w->orders = ends[1];
    w->pgid = my_pgid;
    w->sid = my_sid;
    w->state = ALIVE;
    return w->pid > 0;
}

static bool group_exists(pid_t pgid, pid_t sid)
{
    if (pgid == my_pgid)
        return sid == 0 || sid == my_sid;
    for (int i = 0; i < NWORKERS; i++)
        if (workers[i].state != FREE && workers[i].pgid == pgid &&
            (sid == 0 || workers[i].sid == sid))
            return true;
    return false;
}

/* One of the groups that are, were, or could be. */
static pid_t any_group(void)
{
    const struct worker *w = &workers[dice(NWORKERS)];

    if (w->pid == 0 || dice(8) == 0)
        return my_pgid;
    return dice(2) ? w->pid : w->pgid;
}

static int join_error(const struct worker *w, pid_t pgid)
{
    if (w->sid == w->pid)
        return EPERM;
    return pgid == w->pid || group_exists(pgid, w->sid) ? 0 : EPERM;
}

static void join(struct worker *w)
{
    pid_t pgid = any_group();
    int wanted = join_error(w, pgid), error;

    if (dice(2) == 0 && w->sid == my_sid)
        error = setpgid(w->pid, pgid) == 0 ? 0 : errno;
    else
        error = tell(w, 'j', pgid);
    CHECK_EQ(error, wanted);
    if (wanted == 0)
        w->pgid = pgid;
}

static void lead(struct worker *w)
{
    int wanted = group_exists(w->pid, 0) ? EPERM : 0;

    CHECK_EQ(tell(w, 's', 0), wanted);
    if (wanted == 0)
        w->sid = w->pgid = w->pid;
}

/* Wait by group: any child of it that has ended. */
static void reap_group(pid_t pgid)
{
    int nalive = 0, nended = 0, status = 0, i;
    pid_t got;

    for (i = 0; i < NWORKERS; i++) {
        nalive += workers[i].state == ALIVE && workers[i].pgid == pgid;
        nended += workers[i].state == ENDED && workers[i].pgid == pgid;
    }
    errno = 0;
    got = waitpid(pgid == my_pgid ? 0 : -pgid, &status, WNOHANG);
    if (nended == 0) {
        CHECK_EQ(got, nalive > 0 ? 0 : -1);
        CHECK_EQ(errno, nalive > 0 ? 0 : ECHILD);
        return;
    }
    for (i = 0; i < NWORKERS && workers[i].pid != got; i++)
        ;
    if (!CHECK(i < NWORKERS))
        return;
    CHECK(workers[i].state == ENDED && workers[i].pgid == pgid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    workers[i].state = FREE;
}

static void end(struct worker *w)
{
    siginfo_t info;

    close(w->orders);
    CHECK_EQ(waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOWAIT), 0);
    w->state = ENDED;
}

static void reap(struct worker *w)
{
    CHECK_EQ(waitpid(w->pid, NULL, WNOHANG), w->pid);
    w->state = FREE;
}

static void compare(const struct worker *w)
{
    pid_t pgid = any_group();

    errno = 0;
    CHECK_EQ(kill(-pgid, 0), group_exists(pgid, 0) ? 0 : -1);
    if (w->state != FREE) {
        CHECK_EQ(getpgid(w->pid), w->pgid);
        CHECK_EQ(getsid(w->pid), w->sid);
    }
}

static void step(void)
{
    struct worker *w = &workers[dice(NWORKERS)];

    compare(w);
    if (w->state == FREE) {
        CHECK(start(w));
        return;
    }
    if (dice(8) == 0) {
        reap_group(any_group());
        return;
    }
    if (w->state == ENDED) {
        if (dice(4) == 0)
            reap(w);
        return;
    }
    switch (dice(8)) {
    case 0:
        end(w);
        break;
    case 1:
        lead(w);
        break;
    default:
        join(w);
    }
}

static void test_model(void)
{
    int steps = getenv("TEST_LONG") != NULL ? 100000 : 6000, i;

    state = tap_seed(3);
    my_pgid = getpgrp();
    my_sid = getsid(0);
    CHECK_EQ(pipe(answers), 0);
    for (i = 0; i < steps && !tap_failed(); i++)
        step();
    CHECK_EQ(i, steps);
    tap_end("groups and sessions are as the model has them");
}

int main(void)
{
    int status;
    pid_t pid = fork();

    if (pid > 0) {
        bool ended = waitpid(pid, &status, 0) == pid && WIFEXITED(status);

        return ended ? WEXITSTATUS(status) : 1;
    }
    setsid();
    test_wait_own_group();
    test_wait_for_members();
    test_kill_0();
    test_stops();
    test_model();
    return tap_done();
}
