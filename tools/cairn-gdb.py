"""Commands of gdb for Cairn's kernel: cairn ps, threads, frames, areas,
pagewalk, heap.

Loaded by `make debug`; cairn-run --gdb says how. gdb needs the kernel's symbols
and the machine stopped in a state in which its lists are whole, which is
anywhere outside of the functions that change them.
"""
import gdb

DIRECT_MAP = 0xC0000000
PAGE = 4096
PRESENT, WRITE, USER, LARGE = 1, 2, 4, 0x80
NX = 1 << 63
AREA_HEAP, AREA_STACK = 8, 16
ADDRESS = 0x0000000FFFFFF000


def value(expression):
    return gdb.parse_and_eval(expression)


def container(link, kind, member):
    """The struct of a type in which a link lies."""
    struct = gdb.lookup_type(kind)
    offset = next(f.bitpos // 8 for f in struct.fields() if f.name == member)
    return gdb.Value(int(link) - offset).cast(struct.pointer()).dereference()


def elements(head, kind, member):
    """What is on a list."""
    link = head["next"]
    while int(link) != int(head.address):
        yield container(link, kind, member)
        link = link["next"]


def processes(process=None):
    """All processes, parents first."""
    if process is None:
        process = value("'init.c'::init_process").dereference()
    yield process
    for child in elements(process["children"], "struct process", "sibling"):
        yield from processes(child)


def find(pid):
    for process in processes():
        if int(process["pid"]) == pid:
            return process
    raise gdb.GdbError(f"there is no process {pid}")


def text(array):
    return array.string(errors="replace")


def state(process):
    if str(process["state"]) == "PROCESS_ZOMBIE":
        return "Z"
    return "T" if process["stopped"] else "S"


def current_space():
    space = value("current->space")
    if not space:
        raise gdb.GdbError("the current thread has no address space")
    return space.dereference()


def space_of(words):
    """The space of the process that is named, or the current one."""
    if not words:
        return current_space()
    space = find(int(words, 0))["space"]
    if not space:
        raise gdb.GdbError("that process has no address space")
    return space.dereference()


class Cairn(gdb.Command):
    """Look at Cairn: ps, threads, frames, areas, pagewalk, heap."""

    def __init__(self):
        super().__init__("cairn", gdb.COMMAND_STATUS, prefix=True)


class Ps(gdb.Command):
    """cairn ps: all processes, with parent, group and what they hold."""

    def __init__(self):
        super().__init__("cairn ps", gdb.COMMAND_STATUS)

    def invoke(self, words, from_tty):
        print("  PID  PPID  PGRP S THREADS RESIDENT NAME")
        for p in processes():
            space = p["space"]
            resident = int(space["pmap"]["nresident"]) if space else 0
            parent = int(p["parent"]["pid"]) if p["parent"] else 0
            print(f"{int(p['pid']):5} {parent:5} {int(p['pgid']):5} "
                  f"{state(p)} {int(p['nthreads']):7} "
                  f"{resident * PAGE // 1024:5} KB {text(p['name'])}")


class Threads(gdb.Command):
    """cairn threads: all threads of processes, and where they are."""

    def __init__(self):
        super().__init__("cairn threads", gdb.COMMAND_STATUS)

    def invoke(self, words, from_tty):
        current = int(value("current"))
        print("    TID   PID STATE     KERNEL STACK   USER EIP NAME")
        for p in processes():
            for t in elements(p["threads"], "struct thread", "proc_link"):
                top = int(t["context"]["esp0"])
                word = gdb.lookup_type("unsigned int").pointer()
                eip = gdb.Value(top - 5 * 4).cast(word).dereference()
                mark = "*" if int(t.address) == current else " "
                where = str(t["state"]).replace("THREAD_", "").lower()
                print(f"{mark} {int(t['tid']):5} {int(p['pid']):5} "
                      f"{where:9} {int(t['context']['esp']):#010x} "
                      f"{int(eip):#010x} {text(p['name'])}")


class Frames(gdb.Command):
    """cairn frames: what physical frames are used for."""

    def __init__(self):
        super().__init__("cairn frames", gdb.COMMAND_STATUS)

    def invoke(self, words, from_tty):
        counts = value("frame_counts")
        for field in gdb.lookup_type("enum frame_kind").fields():
            if field.name == "FRAME_NKINDS":
                continue
            n = int(counts[field.enumval])
            if field.name == "FRAME_FREE":
                n = sum(int(value(f"frame_zones[{zone}].nfree"))
                        for zone in range(2))
            name = field.name.removeprefix("FRAME_").lower()
            print(f"{name:10} {n:9} frames {n * 4:10} KB")


class Areas(gdb.Command):
    """cairn areas [PID]: the areas of an address space."""

    def __init__(self):
        super().__init__("cairn areas", gdb.COMMAND_STATUS)

    def invoke(self, words, from_tty):
        space = space_of(words)
        area = space["first"]
        while area:
            a = area.dereference()
            prot = int(a["prot"])
            rights = "".join(c if prot & bit else "-"
                             for c, bit in (("r", 1), ("w", 2), ("x", 4)))
            what = "file" if a["obj"] else ""
            start = int(a["start"])
            if int(a["flags"]) & AREA_HEAP:
                what = "[heap]"
            elif int(a["flags"]) & AREA_STACK:
                what = "[stack]"
            print(f"{start:08x}-{int(a['end']):08x} {rights} {what}".rstrip())
            area = a["next"]


class Pagewalk(gdb.Command):
    """cairn pagewalk ADDRESS: the entries of the page tables that map it."""

    def __init__(self):
        super().__init__("cairn pagewalk", gdb.COMMAND_STATUS)

    @staticmethod
    def entry(table, index):
        quad = gdb.lookup_type("unsigned long long").pointer()
        return int(gdb.Value(table).cast(quad)[index])

    @staticmethod
    def show(name, index, entry):
        flags = [word for bit, word in ((PRESENT, "present"), (WRITE, "write"),
                                        (USER, "user"), (0x20, "accessed"),
                                        (0x40, "dirty"), (LARGE, "large"),
                                        (0x100, "global")) if entry & bit]
        flags += ["no-execute"] if entry & NX else []
        print(f"{name:5}[{index:3}] = {entry:#018x}  "
              f"{' '.join(flags) or 'not present'}")

    def invoke(self, words, from_tty):
        if not words:
            raise gdb.GdbError("cairn pagewalk ADDRESS")
        address = int(gdb.parse_and_eval(words)) & 0xFFFFFFFF
        pdpt = int(current_space()["pmap"]["pdpt"].address)
        entry = self.entry(pdpt, address >> 30)
        self.show("PDPT", address >> 30, entry)
        for name, shift in (("PD", 21), ("PT", 12)):
            if not entry & PRESENT:
                return
            table = (entry & ADDRESS) + DIRECT_MAP
            index = address >> shift & 511
            entry = self.entry(table, index)
            self.show(name, index, entry)
            if entry & PRESENT and (name == "PT" or entry & LARGE):
                mask = (1 << shift) - 1
                print(f"physical address "
                      f"{(entry & ADDRESS & ~mask) + (address & mask):#x}")
                return


class Heap(gdb.Command):
    """cairn heap [PID]: the break, and what of the heap is there."""

    def __init__(self):
        super().__init__("cairn heap", gdb.COMMAND_STATUS)

    def invoke(self, words, from_tty):
        space = space_of(words)
        start, end = int(space["heap"]), int(space["brk"])
        print(f"heap {start:#010x} - {end:#010x}: {end - start} bytes by the "
              f"break")


for command in Cairn, Ps, Threads, Frames, Areas, Pagewalk, Heap:
    command()
