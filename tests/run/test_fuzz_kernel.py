"""The corpus of the kernel's fuzzer (tests/fuzz/kernel), run as it is."""
import re

from run import ROOT, cairn_run

FUZZ = ROOT / "build/fuzz/kernel/fuzz"
CORPUS = ROOT / "tests/fuzz/kernel/corpus.txt"


def deeds_of(text):
    return re.findall(r"^deed\n.*?^end\n", text, re.M | re.S)


def replay(corpus, *options):
    return cairn_run("--append", "leakcheck", "-m", "96M", *options, "--file",
                     f"{FUZZ}:/tmp/fuzz", "--file", f"{corpus}:/tmp/corpus",
                     FUZZ, "replay", "1", "/tmp/corpus", timeout=200)


def test_the_corpus_does_no_harm():
    done = replay(CORPUS, "--timeout", "150")
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    wanted = deeds_of(CORPUS.read_text())
    assert len(wanted) > 10
    # What was read is written again in the same words.
    assert deeds_of(done.stdout.decode()) == wanted
    assert f"# stat deeds {len(wanted)} ".encode() in done.stdout


def test_what_makes_no_sense_is_no_deed(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.write_text("deed\nprogram 0\nno_such_call 0x1\nend\n"
                      "deed\nprogram 0\nend\n"
                      "deed\nprogram 0\ngetpid r3\nend\n"
                      "deed\nprogram 0\nread 0x0 @fffff:00 0x1\nend\n"
                      "deed\nprogram 1000\ngetpid\nend\n")
    done = replay(corpus)
    assert done.returncode == 0
    assert deeds_of(done.stdout.decode()) == \
        ["deed\nprogram 1000\ngetpid\nend\n"]
