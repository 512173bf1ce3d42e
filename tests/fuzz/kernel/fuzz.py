#!/usr/bin/env python3
"""Fuzzes the kernel by system calls: what `make fuzz-kernel` calls.

    fuzz.py --build BUILD make [--seconds N] [--seed N] [--calls 'NAME ...']
    fuzz.py --build BUILD minimise FOLDER
    fuzz.py --build BUILD shrink [--least PLACES] FILE... >CORPUS

`make` runs machines one after another, each for a minute or two, with the
sanitizer, coverage and the leak check; each begins with the corpus in the
repository and what earlier ones found (BUILD/fuzz/kernel/found.txt).  When a
machine stops, hangs or leaks, its log and the deeds that ran last go to
BUILD/fuzz/kernel/SEED/, are made as small as possible there (least.txt), and
become a C program (least.c).  The exit status is 1 then.

`minimise` does the last part again.  `shrink` prints those deeds of the files
that reach at least so many places that the ones before do not, the short ones
first.

The format of deeds is in program.c.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
KEEP = 20000  # deeds that are remembered until the machine stops
SESSION = 120
SILENCE = 60  # seconds, after which a machine is taken to hang


class Machine:
    """How one run of the guest ended."""

    def __init__(self, status, output, log):
        self.status = status
        self.output = output
        self.log = log

    def failed(self):
        if self.status == 3: # root's programs may well break what is around
            return "that was killed" in self.output[-500:]
        return self.status not in (0, 137, 143)

    def sign(self):
        """What tells one fault from another: the panic's first lines."""
        for line in self.log.splitlines():
            if line.startswith(("panic:", "leak:", "check:")):
                return line.split(":")[0] + ":" + blur(line.split(":", 1)[1])
            if "double fault" in line:
                return "double fault"
        if "# broken" in self.output[-2000:]:
            return self.output[self.output.rindex("# broken"):].strip()
        return f"status {self.status}"


def blur(text):
    """A message without its numbers."""
    return re.sub(r"(0x)?[0-9a-f]*[0-9][0-9a-f]*\b", "N", text)


def split(text):
    return re.findall(r"^deed\n.*?^end\n", text, re.M | re.S)


def watch(process, path):
    """Waits for the machine; ends one that has said nothing for a while."""
    size, since = -1, time.monotonic()
    while process.poll() is None:
        time.sleep(0.2)
        if path.stat().st_size != size:
            size, since = path.stat().st_size, time.monotonic()
        elif time.monotonic() - since > SILENCE:
            process.kill()
            process.wait()
            process.returncode = 124


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.work = options.build / "fuzz/kernel"
        self.program = options.build / "fuzz/kernel/fuzz"
        self.kernel = options.kernel or \
            options.build / "kernel-kasan-kcov/cairn.elf"
        self.work.mkdir(parents=True, exist_ok=True)

    def run(self, *words, files=(), limit=60, folder=None):
        """Runs the guest; `files` of the host become its last words."""
        folder = folder or self.work
        log = folder / "log.txt"
        command = [self.options.build / "host/cairn-run", "-m", "192M",
                   "--append", "leakcheck", "--timeout", str(limit),
                   "--env-clear", "--log", log,
                   "--file", f"{self.program}:/tmp/fuzz"]
        if self.options.calls:
            command += ["--env", "FUZZ_CALLS=" + self.options.calls]
        names = []
        for n, path in enumerate(files):
            names.append(f"/tmp/corpus{n}")
            command += ["--file", f"{path}:{names[-1]}"]
        command += [self.program, *map(str, words), *names]
        with open(folder / "output.txt", "wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.DEVNULL,
                env={"CAIRN_KERNEL": str(self.kernel),
                     "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
            watch(process, folder / "output.txt")
        output = (folder / "output.txt").read_text(errors="replace")
        return Machine(process.returncode, output,
                       log.read_text(errors="replace"))

    # ---- making ----

    def make(self):
        end = time.monotonic() + self.options.seconds
        seed = self.options.seed
        found = self.work / "found.txt"
        found.touch()
        bad = 0
        while time.monotonic() < end:
            seconds = min(SESSION, int(end - time.monotonic()) + 1)
            folder = self.work / str(seed)
            folder.mkdir(exist_ok=True)
            machine = self.run("make", seed, seconds,
                               files=[HERE / "corpus.txt", found],
                               limit=seconds * 2 + 120, folder=folder)
            bad += self.learn(machine, found, folder, seed)
            seed += 1
        return 1 if bad else 0

    def learn(self, machine, found, folder, seed):
        """Keeps what is new, and looks into a failure."""
        state = re.findall(r"^# stat (.*)", machine.output, re.M)
        new = re.findall(r"^(deed\n(?:(?!deed\n).*\n)*?end\n)# new",
                         machine.output, re.M)
        known = set(split(found.read_text())) | \
            set(split((HERE / "corpus.txt").read_text()))
        with open(found, "a") as out:
            out.writelines(deed for deed in new if deed not in known)
        print(f"seed {seed}: {state[-1] if state else 'nothing'}, status "
              f"{machine.status}", flush=True)
        if not machine.failed():
            (folder / "output.txt").unlink()
            (folder / "log.txt").unlink()
            folder.rmdir()
            return 0
        print(f"  FAULT: {machine.sign()}; see {folder}", flush=True)
        (folder / "sign.txt").write_text(machine.sign() + "\n")
        last = collections.deque(split(machine.output + "end\n"), KEEP)
        (folder / "deeds.txt").write_text("".join(last))
        (folder / "first-log.txt").write_text(machine.log)
        if self.options.minimise:
            self.minimise(folder)
        return 1

    # ---- minimising ----

    def fails(self, deeds, sign, folder, times=1):
        path = folder / "try.txt"
        path.write_text("".join(deeds))
        limit = 30 + len(deeds) * times // 2
        machine = self.run("replay", times, files=[path], limit=limit,
                           folder=folder)
        return machine.failed() and machine.sign() == sign

    def minimise(self, folder):
        sign = (folder / "sign.txt").read_text().strip()
        deeds = split((folder / "deeds.txt").read_text())
        for n, times in (1, 1), (1, 30), (4, 10), (30, 2), (300, 1), (KEEP, 1):
            if n > 1 and n > 4 * len(deeds):
                break
            if self.fails(deeds[-n:], sign, folder, times):
                break
        else:
            times = 0
        if not times or not self.fails(deeds[-n:], sign, folder, times):
            print(f"  it does not repeat: {folder}", flush=True)
            return
        deeds = self.fewer(deeds[-n:], lambda some: self.fails(
            some, sign, folder, times))
        for i in range(len(deeds)):
            lines = self.fewer(
                deeds[i].splitlines(True)[1:-1], lambda some: self.fails(
                    deeds[:i] + [join(some)] + deeds[i + 1:], sign, folder,
                    times))
            deeds[i] = join(lines)
        (folder / "least.txt").write_text("".join(deeds))
        (folder / "least.c").write_text(to_c(deeds, sign))
        print(f"  least: {folder}/least.txt", flush=True)

    def fewer(self, items, good):
        """As few of the items as still fail, by halves and then singly."""
        size = len(items) // 2
        while size >= 1 and len(items) > 1:
            at = 0
            while at < len(items):
                rest = items[:at] + items[at + size:]
                if rest and good(rest):
                    items = rest
                else:
                    at += size
            size //= 2
        return items

    # ---- shrinking ----

    def shrink(self):
        deeds = set()
        for name in self.options.files:
            deeds |= set(split(pathlib.Path(name).read_text()))
        path = self.work / "shrink.txt"
        path.write_text("".join(sorted(deeds, key=lambda d: (len(d), d))))
        machine = self.run("replay", 1, files=[path], limit=3600)
        for deed, places in re.findall(
                r"^(deed\n(?:(?!deed\n).*\n)*?end\n)# new (\d+)",
                machine.output, re.M):
            if int(places) >= self.options.least:
                sys.stdout.write(deed)
        return 0


def join(lines):
    """A deed of these lines; results of steps that are gone become 0."""
    kept, number = [], {}
    for line in lines:
        kept.append(line)
    return "deed\n" + "".join(kept) + "end\n"


def to_c(deeds, sign):
    """A program for Cairn that does the same."""
    text = f"/* Made by tests/fuzz/kernel/fuzz.py: {sign} */\n" + PRELUDE
    calls = []
    for number, deed in enumerate(deeds):
        names = []
        for p, program in enumerate(deed.split("program ")[1:]):
            uid, *lines = program.replace("end\n", "").splitlines()
            name = f"program_{number}_{p}"
            names.append(f"    start({uid}, {name});\n")
            text += f"static void {name}(void)\n{{\n    long r[32];\n\n"
            for at, line in enumerate(lines):
                text += to_c_call(at, line)
            text += "    (void)r;\n}\n\n"
        calls.append("    set_up();\n" + "".join(names) +
                     "    end_all();\n")
    return text + "int main(void)\n{\n" + "".join(calls) + \
        "    return 0;\n}\n"


def to_c_call(at, line):
    name, *words = line.split()
    put, args = "", []
    for word in words:
        if word[0] == "@":
            offset, data = word[1:].split(":")
            escaped = "".join(f"\\x{data[i:i + 2]}"
                              for i in range(0, len(data), 2))
            put += (f'    memcpy((void *)(AREA + 0x{offset}), "{escaped}", '
                    f"{len(data) // 2});\n")
            args.append(f"AREA + 0x{offset}")
        elif word[0] == "r":
            args.append(f"r[{word[1:]}]")
        else:
            args.append(word)
    return put + f"    r[{at}] = syscall({', '.join(['__NR_' + name] + args)}" \
        ");\n"


PRELUDE = r"""
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define AREA 0x20000000

/* The descriptors 3 to 12 and files that the fuzzer gives its programs. */
static void set_up(void)
{
    int fd, p[2], unlocked = 0;

    for (fd = 3; fd < 13; fd++)
        close(fd);
    mkdir("/tmp/w", 0777);
    chdir("/tmp/w");
    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0666);
    ftruncate(fd, 12288);
    mkdir("d", 0777);
    close(open("d/g", O_RDWR | O_CREAT, 0666));
    symlink("f", "l");
    symlink("loop", "loop");
    mkfifo("p", 0666);
    link("/proc/self/exe", "e");
    open(".", O_RDONLY | O_DIRECTORY);
    pipe(p);
    syscall(__NR_memfd_create, "m", 0);
    open("/dev/zero", O_RDWR);
    fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ioctl(fd, TIOCSPTLCK, &unlocked);
    open("/dev/pts/0", O_RDWR | O_NOCTTY);
    open("p", O_RDWR | O_NONBLOCK);
    open("/proc/self/maps", O_RDONLY);
    mmap((void *)AREA, 0x10000, PROT_READ | PROT_WRITE,
         MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void start(unsigned uid, void (*program)(void))
{
    if (fork() != 0)
        return;
    setsid();
    if (uid)
        setuid(uid);
    program();
    _exit(0);
}

static void end_all(void)
{
    usleep(100000);
    kill(-1, SIGKILL);
    while (wait(NULL) > 0)
        ;
}

"""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default="build")
    parser.add_argument("--kernel", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--calls", metavar="'NAME ...'",
                        help="make up programs of these calls only")
    parser.add_argument("--least", type=int, default=8)
    parser.add_argument("--no-minimise", dest="minimise",
                        action="store_false")
    parser.add_argument("what", choices=("make", "minimise", "shrink"))
    parser.add_argument("files", nargs="*")
    options = parser.parse_intermixed_args()
    options.build = options.build.resolve()
    fuzzer = Fuzzer(options)
    if options.what == "make":
        return fuzzer.make()
    if options.what == "shrink":
        return fuzzer.shrink()
    for folder in options.files:
        fuzzer.minimise(pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
