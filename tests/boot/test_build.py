"""What is built: archives that tar reads, equal bytes, the symbol table."""
import os
import pathlib
import shutil
import subprocess
import tarfile
import time

import machine
from machine import KERNEL, MKINITRD, ROOT

PAGE = 4096


def make(*words, **options):
    return subprocess.run(["make", *words], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "MAKEFLAGS": ""}, **options)


# ---- the packer ------------------------------------------------------------

def make_tree(root):
    """Files of sizes around block and page, and names of every trouble."""
    for size in (0, 1, 511, 512, 513, 3583, 3584, 3585, 4095, 4096, 4097,
                 70000):
        (root / f"size{size}").write_bytes(b"\xa5" * size)
    (root / "deep" / ("d" * 60) / ("e" * 60)).mkdir(parents=True)
    (root / "deep" / ("d" * 60) / ("e" * 60) / "file").write_text("deep")
    (root / ("n" * 255)).write_text("long name")
    (root / "empty-dir").mkdir()
    (root / "link").symlink_to("../somewhere else")
    (root / "longlink").symlink_to("t" * 300)
    with open(os.fsencode(root) + b"/\xff bytes\n", "wb") as file:
        file.write(b"bytes")
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o700)


def pack(root, out):
    subprocess.run([MKINITRD, "-o", out, root], check=True)
    return out


def test_packed_files_start_pages(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    make_tree(root)
    with tarfile.open(pack(root, tmp_path / "a.tar")) as archive:
        members = archive.getmembers()
    assert len(members) == 22
    for member in members:
        assert member.mtime == int(os.environ.get("SOURCE_DATE_EPOCH", 0))
        assert member.uid == member.gid == 0
        assert not member.size or member.offset_data % PAGE == 0, member


def test_no_two_files_share_a_page(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    make_tree(root)
    with tarfile.open(pack(root, tmp_path / "a.tar")) as archive:
        pages = [page for member in archive if member.size
                 for page in range(member.offset_data // PAGE,
                                   (member.offset_data + member.size - 1)
                                   // PAGE + 1)]
    assert len(pages) == len(set(pages))


def test_tar_unpacks_the_same(tmp_path):
    root, again = tmp_path / "root", tmp_path / "again"
    root.mkdir()
    again.mkdir()
    make_tree(root)
    archive = pack(root, tmp_path / "a.tar")
    done = subprocess.run(["tar", "-xpf", archive, "-C", again],
                          stderr=subprocess.PIPE)
    assert done.returncode == 0 and done.stderr == b""
    subprocess.run(["diff", "-r", "--no-dereference", root, again],
                   check=True)
    assert (again / "run").stat().st_mode & 0o7777 == 0o755


def test_equal_trees_give_equal_archives(tmp_path):
    archives = []
    for name in "one", "two":
        root = tmp_path / name
        root.mkdir()
        make_tree(root)
        archives.append(pack(root, tmp_path / f"{name}.tar").read_bytes())
        time.sleep(0.01)
    assert archives[0] == archives[1]


def test_packer_refuses(tmp_path):
    out = tmp_path / "a.tar"
    (tmp_path / "file").write_text("x")
    for sources in (["/nonexistent"], [f"{tmp_path}/file=../up"],
                    [f"{tmp_path}/file=a", f"{tmp_path}/file=a"],
                    [f"{tmp_path}/file=" + "n" * 256],
                    [f"{tmp_path}/file=/"],
                    [f"{tmp_path}/file=a", f"{tmp_path}/file=a/b"]):
        done = subprocess.run([MKINITRD, "-o", out, *sources],
                              stderr=subprocess.PIPE)
        assert done.returncode == 1 and done.stderr
        assert not out.exists()
    with open("/dev/full", "wb") as full:
        done = subprocess.run([MKINITRD, "-o", f"/proc/self/fd/{full.fileno()}",
                               tmp_path / "file"], pass_fds=[full.fileno()],
                              stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"No space" in done.stderr


# ---- the build -------------------------------------------------------------

def test_nothing_changed_is_quick():
    begin = time.monotonic()
    done = make("all")
    assert done.returncode == 0
    assert "CC" not in done.stdout, done.stdout
    assert time.monotonic() - begin < 2


def test_images_are_equal(tmp_path):
    images = []
    for name in "one", "two":
        (tmp_path / name).mkdir()
        iso = machine.make_iso(tmp_path / name / "cairn.iso")
        images.append(iso.read_bytes())
        time.sleep(1.1)
    assert images[0] == images[1]


def test_two_folders_build_the_same_kernel(tmp_path):
    """The whole kernel, from a clone that lies somewhere else."""
    clone = tmp_path / "another"
    clone.mkdir()
    for name in ("Makefile", "linker.ld", "kernel", "tools", "tests",
                 "initrd"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / name, symlinks=True)
        else:
            shutil.copy(source, clone / name)
    (clone / "userland").mkdir()
    shutil.copy(ROOT / "userland/rules.mk", clone / "userland")
    done = subprocess.run(["make", "build/kernel/cairn.elf"], cwd=clone,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "MAKEFLAGS": ""}, text=True)
    assert done.returncode == 0, done.stdout
    there = clone / "build/kernel/cairn.elf"
    assert there.read_bytes() == pathlib.Path(KERNEL).read_bytes()


def test_symbol_table_names_the_functions():
    """The table lists what nm lists: addresses ascending, kmain in it."""
    lines = pathlib.Path(f"{KERNEL}.ksyms").read_text().splitlines()
    addresses = [int(line.split()[0], 16) for line in lines]
    names = {line.split()[1] for line in lines}
    assert addresses == sorted(addresses)
    assert {"kmain", "panic", "ksym_lookup"} <= names
    symbols = subprocess.run(["i686-linux-gnu-nm", KERNEL], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    for line in symbols.splitlines():
        address, kind, name = line.rsplit(maxsplit=2)
        if kind in "tT" and name in ("kmain", "panic"):
            assert f"{address} {name}" in lines


# ---- packages --------------------------------------------------------------

def test_missing_packages_without_rights(tmp_path):
    """Who may not install is told the one line to type; nothing is run."""
    for name in "sh", "grep", "cut", "tr", "mkdir":
        (tmp_path / name).symlink_to(shutil.which(name))
    scripts = {"id": "echo 65534", "apt-get": "echo apt-get has run"}
    for name, body in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([ROOT / "tools/deps.sh", tmp_path / "stamps",
                           "base"], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT,
                          env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert not (tmp_path / "stamps/base").exists()
    lines = [line for line in done.stdout.splitlines() if "gdb" in line]
    assert len(lines) == 1 and "qemu-system-x86" in lines[0], done.stdout
    assert "has run" not in done.stdout
