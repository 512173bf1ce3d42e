"""What a boot loader hands to a kernel, down to the last bit.

    boot = Boot()                   as a sane loader does it, in 64 MiB
    boot.map = [(0, 0x9FC00, 1), ...]       base, length, type
    boot.info["mmap_length"] = 7            any field, whatever it would be
    boot.late.write(0x100000, b"...")       done last, before the start
    pc = boot.run()                 a machine.Machine that has ended

The work is done by tests/boot/loader, which carries out the list of
operations that is made here.  ram() says, in the plainest way, which memory a
kernel may take for RAM: the second opinion on kernel/mm/memmap.c.
"""
import io
import pathlib
import struct
import tarfile
import tempfile

import machine

LOADER = machine.BUILD / "test/loader.elf"
TINY_INIT = machine.BUILD / "test/tiny-init"

MAGIC = 0x2BADB002
FLAGS = {"memory": 1 << 0, "cmdline": 1 << 2, "modules": 1 << 3,
         "map": 1 << 6, "loader": 1 << 9}
FIELDS = ("flags mem_lower mem_upper boot_device cmdline mods_count mods_addr "
          "syms0 syms1 syms2 syms3 mmap_length mmap_addr drives_length "
          "drives_addr config_table loader apm_table vbe0 vbe1 vbe2 "
          "vbe3").split()

PAGE = 4096
MIB = 1 << 20
GIB = 1 << 30
TOP = 1 << 36
KERNEL = 1 * MIB
RAM_END = 63 * MIB      # QEMU keeps a little for its firmware behind that

AVAILABLE, RESERVED, ACPI, NVS, BAD = range(1, 6)
USUAL_MAP = [(0, 0x9FC00, AVAILABLE), (0x9FC00, 0x400, RESERVED),
             (0xF0000, 0x10000, RESERVED),
             (MIB, RAM_END - MIB, AVAILABLE),
             (RAM_END, MIB, RESERVED), (0xFFFC0000, 0x40000, RESERVED)]


def kernel_segments(path=machine.KERNEL):
    """Where in memory the kernel's segments start, end what the file fills,
    and end."""
    elf = pathlib.Path(path).read_bytes()
    offset, = struct.unpack_from("<I", elf, 28)
    number, = struct.unpack_from("<H", elf, 44)
    headers = [struct.unpack_from("<8I", elf, offset + 32 * i)
               for i in range(number)]
    return [(h[3], h[3] + h[4], h[3] + h[5]) for h in headers if h[0] == 1]


def kernel_end():
    return max(end for _, _, end in kernel_segments())


def tar_member(name, data=b"", **fields):
    """One member of an archive, as bytes; fields as tarfile has them."""
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mode = 0o755
    for field, value in fields.items():
        setattr(member, field, value)
    padding = bytes(-len(data) % 512)
    return member.tobuf(tarfile.USTAR_FORMAT) + data + padding


def tiny_archive(*before):
    """An archive with sbin/init, behind the members given."""
    return b"".join(before) + tar_member("sbin/init",
                                         TINY_INIT.read_bytes()) + bytes(1024)


class Steps:
    """Operations of the loader, in order."""

    WRITE, FILL, COPY, LOAD, START, OUT = range(1, 7)

    def __init__(self):
        self.bytes = io.BytesIO()

    def add(self, operation, address=0, length=0, value=0):
        self.bytes.write(struct.pack("<4I", operation, address, length,
                                     value))

    def write(self, address, data):
        self.add(self.WRITE, address, len(data))
        self.bytes.write(data + bytes(-len(data) % 4))

    def fill(self, address, length, byte):
        self.add(self.FILL, address, length, byte)

    def out(self, port, value):
        self.add(self.OUT, port, value=value)


def pack_map(entries, size=20):
    """The map as bytes; entries of `size` bytes behind their size field."""
    one = "<IQQI"
    return b"".join(struct.pack(one, size, base % 2**64, length % 2**64, kind)
                    + bytes(size - 20 if size > 20 else 0)
                    for base, length, kind in entries)


class Boot:
    """One boot; every attribute may be changed before run()."""

    def __init__(self):
        self.memory = "64M"
        self.archive = tiny_archive()
        self.cmdline = b""
        self.name = b"a test loader"
        self.map = list(USUAL_MAP)
        self.entry_size = 20
        self.given = None           # ranges of memory, if not as the map says
        self.shows = ""             # what the kernel's log must contain
        self.sizes = None           # (mem_lower, mem_upper) if given
        self.info = {}              # fields that are not what they should be
        self.clear_flags = set()
        # Where everything goes.
        self.info_at = 0x8000
        self.cmdline_at = 0x9000
        self.name_at = 0x8800
        self.modules_at = 0xB000
        self.map_at = 0x10000
        self.initrd_at = 4 * MIB
        self.modules = None         # (start, end, string) of each
        self.magic = MAGIC
        self.eflags = 0x2
        self.early = Steps()        # before everything else is in memory
        self.late = Steps()         # after it

    @property
    def initrd_end(self):
        return self.initrd_at + len(self.archive)

    def fields(self, map_bytes):
        modules = self.module_list()
        lower, upper = self.sizes or (0x9FC00 // 1024,
                                      (RAM_END - MIB) // 1024)
        flags = sum(bit for name, bit in FLAGS.items()
                    if name not in self.clear_flags)
        values = {"flags": flags, "mem_lower": lower, "mem_upper": upper,
                  "cmdline": self.cmdline_at, "mods_count": len(modules),
                  "mods_addr": self.modules_at,
                  "mmap_length": len(map_bytes), "mmap_addr": self.map_at,
                  "loader": self.name_at, **self.info}
        return [values.get(name, 0) % 2**32 for name in FIELDS]

    def module_list(self):
        if self.modules is not None:
            return self.modules
        return [(self.initrd_at, self.initrd_end, self.name_at)]

    def scenario(self):
        map_bytes = self.map if isinstance(self.map, bytes) \
            else pack_map(self.map, self.entry_size)
        steps = Steps()
        steps.bytes.write(self.early.bytes.getvalue())
        steps.add(Steps.LOAD, value=0)
        if self.initrd_at is not None:
            steps.add(Steps.COPY, self.initrd_at, value=1)
        if map_bytes:
            steps.write(self.map_at, map_bytes)
        steps.write(self.modules_at, b"".join(
            struct.pack("<4I", *module, 0) for module in self.module_list()))
        steps.write(self.cmdline_at, self.cmdline + b"\0")
        steps.write(self.name_at, self.name + b"\0")
        steps.write(self.info_at,
                    struct.pack("<22I", *self.fields(map_bytes)))
        steps.bytes.write(self.late.bytes.getvalue())
        steps.add(Steps.START, self.magic,
                  self.info.get("address", self.info_at), self.eflags)
        return steps.bytes.getvalue()

    def media(self, folder):
        """QEMU's options; what they name is written to `folder`."""
        archive, scenario = folder / "initrd", folder / "scenario"
        archive.write_bytes(self.archive)
        scenario.write_bytes(self.scenario())
        return ["-kernel", LOADER, "-initrd",
                f"{machine.KERNEL},{archive},{scenario}"]

    def run(self, **options):
        with tempfile.TemporaryDirectory(prefix="cairn-boot.") as folder:
            return machine.run(self.media(pathlib.Path(folder)),
                               memory=self.memory, **options)


def ram(entries):
    """The pages that may be taken for RAM: a list of (start, end).

    RAM is a page that lies at 1 MiB or above and below 64 GiB, of which
    every byte is in an entry that says so and none in one that does not.
    An available entry that wraps is nonsense; any other goes up to the end.
    """
    edges = []
    for base, length, kind in entries:
        if length == 0 or kind == AVAILABLE and base + length > 2**64:
            continue
        which = 0 if kind == AVAILABLE else 1
        edges += [(base, which, 1), (base + length, which, -1)]
    edges += [(0, 1, 1), (MIB, 1, -1), (TOP, 1, 1)]
    found, depth, since = [], [0, 0], 0
    for at, which, change in sorted(edges):
        if depth[0] > 0 and depth[1] == 0 and at > since:
            if found and found[-1][1] == since:
                since = found.pop()[0]
            found.append((since, at))
        depth[which] += change
        since = at
    whole = [(-(-start // PAGE) * PAGE, end // PAGE * PAGE)
             for start, end in found]
    return [(start, end) for start, end in whole if start < end]
