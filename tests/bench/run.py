"""Runs benchmarks and prints their ratios: see scripts/bench --help.

A benchmark is a file bench_NAME.py here with `def run(b)`, b a Bench. It measures ours and a peer's way of doing the
same thing alternately, in one run, and reports through b.ratio(). Nothing here is a test: a missed goal is shown.
"""
import argparse
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'lib')]


class Bench:
    """What a benchmark gets: a folder of its own, the clock, and where results go."""

    def __init__(self, name, work, quick, results):
        self.name, self.work, self.quick, self.results = name, work, quick, results
        self.redactfs = os.environ['REDACTFS_BIN']
        self.top = TOP

    def seconds(self, what, stdin=None, stdout=subprocess.DEVNULL, env=None, cwd=None):
        """Wall seconds of a function call, a shell line (str) or a command (list). A command that
        fails ends the benchmark."""
        t0 = time.perf_counter()
        if callable(what):
            what()
        else:
            line = ['bash', '-o', 'pipefail', '-c', what] if isinstance(what, str) else list(map(str, what))
            subprocess.run(line, stdin=stdin or subprocess.DEVNULL, stdout=stdout, check=True, cwd=cwd,
                           env={**os.environ, **(env or {})})
        return time.perf_counter() - t0

    def alternate(self, ours, peer, runs=5, before=None):
        """Both, `runs` times, turn about; `before` is called before each. (seconds, seconds): lists."""
        a, b = [], []
        for i in range(1 if self.quick else runs):
            for f, to in ((ours, a), (peer, b)) if i % 2 == 0 else ((peer, b), (ours, a)):
                if before:
                    before()
                to.append(self.seconds(f))
        return a, b

    def cold(self):
        """Empties the kernel's caches (root only; else says so)."""
        os.sync()
        try:
            Path('/proc/sys/vm/drop_caches').write_text('3')
        except OSError as e:
            print(f'bench: caches stay warm: {e.strerror}', file=sys.stderr)

    def ratio(self, what, ours, peer, peer_name, goal=None, better='lower', unit='s', note=''):
        """A result: lists of measurements in `unit`, compared by their medians as ours / peer. `goal`
        is a bound on that ratio, from above where lower is better."""
        mo, mp = statistics.median(ours), statistics.median(peer)
        self._add({'what': what, 'unit': unit, 'ours': mo, 'peer': mp, 'peer_name': peer_name, 'ratio': mo / mp,
                   'goal': goal, 'better': better, 'runs': len(ours), 'note': note,
                   'all_ours': list(ours), 'all_peer': list(peer)})

    def value(self, what, ours, unit, goal=None, better='lower', note=''):
        """A result that has no peer: a list of measurements; `goal` bounds their median."""
        m = statistics.median(ours)
        self._add({'what': what, 'unit': unit, 'ours': m, 'peer': None, 'peer_name': None, 'ratio': m, 'goal': goal,
                   'better': better, 'runs': len(ours), 'note': note, 'all_ours': list(ours)})

    def _add(self, r):
        r = {'bench': self.name, **r}
        g = r['goal']
        r['met'] = None if g is None else (r['ratio'] <= g if r['better'] == 'lower' else r['ratio'] >= g)
        self.results.append(r)
        sign = '<=' if r['better'] == 'lower' else '>='
        goal = '' if g is None else f"goal {sign} {g:g}  {'met' if r['met'] else 'MISSED'}"
        peer = ''
        if r['peer'] is not None:
            peer = f"{r['peer_name'][:16]:<16} {r['peer']:>9.3f}  x{r['ratio']:<5.2f}"
        print(f"{r['what']:<52} {r['ours']:>10.3f} {r['unit']:<6} {peer:<34} {goal} {r['note']}".rstrip(), flush=True)


def write(path, quick, results):
    """All there is so far: a run that is cut off leaves what it measured."""
    head = {'when': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'cpus': os.cpu_count(),
            'machine': platform.machine(), 'kernel': platform.release(), 'load': os.getloadavg()[0], 'quick': quick}
    Path(path).write_text(json.dumps({**head, 'results': results}, indent=1) + '\n')


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--quick', action='store_true')
    p.add_argument('--list', action='store_true')
    p.add_argument('--json')
    p.add_argument('names', nargs='*')
    a = p.parse_args()
    there = sorted(f.stem[len('bench_'):] for f in HERE.glob('bench_*.py'))
    if a.list:
        print('\n'.join(there))
        return 0
    unknown = [n for n in a.names if n not in there]
    if unknown:
        print(f"bench: no benchmark '{unknown[0]}' (there are: {' '.join(there)})", file=sys.stderr)
        return 2
    results, broken = [], 0
    for name in a.names or there:
        print(f'== {name}')
        with tempfile.TemporaryDirectory(prefix='redactfs-bench.') as work:
            try:
                importlib.import_module(f'bench_{name}').run(Bench(name, Path(work), a.quick, results))
            except Exception as e:          # the others still run; the exit status says it
                print(f'bench: {name} broke: {type(e).__name__}: {e}', file=sys.stderr)
                broken += 1
        if a.json:
            write(a.json, a.quick, results)
    return 1 if broken else 0


if __name__ == '__main__':
    sys.exit(main())
