"""Archives as nobody should make them, given to the kernel as its initrd.

The reader itself is fuzzed on the host (tests/fuzz/tar.c).  Here whole
machines boot: what an archive says becomes a root file system out of which
the first program runs and shows files, or the kernel stops with one clear
line.  At the end of each run that got so far, frames and charges add up.
"""
import os
import random
import re
import subprocess
import tarfile

import pytest

from machine import BUILD, direct, run
from scenario import TINY_INIT, tar_member, tiny_archive
from test_loader import assert_boots, assert_stops, trouble

END = bytes(1024)
BLOCK = 512
AT_SIZE, AT_MTIME, AT_CHECKSUM, AT_TYPE, AT_LINK, AT_MAGIC = (124, 136, 148,
                                                             156, 157, 257)
LONG = "n" * 255


def boot(tmp_path, archive, show=(), memory="16M"):
    path = tmp_path / "initrd.tar"
    path.write_bytes(archive)
    words = ["init=/sbin/init", *(f"show={name}" for name in show)]
    return run(direct(initrd=path, cmdline=" ".join(words)), memory=memory)


def shown(pc):
    return re.findall(r"^\[(.*)\]$", pc.serial, re.M)


# ---- making them -----------------------------------------------------------

def fixed(header):
    """The header with its checksum made right."""
    header = bytearray(header)
    header[AT_CHECKSUM:AT_CHECKSUM + 8] = b" " * 8
    header[AT_CHECKSUM:AT_CHECKSUM + 8] = b"%06o\0 " % sum(header[:BLOCK])
    return bytes(header)


def patched(member, at, data):
    """A member with other bytes in its header, and the checksum right."""
    return fixed(member[:at] + data + member[at + len(data):BLOCK]) + \
        member[BLOCK:]


def sized(field, data=b"content\n"):
    """A file whose size field is these bytes."""
    return patched(tar_member("file", data), AT_SIZE, field)


def base256(value, nbytes=12):
    return (value % (1 << (8 * nbytes)) | 1 << (8 * nbytes - 1)).to_bytes(
        nbytes, "big")


def typed(kind, **fields):
    return tar_member("odd", type=kind, **fields)


def pax(*records, kind=b"x"):
    """An extended header; a record is text, or bytes taken as they are."""
    data = b""
    for record in records:
        if isinstance(record, str):
            body = f" {record}\n".encode()
            length = len(body) + 1
            while len(str(length)) + len(body) != length:
                length += 1
            record = str(length).encode() + body
        data += record
    return tar_member("pax", data, type=kind)


def gnu_long(name, kind=b"L"):
    return tar_member("././@LongLink", name.encode() + b"\0", type=kind)


def file(name, text="content"):
    return tar_member(name, text.encode())


# ---- archives that boot, and what is in them then --------------------------

def good(*members, show=(), want=(), memory="16M"):
    return members, show, want, memory


GOOD = {
    "absolute-name": good(file("/etc/absolute"), show=["/etc/absolute"],
                          want=["content"]),
    "dots-and-slashes": good(file("././/etc/././dots"), show=["/etc/dots"],
                             want=["content"]),
    "missing-directories": good(file("a/b/c/d/e"), show=["/a/b/c/d/e"],
                                want=["content"]),
    "three-dots": good(file("etc/..."), show=["/etc/..."],
                       want=["content"]),
    "name-of-255": good(pax(f"path={LONG}"), file("x"), show=["/" + LONG],
                        want=["content"]),
    "name-of-255-by-gnu": good(gnu_long(LONG), file("x"),
                               show=["/" + LONG], want=["content"]),
    "prefix-and-name-full": good(
        file("p" * 155 + "/" + "n" * 100),
        show=["/" + "p" * 155 + "/" + "n" * 100], want=["content"]),
    "path-of-600": good(pax("path=" + "deep/" * 120 + "f"), file("x"),
                        show=["/" + "deep/" * 120 + "f"], want=["content"]),
    "link-of-600": good(file("f"), gnu_long("/" + "./" * 300 + "f", b"K"),
                        tar_member("l", type=b"2", linkname="x"),
                        show=["/l"], want=["content"]),
    "twice": good(file("f", "old"), file("f", "new"), show=["/f"],
                  want=["new"]),
    "twice-shorter": good(file("f", "x" * 9000), file("f", "new"),
                          show=["/f"], want=["new"]),
    "a-thousand-times": good(*[file("f", str(i)) for i in range(1000)],
                             show=["/f"], want=["999"]),
    "directory-twice": good(tar_member("d", type=b"5"), file("d/f"),
                            tar_member("d", type=b"5"), show=["/d/f"],
                            want=["content"]),
    "root-as-a-member": good(tar_member("./", type=b"5"), file("f"),
                             show=["/f"], want=["content"]),
    "hard-link": good(file("a"), tar_member("b", type=b"1", linkname="a"),
                      show=["/a", "/b"], want=["content", "content"]),
    "hard-link-outlives": good(
        file("a", "old"), tar_member("b", type=b"1", linkname="a"),
        file("a", "new"), show=["/a", "/b"], want=["new", "old"]),
    "hard-link-to-itself": good(
        file("a"), tar_member("a", type=b"1", linkname="a"), show=["/a"],
        want=["content"]),
    "symbolic-link": good(file("a"),
                          tar_member("b", type=b"2", linkname="/a"),
                          show=["/b"], want=["content"]),
    "symbolic-link-out": good(
        file("a"), tar_member("d/b", type=b"2", linkname="../../../a"),
        show=["/d/b"], want=["content"]),
    "symbolic-link-loop": good(
        tar_member("a", type=b"2", linkname="b"),
        tar_member("b", type=b"2", linkname="a"), show=["/a"],
        want=["none 40"]),
    "symbolic-link-replaced": good(
        file("a", "old"), tar_member("b", type=b"2", linkname="a"),
        file("b", "new"), show=["/a", "/b"], want=["old", "new"]),
    "devices": good(typed(b"3", devmajor=1, devminor=3),
                    tar_member("block", type=b"4", devmajor=8),
                    tar_member("fifo", type=b"6")),
    "contiguous-file": good(patched(file("f"), AT_TYPE, b"7"), show=["/f"],
                            want=["content"]),
    "oldest-type": good(patched(file("f"), AT_TYPE, b"\0"), show=["/f"],
                        want=["content"]),
    "size-base-256": good(sized(base256(7), b"content"), show=["/file"],
                          want=["content"]),
    "size-in-blanks": good(sized(b"   7        ", b"content"),
                           show=["/file"], want=["content"]),
    "size-empty": good(sized(bytes(12), b""), show=["/file"], want=[""]),
    "size-by-pax": good(pax("size=7"), sized(b"77777777777\0", b"content"),
                        show=["/file"], want=["content"]),
    "time-before-1970": good(patched(file("f"), AT_MTIME, base256(-1)),
                             show=["/f"], want=["content"]),
    "time-far-away": good(patched(file("f"), AT_MTIME, base256(2**62)),
                          pax("mtime=9223372036854775807.999"), file("g"),
                          show=["/f", "/g"], want=["content"] * 2),
    "pax-that-nobody-knows": good(
        pax("comment=" + "x" * 3000, "SCHILY.dev=1", kind=b"g"),
        pax("LIBARCHIVE.x=y", "path=renamed"), file("f"),
        show=["/renamed", "/f"], want=["content", "none 02"]),
    "behind-the-end": good(file("f"), show=["/f"], want=["content"]),
    "file-of-whole-pages": good(file("f", "z" * 8192), show=["/f"],
                                want=["z" * 64]),
    "ten-thousand-members": good(*[file(f"d{i % 100}/f{i}", str(i))
                                   for i in range(10000)],
                                 show=["/d99/f9999"], want=["9999"],
                                 memory="64M"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good(name, tmp_path):
    members, show, want, memory = GOOD[name]
    pc = boot(tmp_path, tiny_archive(*members) + b"rubbish" * 100, show,
              memory)
    assert_boots(pc)
    assert shown(pc) == list(want), pc.serial


# ---- archives that do not --------------------------------------------------

BAD = {
    "dots": ([file("../f")], "bad member name"),
    "dots-inside": ([file("a/../../f")], "bad member name"),
    "dots-at-the-end": ([file("a/..")], "bad member name"),
    "dots-by-pax": ([pax("path=a/../b"), file("f")], "bad member name"),
    "name-empty": ([patched(file("f"), 0, b"\0")], "bad member name"),
    "name-is-the-root": ([tar_member("/", type=b"7")], "bad member name"),
    "name-of-256": ([pax(f"path={LONG}n"), file("x")],
                    "the name is too long"),
    "name-of-256-by-gnu": ([gnu_long(LONG + "n"), file("x")],
                           "the name is too long"),
    "directory-of-256": ([pax(f"path={LONG}n/f"), file("x")],
                         "the name is too long"),
    "path-of-4096": ([pax("path=" + "/d" * 2048 + "x"), file("x")],
                     "member name too long"),
    "file-over-directory": ([tar_member("d", type=b"5"), file("d")],
                            "a directory of this name"),
    "through-a-file": ([file("f"), file("f/g")],
                       "something that is no directory"),
    "through-a-link": ([tar_member("l", type=b"2", linkname="/etc"),
                        file("l/g")], "something that is no directory"),
    "hard-link-to-nothing": ([typed(b"1", linkname="missing")],
                             "target is missing"),
    "hard-link-to-directory": ([tar_member("d", type=b"5"),
                                typed(b"1", linkname="d")],
                               "hard link to a directory"),
    "hard-link-out": ([typed(b"1", linkname="../f")], "bad"),
    "hard-link-empty": ([typed(b"1")], "bad link"),
    "symbolic-link-empty": ([typed(b"2")], "bad link"),
    "link-with-data": ([patched(tar_member("l", b"data", type=b"2",
                                           linkname="f"), AT_TYPE, b"2")],
                       "bad link"),
    "size-of-8-gib": ([sized(b"77777777777\0")], "truncated"),
    "size-of-twelve-digits": ([sized(b"7" * 12)], "truncated"),
    "size-one-more-than-there-is": ([sized(b"%011o\0" % (1 << 20))],
                                    "truncated"),
    "size-no-number": ([sized(b"0000009\0    ")], "bad number"),
    "size-of-letters": ([sized(b"rubbish    \0")], "bad number"),
    "size-base-256-negative": ([sized(base256(-7))], "bad number"),
    "size-base-256-least": ([sized(base256(1 << 94))], "bad number"),
    "size-base-256-of-2-63": ([sized(base256(1 << 63))], "bad number"),
    "size-base-256-of-2-64": ([sized(base256(1 << 64))], "bad number"),
    "size-base-256-below-2-63": ([sized(base256((1 << 63) - 1))],
                                 "truncated"),
    "size-base-256-of-2-32": ([sized(base256(1 << 32))], "truncated"),
    "size-by-pax-huge": ([pax("size=9223372036854775807"), file("f")],
                         "truncated"),
    "size-by-pax-too-huge": ([pax("size=9223372036854775808"), file("f")],
                             "bad number"),
    "size-by-pax-negative": ([pax("size=-1"), file("f")], "bad number"),
    "mode-no-number": ([patched(file("f"), 100, b"abc")], "bad number"),
    "owner-negative": ([patched(file("f"), 108, base256(-1, 8))],
                       "bad number"),
    "owner-of-33-bits": ([patched(file("f"), 108, base256(1 << 32, 8))],
                         "bad number"),
    "type-unknown": ([typed(b"Z")], "unknown member type"),
    "type-volume": ([typed(b"V")], "unknown member type"),
    "type-sparse": ([typed(b"S")], "sparse"),
    "type-255": ([typed(b"\xff")], "unknown member type"),
    "checksum": ([b"f" + file("g")[1:]], "wrong header checksum"),
    "magic": ([patched(file("f"), AT_MAGIC, b"uztar")],
              "not a ustar header"),
    "magic-none": ([patched(file("f"), AT_MAGIC, bytes(8))],
                   "not a ustar header"),
    "pax-record-too-long": ([pax(b"999 path=x\n"), file("f")],
                            "broken extended header"),
    "pax-record-too-short": ([pax(b"3 path=x\n"), file("f")],
                             "broken extended header"),
    "pax-record-of-0": ([pax(b"0 path=x\n"), file("f")],
                        "broken extended header"),
    "pax-record-negative": ([pax(b"-5 path=x\n"), file("f")],
                            "broken extended header"),
    "pax-record-length-huge": ([pax(b"99999999999999999999 path=x\n"),
                                file("f")], "broken extended header"),
    "pax-without-newline": ([pax(b"11 path=xyz"), file("f")],
                            "broken extended header"),
    "pax-name-with-nul": ([pax(b"12 path=a\0b\n"), file("f")],
                          "bad member name"),
    "pax-global-path": ([pax("path=x", kind=b"g"), file("f")],
                        "broken extended header"),
    "pax-of-2-mib": ([pax("comment=" + "x" * (2 << 20)), file("f")],
                     "broken extended header"),
    "pax-sparse": ([pax("GNU.sparse.size=5"), file("f")], "sparse"),
    "file-that-does-not-fit": ([file("f", "x" * (9 << 20))],
                               "out of memory"),
    "members-that-do-not-fit": ([file(f"d/{i}") for i in range(12000)],
                                "out of memory|not enough memory"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad(name, tmp_path):
    members, words = BAD[name]
    pc = boot(tmp_path, tiny_archive(*members))
    assert_stops(pc, "initrd: .*(" + words + ")")


def test_pax_without_a_member(tmp_path):
    """An extended header must be about something."""
    archive = tiny_archive()[:-len(END)] + pax("path=x") + END
    assert_stops(boot(tmp_path, archive), "initrd: .*broken extended header")


# ---- cut short -------------------------------------------------------------

WHOLE = tiny_archive(tar_member("d", type=b"5"), file("d/f", "x" * 1500),
                     pax(f"path={LONG}"), file("f"),
                     tar_member("h", type=b"1", linkname="d/f"),
                     gnu_long("k/" * 600 + "k"),
                     tar_member("s", type=b"2", linkname="d/f"))


@pytest.mark.parametrize("nbytes", range(BLOCK, len(WHOLE), BLOCK))
def test_cut_at(nbytes, tmp_path):
    """Only the second block of the end mark is one that nobody misses."""
    pc = boot(tmp_path, WHOLE[:nbytes])
    if nbytes == len(WHOLE) - BLOCK:
        assert_boots(pc)
    else:
        assert_stops(pc, "initrd: byte .*(truncated|no end mark|extended)")


# ---- mutants ---------------------------------------------------------------

NUMBERS = [b"\xff" * 12, b"7" * 12, bytes(12), b"\x80" + bytes(11),
           b"-0000000001\0", b"00000000001\0", b"           8", b"00001000000\0"]
FIELDS = [(0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12),
          (156, 1), (157, 100), (257, 8), (329, 8), (337, 8), (345, 155)]
MEMBERS = [tar_member("d", type=b"5"), file("d/f", "x" * 5000),
           pax("path=renamed", "mtime=1.5", "uid=7"), file("f", "short"),
           tar_member("h", type=b"1", linkname="d/f"), gnu_long("e/long"),
           file("e"), tar_member("s", type=b"2", linkname="d/f"),
           tar_member("sbin/init", TINY_INIT.read_bytes())
           if TINY_INIT.exists() else b"", file("last")]


def mutate_header(rng, header):
    header = bytearray(header.ljust(BLOCK, b"\0"))
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.choice(FIELDS)
        if rng.random() < 0.5:
            header[at:at + length] = rng.choice(NUMBERS)[:length].ljust(
                length, b"\0")
        elif rng.random() < 0.5:
            header[at + rng.randrange(length)] = rng.randrange(256)
        else:
            header[at] = rng.choice(b"/.0123567xgLKS\0")
    return fixed(header) if rng.random() < 0.9 else bytes(header)


def mutant(seed):
    """An archive with members changed, dropped, doubled, cut, out of order.

    The program's own bytes stay as they are, so that it ends when it runs.
    """
    rng = random.Random(seed)
    members = list(MEMBERS)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        i = rng.randrange(len(members))
        action = rng.random()
        if action < 0.7:
            members[i] = mutate_header(rng, members[i][:BLOCK]) + \
                members[i][BLOCK:]
        elif action < 0.8:
            members.insert(i, rng.choice(members))
        elif action < 0.9 and not members[i].startswith(b"sbin/init"):
            members[i] = members[i][:rng.randrange(len(members[i]) + 1)]
        else:
            rng.shuffle(members)
    return b"".join(members) + END


COUNT = 1000 if os.environ.get("TEST_LONG") else 40
FIRST = int(os.environ.get("TEST_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_mutant(seed, tmp_path):
    """Again: TEST_SEED=N make check T='boot/mutant[N]'"""
    pc = boot(tmp_path, mutant(seed))
    if pc.status == 125:
        assert_stops(pc, r"(initrd: |/sbin/init: )")
    else:
        assert_boots(pc)
    assert not trouble(pc.serial), pc.serial


def test_the_first_file_of_a_name_is_kept(tmp_path):
    for name, text in ("port", "theirs"), ("busybox", "ours"):
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        (folder / "ed").write_text(text)
        (folder / name).write_text(name)
    sources = [tmp_path / "port", tmp_path / "busybox"]
    archive = tmp_path / "out.tar"
    command = [BUILD / "host/mkinitrd", "-o", archive]
    refused = subprocess.run([*command, *sources], capture_output=True)
    assert refused.returncode == 1 and b"exists" in refused.stderr.lower()
    subprocess.run([*command, "-k", *sources], check=True)
    with tarfile.open(archive) as tar:
        assert tar.extractfile("bin/ed").read() == b"theirs"
        assert {"bin/port", "bin/busybox"} <= set(tar.getnames())
