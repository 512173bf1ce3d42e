"""What the tests of cairn-run share: programs built once."""
import subprocess

import pytest

import run


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """build("name", source) compiles a C program for Cairn, once."""
    folder = tmp_path_factory.mktemp("programs")

    def compile_once(name, source):
        program = folder / name
        if not program.exists():
            program.with_suffix(".c").write_text(source)
            subprocess.run([run.CC, "-O2", "-Wall", program.with_suffix(".c"),
                            "-o", program], check=True)
        return program

    return compile_once
