"""Erasing: rm -r through a mount beside shred -u on plain files, one batch by the command, and one session out of many."""
import itertools
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import redactfs

FEW_LOTS = (10_000, 1_000_000)
PASSPHRASE = 'otter violet lantern 7 granite parasol'


def make(b, name, sessions, *options):
    """A store by tests/bench/many, with what the harness needs to open it."""
    store = redactfs.Store(b.work / name, passphrase=PASSPHRASE).write_passfile()
    many = Path(b.redactfs).parents[2] / 'tests/bench/many'
    subprocess.run([many, store.path, str(sessions), '--passphrase-file', store.passfile, *options], check=True,
                   stdout=subprocess.DEVNULL)
    os.sync()       # many doesn't; nobody else is to pay for it
    return store


def rm_beside_shred(b):
    n = 400 if b.quick else 5000
    runs = 1 if b.quick else 3
    made = make(b, 'made', n, '--days', '5', '--plain', str(b.work / 'plain'))
    files = [p for p in (b.work / 'plain').rglob('events.json')]
    assert len(files) == n
    rates, peer, intent = [], [], []
    for i in range(runs):
        for mode, to in (('sync', rates), ('intent', intent)):
            store = made.copy(b.work / f'{mode}{i}')
            os.sync()
            with store.mount(b.work / 'mnt', options=[f'erase={mode}'], limit=3600) as m:
                to.append(n / b.seconds(['rm', '-r', *(m / 'shop.example.com').iterdir()]))
                assert m.sessions() == []
            shutil.rmtree(store.path)
        plain = b.work / f'plain{i}'
        plain.mkdir()
        for k, f in enumerate(files):
            shutil.copyfile(f, plain / f'{k}.json')
        os.sync()
        peer.append(n / b.seconds(f'find {plain} -type f -print0 | xargs -0 shred -u'))
    b.ratio(f'rm -r of {n} sessions, erase=sync', rates, peer, 'shred -u', goal=1.5, better='higher', unit='/s')
    b.ratio(f'rm -r of {n} sessions, erase=intent', intent, peer, 'shred -u', better='higher', unit='/s')


def until_it_says_so(store, site):
    """Seconds until the command has written its result, and until it has ended: what comes between
    only removes files that hold nothing any more."""
    t0 = time.perf_counter()
    with subprocess.Popen([redactfs.binary(), 'erase', store.path, '--passphrase-file', store.passfile, '--site', site,
                           '--reason', 'bench', '--yes'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as p:
        p.stdout.readline()
        said = time.perf_counter() - t0
        p.wait()
    return said, time.perf_counter() - t0


def one_batch(b):
    """The command's time, without what it takes to log in and find nothing."""
    n = 100 if b.quick else 10_000
    made = make(b, 'batch', n, '--days', '10')
    rates, whole = [], []
    for i in range(1 if b.quick else 3):
        store = made.copy(b.work / f'batch{i}')
        os.sync()
        nothing, _ = until_it_says_so(store, 'nobody.example')
        said, ended = until_it_says_so(store, 'shop.example.com')
        rates.append(n / (said - nothing))
        whole.append(n / (ended - nothing))
        shutil.rmtree(store.path)
    b.value(f'redactfs erase of {n} sessions, one batch', rates, '/s', goal=20_000, better='higher')
    b.value(f'redactfs erase of {n} sessions, files removed too', whole, '/s', better='higher')


def one_of_many(b):
    """The latency of unlink in a store of many sessions, beside one of few; turn about. A million takes 6 GB and
    its time to make and to remove: TMPDIR=/dev/shm is the quickest."""
    few, lots = (100, 1000) if b.quick else FEW_LOTS
    n = 20 if b.quick else 200
    stores = [make(b, f'of{k}', k, '--days', '100') for k in (few, lots)]
    times = [[], []]
    with stores[0].mount(b.work / 'm0', limit=3600) as a, stores[1].mount(b.work / 'm1', limit=3600) as c:
        victims = [[s for day in sorted((m / 'shop.example.com').iterdir())
                    for s in itertools.islice(day.iterdir(), max(1, n // 100))] for m in (a, c)]
        for pair in zip(*victims):
            for to, s in zip(times, pair):
                t0 = time.perf_counter()
                os.unlink(s / 'events.json')
                to.append(time.perf_counter() - t0)
    ms = [[1000 * t for t in to] for to in times]
    b.ratio(f'one erasure of {lots} sessions', ms[1], ms[0], f'of {few}', goal=1.5, unit='ms',
            note=f'(90 %: {statistics.quantiles(ms[1], n=10)[-1]:.2f} and {statistics.quantiles(ms[0], n=10)[-1]:.2f})')


def run(b):
    rm_beside_shred(b)
    one_batch(b)
    one_of_many(b)
