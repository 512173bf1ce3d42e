"""The section "growth" of `make bench`: see growth.c.

For each operation it has what Linux and Cairn take at a small and at a large
number of the things beside it, or in it. The target is what Linux 6.1 takes;
it stands here, so that it holds without a Linux to compare with.
"""

# Operation, as growth.c names it; words for people; the two numbers.
OPERATIONS = (
    ("fork-beside", "fork + exit + wait, N processes sleep", 10, 1000),
    ("kill-0", "kill(pid, 0), N processes sleep", 10, 1000),
    ("waitpid", "waitpid(pid, WNOHANG), N children", 10, 1000),
    ("kill-group", "kill and reap a group of N, per member", 10, 1000),
    ("getdents-proc", "read /proc, N processes, per entry", 10, 1000),
    ("loadavg", "/proc/loadavg, N processes", 10, 1000),
    ("proc-stat", "/proc/self/stat, N processes", 10, 1000),
    ("proc-maps", "/proc/self/maps of 2N areas, per area", 10, 1000),
    ("lock", "lock + unlock, N wait for another file", 10, 1000),
    ("locks-adjoining", "N adjoining locks of a byte, per lock", 10, 1000),
    ("locks-apart", "N locks of a byte apart, per lock", 10, 1000),
    ("readers", "N readers of a pipe, a byte each, per reader", 10, 1000),
    ("pipe", "pipe + close, N pipes are open", 10, 1000),
    ("poll", "poll of N pipes, per pipe", 10, 1000),
    ("select", "select of N pipes, per pipe", 10, 1000),
    ("mremap", "mremap that moves N pages", 64, 16384),
    ("mmap-file", "mmap + munmap of a file of N pages", 64, 4096),
    ("shared-pages", "N shared pages read and written, per page", 64, 4096),
    ("mincore", "mincore of N pages, per page", 64, 4096),
    ("getrandom", "getrandom of N bytes", 16, 4096),
    ("pty-input", "N bytes to a raw terminal, per byte", 10, 1000),
    ("pty-output", "N bytes from a raw terminal, per byte", 10, 1000),
    ("open-pty", "open + close a pty, N are open", 2, 50),
    ("exec-args", "fork + exec with N arguments of 60 bytes", 10, 1000),
    ("exec-env", "fork + exec with N strings of environment", 10, 1000),
    ("mount", "mount + umount, N are mounted", 10, 500),
    ("stat-mounted", "stat of one of N mounts", 10, 500),
    ("create", "open(O_CREAT) + unlink beside N names", 10, 10000),
    ("stat-path", "stat of a path of N parts, per part", 10, 1000),
    ("signals", "N queued signals sent and taken, per signal", 10, 1000),
    ("fork-descriptor", "fork + exit + wait, descriptor N was used", 60,
     60000),
)
