"""Boot loaders that are wrong in every way that a boot loader can be.

Each case is a function that changes what a sane loader would hand over (class
Boot of scenario.py).  A machine of a case boots: its first program runs, the
kernel's report lists no memory that the loader did not give, and the checks
at the end of a run (frames, slabs, commit, page tables, the checksum of the
kernel's text) find nothing.  Or, where the case says with which words, it
stops with one clear line.
"""
import os
import random
import re
import struct

import pytest

from machine import Machine, make_iso, run
from scenario import (ACPI, AVAILABLE, BAD, GIB, KERNEL, MIB, NVS, PAGE,
                      RAM_END, RESERVED, USUAL_MAP, Boot, kernel_end,
                      kernel_segments, pack_map, ram, tiny_archive)
from test_boot import RAM_KINDS, read_table

BOOTS = None
NO_MEMORY = "not enough memory: .* needed"
WILD = 0xF2345678       # no memory and no device of QEMU's PC
CASES = {}


def case(stops=BOOTS, exact=True):
    """Makes a function a case: boots, or stops with a line that matches.

    With `exact` false the kernel may find less memory than there is.
    """
    def add(function):
        name = function.__name__.replace("_", "-")
        assert name not in CASES
        CASES[name] = (function, stops, exact)
        return function
    return add


def trouble(serial):
    """Lines that a healthy kernel never writes."""
    return re.findall(r"^.*(?:check:|leak:|panic|EIP|backtrace).*$", serial,
                      re.M | re.I)


def assert_stops(pc, words):
    assert pc.status == 125, pc.serial
    lines = [line for line in pc.serial.splitlines()
             if line.startswith("Cairn cannot start")]
    assert len(lines) == 1 and re.search(words, lines[0]), pc.serial
    assert not trouble(pc.serial), pc.serial


def assert_boots(pc):
    assert pc.status == 0, pc.serial
    assert pc.serial.count("init has run") == 1, pc.serial
    assert not trouble(pc.serial), pc.serial


def assert_report(pc, given, exact):
    """The report's ranges and total against the memory that was given."""
    rows = [(start, end) for start, end, kind in read_table(pc.serial)
            if kind in RAM_KINDS - {"low memory"}]
    for start, end in rows:
        assert any(a <= start and end <= b for a, b in given), pc.serial
    for (_, end), (start, _) in zip(rows, rows[1:]):
        assert end <= start, pc.serial
    found = int(re.search(r"^memory: (\d+) frames", pc.serial, re.M)[1])
    assert found == sum(end - start for start, end in rows) // PAGE
    if exact:
        assert found == sum(b - a for a, b in given) // PAGE, pc.serial

# ---- the loader itself -----------------------------------------------------

@case()
def sane(boot):
    pass


@case(stops="not started by a Multiboot loader")
def wrong_magic(boot):
    boot.magic = 0x36D76289     # Multiboot 2


@case(stops="not started by a Multiboot loader")
def magic_zero(boot):
    boot.magic = 0


@case()
def flags_of_the_processor(boot):
    boot.eflags = 0x2 | 1 << 10 | 1 << 14 | 1 << 18 | 3 << 12 | 0x8D5


@case()
def dirty_bss_and_free_memory(boot):
    """Nothing that a loader leaves behind may be taken for zero."""
    boot.early.fill(0x500, 0x9F000 - 0x500, 0xA5)
    boot.early.fill(KERNEL, 31 * MIB, 0xA5)
    boot.early.fill(40 * MIB, RAM_END - 40 * MIB, 0xA5)
    for _, filled, end in kernel_segments():
        boot.late.fill(filled, end - filled, 0xA5)


# ---- the information block -------------------------------------------------

@case()
def flags_all_ones(boot):
    boot.info.update(flags=0xFFFFFFFF, drives_addr=WILD, drives_length=WILD,
                     config_table=WILD, apm_table=WILD, vbe0=WILD, vbe1=WILD,
                     syms0=WILD, syms1=WILD, syms2=WILD, syms3=WILD)


@case(stops="neither a memory map nor a size")
def flags_none(boot):
    boot.info["flags"] = 0


@case()
def info_high_in_memory(boot):
    boot.info_at = 0x3000000
    boot.map_at = 0x3000100
    boot.modules_at = 0x3001000
    boot.cmdline_at = 0x3002000
    boot.name_at = 0x3003000


@case()
def info_right_behind_the_kernel(boot):
    boot.info_at = kernel_end()
    boot.map_at = kernel_end() + 0x60
    boot.modules_at = kernel_end() + 0x400
    boot.cmdline_at = kernel_end() + 0x500
    boot.name_at = kernel_end() + 0x600


@case()
def info_unaligned_over_a_page(boot):
    boot.info_at = 0x8FF3
    boot.cmdline_at = 0xA001
    boot.name_at = 0xA101
    boot.modules_at = 0xAFFB
    boot.map_at = 0xBFF1


@case()
def info_in_the_last_of_the_memory(boot):
    boot.info_at = RAM_END - 88


@case(stops="neither a memory map nor a size")
def info_where_no_memory_is(boot):
    boot.info["address"] = 0x20000000


@case(stops="the boot loader")
def info_at_the_end_of_addresses(boot):
    boot.info["address"] = 0xFFFFFFF8


@case()
def info_at_0(boot):
    boot.info_at = 0


@case(stops="neither a memory map nor a size")
def info_in_the_kernel(boot):
    """The kernel's own memory is cleared before its first line of C."""
    boot.info_at = kernel_end() - 0x1000


@case()
def map_in_the_kernel(boot):
    """A map that is gone, but the sizes are there."""
    boot.map_at = kernel_end() - 0x2000
    boot.given = [(MIB, RAM_END)]


@case(stops="no initrd")
def modules_list_in_the_kernel(boot):
    boot.modules_at = kernel_end() - 0x2000


@case()
def strings_in_video_memory(boot):
    boot.info.update(cmdline=0xB8000, loader=0xB8100)


# ---- sizes instead of a map ------------------------------------------------

@case()
def sizes_only(boot):
    boot.clear_flags = {"map"}
    boot.given = [(MIB, RAM_END)]


@case()
def map_only(boot):
    boot.clear_flags = {"memory"}
    boot.sizes = (0, 0)


@case()
def sizes_that_disagree(boot):
    """The map is right; the sizes do not count then."""
    boot.sizes = (0, 1)


@case(stops="neither a memory map nor a size")
def no_sizes_and_no_map(boot):
    boot.clear_flags = {"map", "memory"}


@case(stops="no memory above 1 MiB")
def sizes_of_zero(boot):
    boot.clear_flags = {"map"}
    boot.sizes = (0, 0)


@case()
def sizes_without_upper_bits(boot):
    boot.clear_flags = {"map"}
    boot.sizes = (0xFFFFFFFF, (RAM_END - MIB) // 1024)
    boot.given = [(MIB, RAM_END)]


@case(stops=NO_MEMORY)
def sizes_too_small(boot):
    boot.clear_flags = {"map"}
    boot.initrd_at = -(-kernel_end() // PAGE) * PAGE + 8 * PAGE
    boot.sizes = (640, (boot.initrd_at - MIB) // 1024 + 128)


# ---- the map's form --------------------------------------------------------

@case(stops="neither a memory map nor a size")
def map_empty(boot):
    boot.clear_flags = {"memory"}
    boot.map = []


@case()
def map_empty_but_sizes(boot):
    boot.info["mmap_length"] = 0
    boot.given = [(MIB, RAM_END)]


@case(stops="neither a memory map nor a size")
def map_length_too_short(boot):
    boot.clear_flags = {"memory"}
    boot.info["mmap_length"] = 23


@case()
def map_length_odd(boot):
    boot.info["mmap_length"] = 24 * len(USUAL_MAP) + 7


@case(exact=False)
def map_length_cuts_an_entry(boot):
    boot.map.insert(0, (RAM_END - 8 * MIB, 8 * MIB, RESERVED))
    boot.info["mmap_length"] = 24 * 6 + 13


@case()
def map_length_huge(boot):
    """What comes behind the last entry has a size of 0, and so ends it."""
    boot.info["mmap_length"] = 0xFFFFFFFF


@case()
def map_at_the_end_of_addresses(boot):
    boot.info["mmap_addr"] = 0xFFFFFFF0
    boot.info["mmap_length"] = 0x1000
    boot.given = [(MIB, RAM_END)]


@case()
def map_where_no_memory_is(boot):
    boot.info["mmap_addr"] = 0x20000000
    boot.given = [(MIB, RAM_END)]


@case()
def entry_size_24(boot):
    """ACPI 3's longer entries, and larger ones still."""
    boot.entry_size = 24


@case()
def entry_size_100(boot):
    boot.entry_size = 100


@case()
def entry_sizes_mixed(boot):
    packed = b"".join(pack_map([entry], 20 + 4 * i)
                      for i, entry in enumerate(USUAL_MAP))
    boot.late.write(boot.map_at, packed)
    boot.info["mmap_length"] = len(packed)


@case()
def entry_size_0(boot):
    """An entry of no size ends the map; without any, the sizes count."""
    boot.entry_size = 0
    boot.given = [(MIB, RAM_END)]


@case()
def entry_size_16(boot):
    boot.entry_size = 16
    boot.given = [(MIB, RAM_END)]


@case()
def entry_size_19_in_the_middle(boot):
    packed = pack_map(USUAL_MAP[:4]) + pack_map(USUAL_MAP[4:], 19)
    boot.late.write(boot.map_at, packed)
    boot.given = ram(USUAL_MAP[:4])


@case(stops="no memory above 1 MiB")
def entry_size_fffffffc(boot):
    """The first entry reaches past the end: there is no second one."""
    boot.entry_size = 20
    boot.late.write(boot.map_at, struct.pack("<I", 0xFFFFFFFC))


@case()
def entry_size_ffffffff(boot):
    boot.map = [USUAL_MAP[3]] + USUAL_MAP
    boot.late.write(boot.map_at, struct.pack("<I", 0xFFFFFFFF))
    boot.given = ram([USUAL_MAP[3]])


@case()
def entry_size_7ffffffc(boot):
    boot.map = [USUAL_MAP[3]] + USUAL_MAP
    boot.late.write(boot.map_at, struct.pack("<I", 0x7FFFFFFC))
    boot.info["mmap_length"] = 0xFFFFFFFF
    boot.given = ram([USUAL_MAP[3]])


# ---- how many entries ------------------------------------------------------

def islands(number, size=PAGE):
    """As many reserved pages inside the memory, with memory in between."""
    room = (RAM_END - 8 * MIB) // number // PAGE * PAGE
    return USUAL_MAP + [(8 * MIB + i * room, size, RESERVED)
                        for i in range(number - len(USUAL_MAP))]


@case()
def entries_128(boot):
    boot.map = islands(128)


@case(exact=False)
def entries_200(boot):
    boot.map = islands(200)


@case(exact=False)
def entries_4096(boot):
    boot.map = islands(4096)


@case(exact=False)
def entries_5000(boot):
    """The last of them say the most important: what must not be touched."""
    boot.map = islands(5000)


@case()
def entries_5000_all_the_same(boot):
    boot.map = USUAL_MAP * 833 + [(16 * MIB, 16 * MIB, RESERVED)]
    boot.initrd_at = 60 * MIB


@case()
def entries_5000_that_say_nothing(boot):
    boot.map = [(MIB, 0, AVAILABLE)] * 5000 + USUAL_MAP


@case()
def entries_5000_that_wrap(boot):
    boot.map = [(2**64 - MIB, 2 * MIB, AVAILABLE)] * 5000 + USUAL_MAP


@case(exact=False)
def entries_of_single_pages(boot):
    """Available memory said page by page, every second one."""
    boot.map = USUAL_MAP[:1] + [(MIB + i * 2 * PAGE, PAGE, AVAILABLE)
                                for i in range(100)] + \
        [(4 * MIB, 59 * MIB, AVAILABLE)]


@case(stops="not enough memory|too fragmented")
def islands_of_single_pages_only(boot):
    boot.map = [(MIB + i * 2 * PAGE, PAGE, AVAILABLE) for i in range(4000)]


@case(stops="memory map has no end")
def entries_without_end(boot):
    """RAM said once more by each, and no room for a lie in the last one."""
    boot.memory = "128M"
    boot.map = pack_map(USUAL_MAP[3:4] * 70000)
    boot.map_at = 70 * MIB


# ---- what the entries say --------------------------------------------------

@case(stops="no memory above 1 MiB")
def no_entry_available(boot):
    boot.map = [(base, length, RESERVED) for base, length, _ in USUAL_MAP]


@case(stops="no memory above 1 MiB")
def low_memory_only(boot):
    boot.map = [(0, 0x9FC00, AVAILABLE), (0, MIB, AVAILABLE)]


@case()
def unsorted(boot):
    boot.map = USUAL_MAP[::-1]


@case()
def shuffled_and_doubled(boot):
    boot.map = USUAL_MAP * 3
    random.Random(7).shuffle(boot.map)


@case()
def overlapping_available(boot):
    boot.map = [(0, 40 * MIB, AVAILABLE), (10 * MIB, 20 * MIB, AVAILABLE),
                (30 * MIB, RAM_END - 30 * MIB, AVAILABLE)]


@case()
def unaligned(boot):
    boot.map = [(MIB + 1, 8 * MIB + 5, AVAILABLE),
                (10 * MIB + 4095, 20 * MIB + 2, AVAILABLE),
                (35 * MIB + 7, 1, RESERVED),
                (32 * MIB - 7, RAM_END - 32 * MIB, AVAILABLE)]


@case()
def adjoining_in_the_middle_of_a_page(boot):
    boot.map = [(MIB, 20 * MIB + 123, AVAILABLE),
                (21 * MIB + 123, RAM_END - 21 * MIB - 123, AVAILABLE)]


@case()
def zero_lengths(boot):
    boot.map = [(MIB, 0, RESERVED), (0, 0, AVAILABLE), (5 * MIB, 0, BAD),
                (2**64 - 1, 0, AVAILABLE)] + USUAL_MAP


@case()
def wrapping_available(boot):
    boot.map = [(2**64 - PAGE, 2**63, AVAILABLE),
                (48 * MIB, 2**64 - 1, AVAILABLE)] + USUAL_MAP


@case()
def wrapping_reserved(boot):
    """It reaches to the end, not round to the beginning."""
    boot.map = USUAL_MAP + [(48 * MIB, 2**64 - 1, RESERVED)]


@case(stops="no memory above 1 MiB")
def reserved_over_everything(boot):
    boot.map = USUAL_MAP + [(0, 2**64 - 1, RESERVED)]


@case()
def available_over_reserved(boot):
    boot.map = [(16 * MIB, 4 * MIB, RESERVED)] + USUAL_MAP


@case()
def reserved_over_available(boot):
    boot.map = USUAL_MAP + [(16 * MIB, 4 * MIB, RESERVED),
                            (17 * MIB, MIB, AVAILABLE)]


@case()
def all_types(boot):
    boot.map = USUAL_MAP + [
        ((8 + i) * MIB, 64 << 10, kind) for i, kind in
        enumerate((0, RESERVED, ACPI, NVS, BAD, 6, 7, 12, 99, 0x80000001,
                   0xFFFFFFFF))]


@case()
def bad_over_acpi_over_available(boot):
    boot.map = USUAL_MAP + [(8 * MIB, 8 * MIB, ACPI), (10 * MIB, MIB, BAD),
                            (9 * MIB, 4 * MIB, NVS)]


@case()
def holes_in_the_kernel(boot):
    """The map does not list all of the memory that the kernel lies in."""
    boot.map = [(0, 0x9FC00, AVAILABLE), (MIB, 0x10000, AVAILABLE),
                (MIB + 0x20000, 0x8000, AVAILABLE),
                (2 * MIB, RAM_END - 2 * MIB, AVAILABLE)]


@case()
def kernel_in_a_hole(boot):
    boot.map = [(8 * MIB, RAM_END - 8 * MIB, AVAILABLE)]


@case()
def kernel_in_reserved_memory(boot):
    boot.map = USUAL_MAP + [(MIB, 2 * MIB, RESERVED)]


@case()
def kernel_in_bad_memory(boot):
    boot.map = USUAL_MAP + [(MIB + 0x21000, PAGE, BAD)]


@case()
def tiny_islands(boot):
    boot.map = USUAL_MAP[:3] + [
        (MIB, 16 * MIB, AVAILABLE), (18 * MIB, 1, AVAILABLE),
        (19 * MIB, PAGE, AVAILABLE), (20 * MIB + 1, PAGE, AVAILABLE),
        (21 * MIB + 1, 2 * PAGE, AVAILABLE), (22 * MIB, 4095, AVAILABLE)]


@case()
def memory_of_5_mib(boot):
    boot.map = [(0, 0x9FC00, AVAILABLE), (MIB, 4 * MIB, AVAILABLE)]


@case(stops="not enough memory: the initrd needs")
def memory_for_the_kernel_alone(boot):
    boot.map = [(0, 0x9FC00, AVAILABLE),
                (MIB, kernel_end() - MIB, AVAILABLE)]


@case(stops=NO_MEMORY)
def one_page_of_memory(boot):
    boot.map = [(2 * MIB, PAGE, AVAILABLE)]


# ---- large memories --------------------------------------------------------

@case()
def memory_above_4_gib(boot):
    boot.memory = "6G"
    boot.map += [(64 * MIB, 3 * GIB - 65 * MIB, AVAILABLE),
                 (4 * GIB, 3 * GIB, AVAILABLE)]


@case(stops="not enough memory: 0 KiB are free below 832 MiB")
def memory_above_4_gib_only(boot):
    """The kernel's own tables must lie where it can reach them."""
    boot.memory = "6G"
    boot.map = [(4 * GIB, 3 * GIB, AVAILABLE)]


@case(exact=False)
def memory_above_4_gib_and_a_little(boot):
    boot.memory = "6G"
    end = -(-kernel_end() // PAGE) * PAGE + (640 << 10)
    boot.map = [(0, 0x9FC00, AVAILABLE), (MIB, end - MIB, AVAILABLE),
                (4 * GIB, 3 * GIB, AVAILABLE)]
    boot.initrd_at = end - 0x10000


@case()
def memory_above_64_gib(boot):
    """What no page table entry reaches is left out, with a word."""
    boot.map += [(64 * GIB, 512 * GIB, AVAILABLE),
                 (2**63, 2**40, AVAILABLE)]


@case(exact=False)
def memory_of_2_gib_in_512_pieces(boot):
    boot.memory = "3G"
    boot.map += [(64 * MIB + i * 4 * MIB, 3 * MIB, AVAILABLE)
                 for i in range(512)]


# ---- modules ---------------------------------------------------------------

@case()
def module_right_behind_the_kernel(boot):
    boot.initrd_at = -(-kernel_end() // PAGE) * PAGE


@case()
def module_unaligned_behind_the_kernel(boot):
    boot.initrd_at = kernel_end() + 1


@case(stops="initrd over the kernel")
def module_over_the_kernel(boot):
    boot.modules = [(MIB + 0x30000, MIB + 0x40000, 0)]


@case(stops="initrd over the kernel")
def module_over_the_end_of_the_kernel(boot):
    boot.initrd_at = None
    boot.modules = [(kernel_end() - 1, kernel_end() + 0x4000, 0)]


@case(stops="initrd over the kernel")
def module_of_all_addresses(boot):
    boot.modules = [(0, 0xFFFFFFFF, 0)]


@case()
def module_over_the_information(boot):
    """All of it is copied out before the archive is looked at or moved."""
    boot.info_at = boot.initrd_at + len(boot.archive) - 0x200
    boot.map_at = boot.info_at + 0x100
    boot.modules_at = boot.info_at + 0x300
    boot.archive = tiny_archive() + bytes(0x1000)


@case(stops="initrd: byte 0: ")
def module_spoilt_by_the_information(boot):
    boot.info_at = boot.initrd_at


@case()
def module_unaligned(boot):
    boot.initrd_at = 5 * MIB + 513


@case()
def module_in_low_memory(boot):
    boot.initrd_at = 0x20000


@case()
def module_at_the_end_of_memory(boot):
    boot.initrd_at = RAM_END - len(boot.archive)


@case()
def module_half_in_reserved_memory(boot):
    boot.map += [(boot.initrd_at + 0x200, PAGE, RESERVED)]


@case()
def module_in_a_hole(boot):
    boot.map = USUAL_MAP[:3] + [(MIB, 3 * MIB, AVAILABLE),
                                (6 * MIB, RAM_END - 6 * MIB, AVAILABLE)]


@case()
def module_alone_in_an_island(boot):
    boot.map = USUAL_MAP[:3] + [
        (MIB, 2 * MIB, AVAILABLE), (boot.initrd_at, 0x2000, AVAILABLE),
        (10 * MIB, RAM_END - 10 * MIB, AVAILABLE)]


@case(stops="/sbin/init: there is no such file")
def module_above_the_memory(boot):
    boot.initrd_at = None
    boot.modules = [(0x20000000, 0x20001000, 0)]


@case(stops="initrd: byte 0: not a ustar header")
def module_at_the_end_of_addresses(boot):
    boot.initrd_at = None
    boot.modules = [(0xFFFFF000, 0xFFFFFFFF, 0)]


@case(stops="not enough memory: the initrd needs")
def module_larger_than_memory(boot):
    boot.modules = [(boot.initrd_at, 0xF0000000, 0)]


@case(stops="no initrd")
def module_ends_before_it_starts(boot):
    boot.modules = [(boot.initrd_end, boot.initrd_at, 0)]


@case(stops="no initrd")
def module_empty(boot):
    boot.modules = [(boot.initrd_at, boot.initrd_at, 0)]


@case()
def module_empty_and_a_good_one(boot):
    boot.modules = [(0x5000000, 0x5000000, 0), (9, 3, WILD),
                    (boot.initrd_at, boot.initrd_end, 0)]


@case()
def module_without_string(boot):
    boot.modules = [(boot.initrd_at, boot.initrd_end, 0)]


@case()
def module_with_a_wild_string(boot):
    boot.modules = [(boot.initrd_at, boot.initrd_end, WILD)]


@case(stops="no initrd")
def modules_none(boot):
    boot.modules = []


@case(stops="no initrd")
def modules_flag_missing(boot):
    boot.clear_flags = {"modules"}


@case()
def modules_20(boot):
    boot.modules = [(boot.initrd_at, boot.initrd_end, 0)] + [
        ((8 + i) * MIB, (8 + i) * MIB + 100, WILD) for i in range(19)]


@case()
def modules_all_the_same(boot):
    boot.modules = [(boot.initrd_at, boot.initrd_end, 0)] * 16


@case()
def modules_that_overlap_the_kernel_later(boot):
    """Only the first one is used: the others do not matter."""
    boot.modules = [(boot.initrd_at, boot.initrd_end, 0),
                    (0, 0xFFFFFFFF, 0), (MIB, 2 * MIB, 0)]


@case()
def modules_count_huge(boot):
    boot.info["mods_count"] = 0xFFFFFFFF


@case(stops="no initrd")
def modules_list_where_no_memory_is(boot):
    boot.info["mods_addr"] = 0x20000000


@case(stops="no initrd")
def modules_list_without_memory_and_huge(boot):
    """All are empty: not a line for each of them."""
    boot.info["mods_addr"] = 0x20000000
    boot.info["mods_count"] = 0x00FFFFFF


@case(stops="no initrd")
def modules_list_at_the_end_of_addresses(boot):
    boot.info["mods_addr"] = 0xFFFFFFF8


# ---- strings ---------------------------------------------------------------

@case()
def cmdline_of_5000_bytes(boot):
    boot.cmdline = b"init=/sbin/init " + b"x" * 4984
    boot.cmdline_at = 0x70000


@case()
def cmdline_of_many_words(boot):
    boot.cmdline = b"a=b " * 250
    boot.cmdline_at = 0x70000


@case()
def cmdline_unterminated(boot):
    boot.late.fill(0x70000, 0x20000, ord("y"))
    boot.info["cmdline"] = 0x70000


@case()
def cmdline_at_0(boot):
    boot.info["cmdline"] = 0


@case()
def cmdline_wild(boot):
    boot.info["cmdline"] = WILD


@case()
def cmdline_at_the_end_of_addresses(boot):
    boot.info["cmdline"] = 0xFFFFFFFF


@case()
def cmdline_of_every_byte(boot):
    boot.cmdline = bytes(range(1, 256)) + b" loglevel=x loglevel= \" \""


@case()
def cmdline_with_an_empty_init(boot):
    boot.cmdline = b"init="


@case()
def name_wild(boot):
    boot.info["loader"] = WILD


@case()
def name_at_the_end_of_addresses(boot):
    boot.info["loader"] = 0xFFFFFFFF


@case()
def name_unterminated_and_odd(boot):
    """It is shown, but must not command the terminal."""
    boot.name = b"\x1b[2J\x07\xff%s%n" * 2000
    boot.shows = "started by \\?\\[2J\\?\\?%s%n"
    boot.name_at = 0x70000


# ---- all of them -----------------------------------------------------------

@pytest.mark.parametrize("name", CASES)
def test_loader(name):
    function, stops, exact = CASES[name]
    boot = Boot()
    function(boot)
    pc = boot.run()
    if stops:
        assert_stops(pc, stops)
        return
    assert_boots(pc)
    assert re.search(boot.shows, pc.serial), pc.serial
    given = ram(boot.map) if boot.given is None else boot.given
    assert_report(pc, given, exact)


# ---- what must not be touched ----------------------------------------------

HOLES = [(9 * MIB, PAGE), (16 * MIB + 3 * PAGE, 5 * PAGE), (50 * MIB, MIB)]


def test_what_is_not_given_is_not_touched(tmp_path):
    """A program takes all the memory there is; the holes stay as they were."""
    boot = Boot()
    boot.cmdline = b"greedy"
    boot.map += [(base, length, kind) for (base, length), kind
                 in zip(HOLES, (RESERVED, NVS, BAD))]
    for base, length in HOLES:
        boot.late.fill(base, length, 0xA5)
    boot.late.fill(0x90000, 0xF000, 0xA5)
    with Machine(boot.media(tmp_path), exit_port=False) as pc:
        pc.wait_for("init ended with status 0")
        assert "init took all" in pc.serial
        for base, length in [*HOLES, (0x90000, 0xF000)]:
            assert pc.memory(base, length) == b"\xA5" * length, hex(base)
        assert not trouble(pc.serial), pc.serial


# ---- GRUB takes memory away ------------------------------------------------

# Commands of GRUB, and the ranges that are no memory after them.
CUTS = {
    "cutmem": ("cutmem 16M 32M", [(16 * MIB, 32 * MIB)]),
    "cutmem-twice-unaligned": (
        "cutmem 0x801234 0x900321\ncutmem 40M 64M",
        [(0x801000, 0x901000), (40 * MIB, 64 * MIB)]),
    # Every page whose address has these bits, but for that of 8 MiB: two.
    "badram": ("badram 0x00400000,0xFF7FF000",
               [(4 * MIB, 4 * MIB + PAGE), (12 * MIB, 12 * MIB + PAGE)]),
}


@pytest.mark.parametrize("name", CUTS)
def test_grub(name, tmp_path):
    commands, gone = CUTS[name]
    archive = tmp_path / "initrd.tar"
    archive.write_bytes(tiny_archive())
    iso = make_iso(tmp_path / "cut.iso", initrd=archive, cmdline="greedy",
                   commands=commands)
    pc = run(["-cdrom", iso])
    assert_boots(pc)
    rows = [(start, end) for start, end, kind in read_table(pc.serial)
            if kind in RAM_KINDS]
    for start, end in gone:
        assert all(b <= start or a >= end for a, b in rows), pc.serial
    total = sum(b - a for a, b in rows) + sum(b - a for a, b in gone)
    assert 63 * MIB < total <= 64 * MIB, pc.serial


# ---- maps at random --------------------------------------------------------

COUNT = 500 if os.environ.get("TEST_LONG") else 20
FIRST = int(os.environ.get("TEST_SEED", "1"))


def random_range(rng):
    """Somewhere in the memory, at the edges of pages or right beside them."""
    base = rng.randrange(RAM_END)
    length = min(rng.choice((1, PAGE, 64 << 10, MIB, 16 * MIB, 48 * MIB)) *
                 rng.randrange(1, 5), RAM_END - base)
    if rng.random() < 0.6:
        base = base // PAGE * PAGE
        length = length // PAGE * PAGE
    return (base + rng.choice((0, 0, 0, 1)),
            max(0, length - rng.choice((0, 0, 0, 1))))


def random_map(rng):
    """Available entries lie where memory is: what is a lie is not RAM."""
    entries = list(USUAL_MAP) if rng.random() < 0.7 else []
    for _ in range(rng.choice((1, 3, 10, 40, 300))):
        kind = rng.choice((AVAILABLE, AVAILABLE, AVAILABLE, RESERVED, ACPI,
                           NVS, BAD, 0, 77))
        base, length = random_range(rng)
        if kind != AVAILABLE and rng.random() < 0.05:
            base, length = rng.randrange(2**64), rng.randrange(2**64)
        elif kind != AVAILABLE:
            length = length // rng.choice((1, 10, 1000))
        entries.append((base, length, kind))
    rng.shuffle(entries)
    return entries


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_random_map(seed):
    """Again: TEST_SEED=N make check T='boot/random_map[N]'"""
    rng = random.Random(seed)
    boot = Boot()
    boot.map = random_map(rng)
    boot.entry_size = rng.choice((20, 20, 24, 28))
    boot.initrd_at = rng.choice((4 * MIB, 0x20000, 9 * MIB + 0x321,
                                 RAM_END - 0x10000))
    pc = boot.run()
    if pc.status == 125:
        assert_stops(pc, "memory")
        return
    assert_boots(pc)
    assert_report(pc, ram(boot.map), len(boot.map) <= 128)
