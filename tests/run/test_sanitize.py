"""-fsanitize=address: faults are reported, in Cairn and on this machine."""
import subprocess

import pytest

from run import CC, cairn_run

SOURCE = r"""
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int global[3];
static jmp_buf place;

static __attribute__((noinline)) int at(int *p, int i)
{
    return p[i];
}

static void jump(void)
{
    char b[20];

    memset(b, 0, 20);
    if (b[3] == 0)
        longjmp(place, 1);
}

static void *run(void *p)
{
    char b[30];

    memset(b, 1, 30);
    pthread_exit(p);
}

int main(int argc, char **argv)
{
    volatile int n = atoi(argv[2]);
    char b[10], *p = malloc(10), *q;
    int x[4] = {0}, *s;
    pthread_t t;

    (void)argc;
    switch (*argv[1]) {
    case 'h': p[n] = 1; break;
    case 'H': q = malloc(100000); q[n] = 1; break;
    case 'f': free(p); p[n] = 1; break;
    case 'd': free(p); free(p); break;
    case 'w': free(p + 4); break;
    case 'm': memset(b, 1, n); break;
    case 's': n = at(x, n); break;
    case 'g': n = at(global, n); break;
    case 'a': q = alloca(n); q[n] = 1; break;
    case 'o': memcpy(p, p + 1, n); break;
    case 'c': { { int y = n; s = &y; } n = *s; } break;
    case 'l': strcpy(p, "0123456789" + n); n = strlen(p); break;
    case 'p':
        for (int i = 0; i < 20; i++) {
            pthread_create(&t, NULL, run, NULL);
            pthread_join(t, NULL);
        }
        break;
    case 'j': if (!setjmp(place)) jump(); memset(b, 1, 10); break;
    case 'n':
        for (int i = 0; i < n; i++) {
            q = malloc(i % 5000);
            q = realloc(q, i % 7000);
            free(q);
        }
        break;
    }
    puts("end");
    return 0;
}
"""

OVER = "heap-buffer-overflow"
CASES = {
    "h 9": None,
    "h 10": OVER,
    "h -1": OVER,
    "H 99999": None,
    "H 100000": OVER,
    "f 3": "heap-use-after-free",
    "d 0": "attempting double-free",
    "w 0": "attempting free of what malloc did not give",
    "m 10": None,
    "m 11": "stack-buffer-overflow",
    "s 3": None,
    "s 4": "stack-buffer-overflow",
    "s -1": "stack-buffer-overflow",
    "g 2": None,
    "g 3": "global-buffer-overflow",
    "a 5": "dynamic-stack-buffer-overflow",
    "o 1": None,
    "o 5": "memcpy-param-overlap",
    "c 0": "stack-use-after-scope",
    "l 1": None,
    "l 0": OVER,
    "p 0": None,
    "j 0": None,
    "n 20000": None,
}
IN_CAIRN = ["h 9", "h 10", "f 3", "m 11", "g 3", "n 20000"]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sanitize")
    source = folder / "fault.c"
    source.write_text(SOURCE)
    subprocess.run([CC, "-std=gnu11", "-fsanitize=address", "-g", "-O1", "-w",
                    source, "-o", folder / "fault"], check=True)
    return folder / "fault"


def judge(case, status, out, err):
    wanted = CASES[case]
    if wanted is None:
        assert (status, out) == (0, b"end\n"), err
        return
    assert status != 0 and b"AddressSanitizer: " + wanted.encode() in err, err


@pytest.mark.parametrize("case", CASES)
def test_on_this_machine(program, case):
    done = subprocess.run([program, *case.split()], capture_output=True,
                          timeout=120)
    judge(case, done.returncode, done.stdout, done.stderr)
    if CASES[case] is not None:
        assert done.returncode == -6  # SIGABRT


@pytest.mark.parametrize("case", IN_CAIRN)
def test_in_cairn(program, case):
    done = cairn_run(program, *case.split(), timeout=120)
    judge(case, done.returncode, done.stdout, done.stderr)
