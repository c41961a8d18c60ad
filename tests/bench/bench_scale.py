"""What must not grow with the number of sessions: a store of a million, ten thousand a date, beside one of ten
thousand."""
import collections
import contextlib
import random
import shutil
import statistics
import time
from pathlib import Path

import peers

SITE = 'shop.example.com'
LEAF_KEYS = 120


def status(mount, key):
    for line in Path(f'/proc/{mount.proc.pid}/status').read_text().splitlines():
        if line.startswith(key + ':'):
            return int(line.split()[1]) / 1000
    raise KeyError(key)


def names(m, rng, n):
    """The names in n of its dates, as they are listed."""
    days = sorted((m.path / SITE).iterdir())
    return {d: [p.name for p in d.iterdir()] for d in rng.sample(days, min(len(days), n))}


def anywhere(listed, rng, n):
    """n sessions of these dates, by chance."""
    return [d / rng.choice(listed[d]) / 'events.json' for d in rng.choices(list(listed), k=n)]


def apart(listed, rng, n):
    """n sessions of which no two share a leaf of the key tree."""
    return [d / listed[d][rng.randrange(i, min(i + LEAF_KEYS, len(listed[d])))] / 'events.json'
            for d, i in rng.sample([(d, i) for d in listed for i in range(0, len(listed[d]), LEAF_KEYS)], n)]


def reads(files, before=lambda: None):
    """Median seconds of opening and reading one of them."""
    took = []
    for p in files:
        before()
        t0 = time.perf_counter()
        p.read_bytes()
        took.append(time.perf_counter() - t0)
    return statistics.median(took)


@contextlib.contextmanager
def cold_mount(b, store):
    """A new daemon, and the seconds that it took to come."""
    b.cold()
    m = store.mount(store.path.with_suffix('.mnt'))
    took = b.seconds(m.start)
    try:
        yield m, took
    finally:
        m.__exit__(None, None, None)


def look(b, store, i, r):
    """Run i of a store, into r."""
    rng = random.Random(i)
    with cold_mount(b, store) as (m, took):
        r['mount'].append(took)
        day = sorted((m.path / SITE).iterdir())[i]
        r['ls'].append(b.seconds(['ls', '-l', day]))
        r['listed'].append(reads(anywhere(names(m, rng, 4), rng, 200)))
        r['memory'].append(status(m, 'RssAnon'))
        known = names(m, rng, 10)
    with cold_mount(b, store):
        r['unlisted'].append(reads(anywhere(known, rng, 200)))
    with cold_mount(b, store):
        r['each'].append(reads(apart(known, rng, 10 if b.quick else 60), b.cold))


def run(b):
    n, few = (20_000, 2_000) if b.quick else (1_000_000, 10_000)
    a_day = n // 100
    many = peers.many(b, b.work / 'many', n, '--days', 100)
    some = peers.many(b, b.work / 'some', few, '--days', 10)
    a, c = collections.defaultdict(list), collections.defaultdict(list)
    for i in range(1 if b.quick else 5):
        look(b, many, i, a)
        look(b, some, i, c)
    peer = f'{few} sessions'
    # scrypt, slow on purpose in a store of somebody's own, is cheap in these
    b.value(f'mount of {n} sessions, cold', a['mount'], 's', goal=0.5)
    b.ratio('  beside a small store', a['mount'], c['mount'], peer)
    b.value(f'ls -l of a date with {a_day} sessions, cold', a['ls'], 's', goal=1.0)
    b.value('memory of the daemon after that and 200 reads', a['memory'], 'MB', goal=100)
    b.ratio('  beside a small store', a['memory'], c['memory'], peer, unit='MB')
    # What is cold differs. The first two share the caches of 200 reads, which are half of what there is of a small
    # store's folders and index pages, and of a large one's next to nothing; in the last one nobody has read anything.
    for what, k, goal in (('200 sessions of listed dates, each', 'listed', 1.5),
                          ('200 sessions anywhere, nothing listed, each', 'unlisted', None),
                          ('a session, the caches emptied before each', 'each', 1.5)):
        b.ratio(what, [s * 1e6 for s in a[k]], [s * 1e6 for s in c[k]], peer, unit='us', goal=goal)
    shutil.rmtree(many.path)
