"""cairn-run on machines that are not quite its own: other processors, memory
sizes, chip sets, and both interfaces of virtio."""
import os

import pytest

import programs
from run import cairn_run, environment


@pytest.fixture()
def qemu(tmp_path):
    """qemu("from", "to") is a QEMU that changes its command line first."""
    def make(before, after):
        script = tmp_path / "qemu"
        script.write_text("#!/bin/bash\n"
                          f'exec qemu-system-i386 "${{@/#{before}/{after}}}"\n')
        script.chmod(0o755)
        return environment(QEMU=str(script))

    return make


@pytest.mark.parametrize("before, after", [
    ("virtio-serial-pci", "virtio-serial-pci,disable-legacy=on"),
    ("virtio-serial-pci", "virtio-serial-pci,disable-modern=on"),
    ("virtio-serial-pci", "virtio-serial-pci,vectors=0,event_idx=off"),
    ("virtio-serial-pci,max_ports=2", "virtio-serial-pci,max_ports=31"),
    ("pc,", "q35,"),
    ("pc,", "pc,acpi=off,usb=off,hpet=off,"),
])
def test_devices(build, qemu, before, after):
    cat = build("cat", programs.CAT)
    data = os.urandom(1 << 20)
    done = cairn_run(cat, input=data, env=qemu(before, after))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == data


@pytest.mark.parametrize("cpu", ["qemu32", "pentium2", "pentium3", "coreduo",
                                 "n270", "max,-nx", "max,-smep,-smap,-umip",
                                 "max,-sse2", "max,-fxsr,-sse,-sse2",
                                 "max,-pge", "max,-rdrand,-rdseed"])
def test_processors(build, cpu):
    done = cairn_run("--cpu", cpu, build("hello", programs.HELLO))
    assert (done.returncode, done.stdout) == (0, b"hello, world\n")


@pytest.mark.parametrize("memory", ["4M", "5M", "8M", "17M", "1G", "3584M",
                                    "5G"])
def test_memory_sizes(build, memory):
    done = cairn_run("-m", memory, build("hello", programs.HELLO))
    assert (done.returncode, done.stdout) == (0, b"hello, world\n")
