"""The section "growth" of `make bench`: see growth.c.

For each operation it has what Linux and Cairn take at a small and at a large
number of the things that are beside it, or in it.  The target is that Cairn
takes no more than Linux at either; what Linux 6.1 took stands here too, so that
it holds without a Linux to compare with.
"""
import subprocess

# Operation, as growth.c names it; words for people; the two numbers; what
# Linux 6.1 takes for each of them.
OPERATIONS = (
    ("fork-beside", "fork + exit + wait, N processes sleep",
     10, 1000, 116011, 163504),
    ("kill-0", "kill(pid, 0), N processes sleep", 10, 1000, 1110, 1110),
    ("waitpid", "waitpid(pid, WNOHANG), N children", 10, 1000, 932, 932),
    ("kill-group", "kill and reap a group of N, per member",
     10, 1000, 82275, 108309),
    ("getdents-proc", "read /proc, N processes, per entry",
     10, 1000, 892, 1366),
    ("loadavg", "/proc/loadavg, N processes", 10, 1000, 22107, 22139),
    ("proc-stat", "/proc/self/stat, N processes", 10, 1000, 32852, 32857),
    ("proc-maps", "/proc/self/maps of 2N areas, per area",
     10, 1000, 3399, 1389),
    ("mmap", "mmap, touch, munmap beside 2N areas",
     10, 1000, 25144, 32865),
    ("mprotect", "mprotect that splits and joins one of 2N areas",
     10, 1000, 16207, 21821),
    ("lock", "lock + unlock, N wait for another file", 10, 1000, 4130, 4130),
    ("locks-adjoining", "N adjoining locks of a byte, per lock",
     10, 1000, 2612, 2434),
    ("locks-apart", "N locks of a byte apart, per lock",
     10, 1000, 3077, 21925),
    ("readers", "N readers of a pipe, a byte each, per reader",
     10, 1000, 5478, 11286),
    ("pipe", "pipe + close, N pipes are open", 10, 1000, 9880, 9883),
    ("poll", "poll of N pipes, per pipe", 10, 1000, 223, 144),
    ("select", "select of N pipes, per pipe", 10, 1000, 337, 169),
    ("mremap", "mremap that moves N pages", 64, 16384, 18032, 33767),
    ("mmap-file", "mmap + munmap of a file of N pages",
     64, 4096, 14357, 17118),
    ("shared-pages", "N shared pages read and written, per page",
     64, 4096, 1548, 1317),
    ("mincore", "mincore of N pages, per page", 64, 4096, 81, 20),
    ("getrandom", "getrandom of N bytes", 16, 4096, 3558, 178997),
    ("pty-input", "N bytes to a raw terminal, per byte", 10, 1000, 1167, 19),
    ("pty-output", "N bytes from a raw terminal, per byte",
     10, 1000, 1166, 19),
    ("open-pty", "open + close a pty, N are open", 2, 50, 69828, 70138),
    ("exec-args", "fork + exec with N arguments of 60 bytes",
     10, 1000, 446612, 1330183),
    ("exec-env", "fork + exec with N strings of environment",
     10, 1000, 454150, 1380082),
    ("mount", "mount + umount, N are mounted", 10, 500, 55181, 56262),
    ("stat-mounted", "stat of one of N mounts", 10, 500, 7837, 7874),
    ("create", "open(O_CREAT) + unlink beside N names",
     10, 10000, 25697, 26218),
    ("stat-path", "stat of a path of N parts, per part", 10, 1000, 1133, 406),
    ("stat-name", "stat of a name of N bytes", 10, 250, 7857, 10737),
    ("signals", "N queued signals sent and taken, per signal",
     10, 1000, 4039, 4020),
    ("timer", "timer_settime of one that ends after N others",
     10, 1000, 1163, 1172),
    ("timer-create", "timer_create + delete, N are there",
     10, 1000, 2369, 2544),
    ("timer-file", "timerfd_settime, N run",
     10, 1000, 1671, 1791),
    ("epoll-ctl", "epoll_ctl add + delete, N are watched",
     10, 1000, 2921, 3099),
    ("epoll-wait", "epoll_wait, one of N is ready",
     10, 1000, 921, 926),
    ("mq-open", "mq_open + close + unlink, N are there",
     10, 1000, 23012, 23752),
    ("semget", "semget of one of N sets",
     10, 1000, 709, 709),
    ("sem-create", "a set of semaphores made and removed, N are there",
     10, 1000, 5405, 7145),
    ("semop", "up and down, N sets of semaphores",
     10, 1000, 2546, 2580),
    ("msgget", "msgget of one of N queues",
     10, 1000, 687, 687),
    ("thread", "thread started and joined, N wait",
     10, 1000, 90422, 98302),
    ("tgkill", "tgkill(self, 0) among N threads",
     10, 1000, 1852, 1852),
    ("signal-threads", "signal to a process of N threads",
     10, 1000, 8288, 8293),
    ("futex-wake", "futex wake, N wait for other words",
     10, 1000, 1018, 1018),
    ("groups", "open + close by the last of N groups",
     10, 32, 10281, 10329),
    ("fork-descriptor", "fork + exit + wait, descriptor N was used",
     60, 60000, 253761, 268939),
)


def column(results, name, few, many):
    return [results.get(f"{name}-{n}", "-") for n in (few, many)]


def is_met(here, there, target):
    limits = [int(found) if found.isdigit() else known
              for found, known in zip(there, target)]
    return all(int(count) <= limit for count, limit in zip(here, limits))


def report(build, tools, linux_name):
    """Measures and prints the section; how many operations have no figure.

    `tools` is the module that boots kernels: run-bench.py.
    """
    initrd = build / "bench/growth.tar"
    subprocess.run([build / "host/mkinitrd", "-o", initrd,
                    f"{build}/bench/growth=bin/growth"], check=True)
    cairn = tools.read_results(tools.boot(
        build / "kernel/cairn.elf", initrd=initrd,
        cmdline="init=/bin/growth quiet"))
    linux = tools.run_linux(build, program="growth")[0]
    unmeasured = 0
    print(f"\n{'growth: at two numbers N':47}{linux_name:>20}{'Cairn':>18}")
    for name, words, few, many, *target in OPERATIONS:
        here = column(cairn, name, few, many)
        there = column(linux, name, few, many)
        if all(count.isdigit() for count in here):
            verdict = "met" if is_met(here, there, target) else "MISSED"
        else:
            unmeasured += 1
            verdict = "absent"
        print(f"{words:47}{there[0]:>10}{there[1]:>10}{here[0]:>9}"
              f"{here[1]:>9}  {verdict}")
    return unmeasured
