"""What must not grow with the number of sessions: a store of a million, ten thousand a date, beside one of ten
thousand."""
import random
import shutil
import statistics
import time
from pathlib import Path

import peers


def status(mount, key):
    for line in Path(f'/proc/{mount.proc.pid}/status').read_text().splitlines():
        if line.startswith(key + ':'):
            return int(line.split()[1]) / 1000
    raise KeyError(key)


def reads(m, n, seed):
    """Median seconds of opening and reading one session, anywhere, that nobody read before."""
    rng = random.Random(seed)
    days = sorted((m.path / 'shop.example.com').iterdir())
    names = {d: [p.name for p in d.iterdir()] for d in rng.sample(days, min(len(days), 4))}
    took = []
    for _ in range(n):
        d = rng.choice(list(names))
        p = d / rng.choice(names[d]) / 'events.json'
        t0 = time.perf_counter()
        p.read_bytes()
        took.append(time.perf_counter() - t0)
    return statistics.median(took)


def look(b, store, runs):
    r = {'mount': [], 'ls': [], 'read': [], 'memory': []}
    for i in range(runs):
        b.cold()
        m = store.mount(store.path.with_suffix('.mnt'))
        t0 = time.perf_counter()
        m.start()
        r['mount'].append(time.perf_counter() - t0)
        try:
            day = sorted((m.path / 'shop.example.com').iterdir())[i]
            r['ls'].append(b.seconds(['ls', '-l', day]))
            r['read'].append(reads(m, 200, i))
            r['memory'].append(status(m, 'RssAnon'))
        finally:
            m.__exit__(None, None, None)
    return r


def run(b):
    n, few = (20_000, 2_000) if b.quick else (1_000_000, 10_000)
    runs = 1 if b.quick else 5
    a_day = n // 100
    many = peers.many(b, b.work / 'many', n, '--days', 100)
    some = peers.many(b, b.work / 'some', few, '--days', 10)
    a, c = look(b, many, runs), look(b, some, runs)
    peer = f'{few} sessions'
    # scrypt, slow on purpose in a store of somebody's own, is cheap in these
    b.value(f'mount of {n} sessions, cold', a['mount'], 's', goal=0.5)
    b.ratio('  beside a small store', a['mount'], c['mount'], peer)
    b.value(f'ls -l of a date with {a_day} sessions, cold', a['ls'], 's', goal=1.0)
    b.value('memory of the daemon after that and 200 reads', a['memory'], 'MB', goal=100)
    b.ratio('  beside a small store', a['memory'], c['memory'], peer, unit='MB')
    b.ratio('opening and reading a session', [s * 1e6 for s in a['read']], [s * 1e6 for s in c['read']], peer,
            unit='us', goal=1.5)
    shutil.rmtree(many.path)
