"""malloc until it says no, on machines of every size.

The program takes blocks of 1 MiB until malloc returns NULL, fills every one,
reads every one back, frees all, and does it again: the second time must yield
as many. The kernel compares its frames before and after, and fails the run
when one is missing (the word leakcheck).
"""
import re

import pytest

import machine
from machine import direct, run

FILL = r"""
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#define BLOCK (1 << 20)

static uint32_t *blocks[4096];

static int take_all(void)
{
    int n = 0;

    errno = 0;
    while (n < 4096 && (blocks[n] = malloc(BLOCK)) != NULL)
        n++;
    if (errno != ENOMEM)
        printf("wrong: errno is %d\n", errno);
    for (int i = 0; i < n; i++)
        for (unsigned word = 0; word < BLOCK / 4; word += 1024)
            memset(blocks[i] + word, i, 4096);
    for (int i = 0; i < n; i++)
        for (unsigned word = 0; word < BLOCK / 4; word += 512)
            if (blocks[i][word] != (i & 0xFF) * 0x01010101u)
                printf("wrong: block %d has changed\n", i);
    for (int i = 0; i < n; i++)
        free(blocks[i]);
    return n;
}

int main(void)
{
    struct sysinfo info;

    if (sysinfo(&info) != 0)
        return 1;
    printf("free %lu KiB\n",
           (unsigned long)((uint64_t)info.freeram * info.mem_unit / 1024));
    printf("first %d\n", take_all());
    printf("second %d\n", take_all());
    return 0;
}
"""


@pytest.fixture(scope="module")
def fill_initrd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fill")
    program = machine.compile_program(FILL, folder / "fill")
    return machine.make_initrd(folder / "initrd.tar", f"{program}=bin/fill")


def number(words, serial):
    return int(re.search(rf"^{words} (\d+)", serial, re.M)[1])


@pytest.mark.parametrize("memory", [
    "8M", "64M", "512M", pytest.param("3G", marks=pytest.mark.long),
    pytest.param("6G", marks=pytest.mark.long)])
def test_malloc_until_null(memory, fill_initrd):
    pc = run(direct(initrd=fill_initrd, cmdline="init=/bin/fill leakcheck"),
             memory=memory, timeout=600)
    assert pc.status == 0, pc.serial
    assert "wrong" not in pc.serial, pc.serial
    free = number("free", pc.serial) / 1024
    first, second = (number(word, pc.serial) for word in ("first", "second"))
    assert first == second
    # 3 GiB of addresses, less what the program, its stack and gaps take.
    least = free - 1.5 if memory == "8M" else min(0.9 * free, 3 * 1024 - 8)
    assert int(least) <= first <= free, pc.serial
