"""The ports: every utility, the shell beside the host's, the image's files.

ports_cases.txt is the list of what is tried; its head says how to read it.
All cases run in one Cairn, since what they look at is the programs.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

import run

HERE = pathlib.Path(__file__).parent
PORTS = run.ROOT / "build/ports"
UTILITIES = PORTS / "busybox/root/bin"
HOST_PATH = "/usr/bin:/bin"

# Runs each case of a folder, and frames what it said:
#     case NAME STATUS BYTES-OF-OUTPUT BYTES-OF-ERRORS, then both
DRIVER = r"""
for script in /cases/*; do
    name=${script##*/}
    mkdir -p "/tmp/$name" && cd "/tmp/$name" || exit 1
    sh "$script" >/tmp/out 2>/tmp/err </dev/null
    status=$?
    echo "case $name $status $(stat -c %s /tmp/out) $(stat -c %s /tmp/err)"
    cat /tmp/out /tmp/err
    cd / && rm -rf "/tmp/$name"
done
"""


class Case:
    """A script, what it is about, and its output if the file states it."""

    def __init__(self, names):
        self.names = names
        self.lines = []
        self.expected = None

    @property
    def script(self):
        return "\n".join(self.lines) + "\n"


def read_cases():
    cases = []
    for line in (HERE / "ports_cases.txt").read_text().splitlines():
        if line.startswith(": "):
            cases.append(Case(line[2:].split()))
        elif line.startswith("= ") or line == "=":
            cases[-1].expected = (cases[-1].expected or "") + line[2:] + "\n"
        elif line and not (line.startswith("#") and not (
                cases and cases[-1].lines and cases[-1].expected is None
                and not line.startswith("# --"))):
            cases[-1].lines.append(line)
    return cases


CASES = read_cases()
IDS = [f"{i:03}-{'-'.join(case.names[:2])}".replace("[", "bracket")
       for i, case in enumerate(CASES)]


def parse(output):
    """What the driver has written: {name: (status, stdout, stderr)}."""
    results = {}
    while output:
        head, output = output.split(b"\n", 1)
        _, name, status, nout, nerr = head.split()
        nout, nerr = int(nout), int(nerr)
        results[name.decode()] = (int(status), output[:nout].decode(),
                                  output[nout:nout + nerr].decode())
        output = output[nout + nerr:]
    return results


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of all cases, from one run."""
    folder = tmp_path_factory.mktemp("cases")
    for name, case in zip(IDS, CASES):
        (folder / name).write_text(case.script)
    done = run.cairn_run("--dir", f"{folder}:/cases", "-c", DRIVER,
                         env={"HOME": "/root", "PATH": "/bin:/sbin"})
    assert done.returncode == 0, done.stderr.decode()
    return parse(done.stdout)


def on_host(case, folder):
    """The case with the shell and the utilities of this machine."""
    done = subprocess.run(["sh", "-c", case.script], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          env={"PATH": HOST_PATH, "LC_ALL": "C",
                               "TZ": "UTC", "HOME": "/"}, timeout=60)
    return done.returncode, done.stdout


@pytest.mark.parametrize("case, name", zip(CASES, IDS), ids=IDS)
def test_utility(case, name, results, tmp_path):
    status, out, err = results[name]
    if case.expected is None:
        for tool in case.names:
            if not shutil.which(tool, path=HOST_PATH):
                pytest.skip(f"this host has no {tool} to compare with")
        wanted_status, wanted = on_host(case, tmp_path)
    else:
        wanted_status, wanted = 0, case.expected
    assert out == wanted, err
    assert status == wanted_status, err


def test_each_utility_is_tried():
    """Whatever the image has as a name of busybox is in some case."""
    tried = set()
    for case in CASES:
        for name in case.names:
            assert name in case.script, f"{name} is not in its case"
            tried.add(name)
    names = {p.name for p in UTILITIES.iterdir()}
    assert names - tried == set()


# ---- how ports are built ---------------------------------------------------

def fetch(folder, sum_, **env):
    return subprocess.run(
        [run.ROOT / "userland/ports/fetch-source", folder, "dash",
         "dash_1.orig.tar.gz", sum_], capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], **env}, timeout=60)


def test_archives_are_compared(tmp_path):
    """What lies there already is taken, if it is the right one."""
    (tmp_path / "dash_1.orig.tar.gz").write_text("an archive")
    done = fetch(tmp_path, hashlib.sha256(b"an archive").hexdigest())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = fetch(tmp_path, "0" * 64)
    assert done.returncode == 1 and "another checksum" in done.stderr
    assert (tmp_path / "dash_1.orig.tar.gz").read_text() == "an archive"


def test_a_source_that_is_not_to_be_had(tmp_path):
    """Without apt-get there is one line, which names port and archive."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in "sh", "mkdir", "flock", "sha256sum", "cut":
        (tools / name).symlink_to(shutil.which(name))
    done = fetch(tmp_path, "0" * 64, PATH=str(tools))
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "dash" in done.stderr and "dash_1.orig.tar.gz" in done.stderr


def test_equal_bytes_in_another_folder(tmp_path):
    work = tmp_path / "another/folder"
    subprocess.run(
        [run.ROOT / "userland/ports/build-port",
         run.ROOT / "userland/ports/dash", work, PORTS / "src",
         run.ROOT / "sysroot/bin"], check=True, timeout=300,
        env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": "1767225600"})
    for name in "dash", "sh":
        assert (work / "root/bin" / name).read_bytes() == (
            PORTS / "dash/root/bin" / name).read_bytes()


def port_with(folder, lines):
    (folder / "port").write_text("package=p\narchive=p.tar\n" + lines)
    (folder / "p").mkdir()
    (folder / "p/hello.c").write_text("int main(void) { return 0; }\n")
    subprocess.run(["tar", "-cf", "p.tar", "p"], cwd=folder, check=True)
    return subprocess.run(
        [run.ROOT / "userland/ports/build-port", folder, folder / "work",
         folder, run.ROOT / "sysroot/bin"], capture_output=True, text=True,
        timeout=120, env={"PATH": os.environ["PATH"]})


INSTALL = """
configure() { :; }
build() { mkdir -p stage/usr/bin && %s hello.c -o stage/usr/bin/hello; }
install() { put_staged stage; }
"""


def test_an_installation_goes_into_the_image(tmp_path):
    done = port_with(tmp_path, INSTALL % '"$CC"')
    assert done.returncode == 0, done.stderr
    assert run.cairn_run(tmp_path / "work/root/bin/hello").returncode == 0


def test_a_program_of_this_machine_is_refused(tmp_path):
    """As a package builds that does not look at CC."""
    done = port_with(tmp_path, INSTALL % '"$HOSTCC"')
    assert done.returncode != 0 and "not for Cairn" in done.stderr
    assert not (tmp_path / "work/root/bin/hello").exists()


def test_a_tool_that_the_build_wants(tmp_path):
    done = port_with(tmp_path, "host='no-such-tool'\n" + INSTALL % '"$CC"')
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "no-such-tool" in done.stderr


# Those whose results docs/ports.md tells.
SUITES = ["bc", "ed", "gzip", "sed"]


@pytest.mark.long
@pytest.mark.parametrize("name", SUITES)
def test_suite_of_a_port(name):
    """What "make check-ports" runs, where the ports are built."""
    if not (PORTS / "check.tar").exists() or not (
            PORTS / f"{name}.stamp").exists():
        pytest.skip("the ports are not built: make check-ports")
    done = subprocess.run(
        [run.ROOT / "userland/ports/check-port", run.ROOT / "build", name],
        capture_output=True, text=True, timeout=3700)
    assert done.returncode == 0, done.stdout


# ---- the shell -------------------------------------------------------------

@pytest.fixture(scope="session")
def host_dash():
    """dash of the port's own source, built for this machine, once."""
    folder = PORTS / "dash-host"
    if not (folder / "src/dash").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        archive = next((PORTS / "src").glob("dash_*.orig.tar.*"))
        subprocess.run(["tar", "-xf", archive, "-C", folder,
                        "--strip-components=1"], check=True)
        env = {"PATH": os.environ["PATH"], "CFLAGS": "-O1 -w"}
        for command in ["./configure"], ["make"]:
            subprocess.run(command, cwd=folder, env=env, check=True,
                           capture_output=True)
    return folder / "src/dash"


def test_long_script(host_dash, tmp_path):
    """A script of 300 lines: what it writes is the same here and there."""
    script = HERE / "ports_script.sh"
    assert len(script.read_text().splitlines()) >= 300
    here = tmp_path / "here"
    here.mkdir()
    # Scripts of the script run in the same dash.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to(host_dash)
    local = subprocess.run(
        [host_dash, script], cwd=here, stdin=subprocess.DEVNULL, timeout=60,
        capture_output=True, text=True,
        env={"PATH": f"{tmp_path}/bin:{HOST_PATH}"})
    there = run.cairn_run(
        "--file", f"{script}:{script}", "-c",
        f"mkdir /tmp/here && cd /tmp/here && exec sh {script}",
        env={"PATH": "/bin"}, text=True)
    assert there.stdout == local.stdout
    assert there.stderr == local.stderr
    assert there.returncode == local.returncode == 17


# ---- busybox's own tests ---------------------------------------------------

# Those that fail, and why.  The first four do so on Linux with glibc too.
KNOWN_FAILURES = {
    "cpio lists hardlinks": "busybox's own",
    "sed embedded NUL": "busybox's own",
    "sed NUL in command": "busybox's own",
    "sed nonexistent label": "busybox's own",
    "cpio -p with absolute paths": "wants a folder /usr/bin",
    "hostname-d-works": "wants a domain",
    "unzip (subdir only)": "wants zip, which busybox has not",
}

# bc's tests would take minutes on an emulated processor.
SUITE = r"""
cd /suite/testsuite && ln -s /bin/busybox /suite/busybox && mkdir ../include
export ECHO="$PWD/echo-ne" VERBOSE=1
printf '#!/bin/sh\nexec env echo "$@"\n' >"$ECHO" && chmod +x "$ECHO"
for name in $(ls | sed -n 's,\.tests$,,p') $(ls -p | sed -n 's,/$,,p'); do
    echo $name
done | sort -u | grep -vx bc | while read -r name; do
    sh ./runtest $name </dev/null 2>&1
done
"""


@pytest.mark.long
def test_suite_of_busybox(tmp_path):
    """What busybox tests of itself: nothing fails but what is known."""
    source = PORTS / "busybox/src"
    shutil.copytree(source / "testsuite", tmp_path / "testsuite")
    shutil.copy(source / ".config", tmp_path)
    done = run.cairn_run("-m", "256M", "--timeout", "800", "--dir",
                         f"{tmp_path}:/suite", "-c", SUITE, timeout=900,
                         env={"PATH": "/bin", "HOME": "/root"})
    lines = done.stdout.decode("latin-1").splitlines()
    passed = [line for line in lines if line.startswith("PASS: ")]
    failed = {line[6:] for line in lines if line.startswith("FAIL: ")}
    assert failed <= set(KNOWN_FAILURES)
    assert len(passed) > 700
