#!/usr/bin/env python3
"""Say for each target of the allocator whether it is met.

usage: targets.py DIRECTORY

DIRECTORY holds bench, misuse and perobj linked with the allocator, step (a
program of the host), the objects in o/, and compare.json as compare.py
--json writes it. A target that is missed is said to be, and by how much; that
is a result and not a failure of this program.
"""
import json
import math
import os
import re
import subprocess
import sys

import compare

SIZES = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 320,
         384, 512, 768, 1024]
CORE = 'heap.o api.o'.split()


def say(what, value, target, unit=''):
    verdict = 'met' if value <= target else f'MISSED by {value - target:.4g}'
    print(f'{what:<44}{value:10.4g}{target:10.4g} {unit:<6} {verdict}')


def output(*command, **more):
    return subprocess.run(command, capture_output=True, text=True,
                          errors='replace', check=False, **more)


def worst_call(where):
    """The longest of all single malloc and free calls of workload lat."""
    # step looks for a dot in the path.
    text = output(f'{where}/step', f'./{where}/bench', 'lat', '2',
                  '6000').stdout
    return max((int(n) for n in re.findall(r'max=(\d+)', text)),
               default=math.inf)


def code_size(where):
    files = [f'{where}/o/{name}' for name in CORE]
    rows = output('size', *files).stdout.splitlines()[1:]
    return sum(int(row.split()[0]) for row in rows) / 1024


def per_object(where):
    ratios = []
    for n in SIZES:
        text = output(f'{where}/perobj', str(n)).stdout
        ratios.append(float(re.search(r'obj=([\d.]+)', text)[1]) / n)
    return compare.geomean(ratios)


def misuse_missed(where):
    """How many of the cases do not end as they must, in both modes."""
    missed = 0
    for case in range(1, 9):
        status = output(f'{where}/misuse', str(case)).returncode
        missed += status != -6 and not (case in (6, 7) and status == 0)
        status = output(f'{where}/misuse', str(case),
                        env={'MALLOC_CONF': 'check'}).returncode
        missed += status != -6
    return missed


def above(where):
    compare.ROUNDS['above'] = 4
    exe = f'{where}/bench'
    return compare.instructions(exe, 'above', compare.aliases(exe))


def main():
    where = sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, 'peers.json'), encoding='utf-8') as file:
        newlib = {w: row['nl'] for w, row in
                  json.load(file)['instructions_per_call'].items()}
    with open(os.path.join(where, 'compare.json'), encoding='utf-8') as file:
        ours = json.load(file)
    cost, memory = ours['instructions_per_call'], ours['memory']
    peak = {w: m[0] / m[2] for w, m in memory.items()}

    print(f'{"target":<44}{"ours":>10}{"target":>10}')
    say('1 malloc and free, steady small', 2 * cost['pairl'], 34, 'instr')
    for number, name, works, target in (
            (2, 'nine small workloads / newlib', compare.SMALL, 0.24),
            (3, 'all thirteen workloads / newlib', compare.ALL, 0.35)):
        say(f'{number} {name}',
            compare.geomean([cost[w] / newlib[w] for w in works]), target)
    say('4 peak memory / live', compare.geomean(
        [peak[w] for w in compare.MEMORY]), 1.18)
    say('5 phase', peak['phase'], 1.70)
    say('6 frag', peak['frag'], 1.52)
    say('7 tiny process', compare.memory(f'{where}/bench', 'tiny')[0], 20,
        'KiB')
    say('7 first malloc', compare.memory(f'{where}/bench', 'first')[0], 4,
        'KiB')
    say('8 worst single call', worst_call(where), 250, 'instr')
    say('9 code', code_size(where), 6, 'KiB')
    say('10 misuse that is not caught', misuse_missed(where), 0, 'cases')
    say('11 left after freeing all, worst workload',
        max(m[1] for m in memory.values()), 64, 'KiB')
    say('12 realloc to 4 MiB, a block above it', above(where), 250, 'instr')
    say('13 bytes per object', per_object(where), 1.10)


if __name__ == '__main__':
    main()
