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
RUNS = 3
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
    """A date of the store, then as many plain files of the same text, and so on until all are gone: what else the
    disk has to do meanwhile hits both. `files gone`: all at once, until the blobs' files, noise by then, are removed
    as well."""
    n, days = (400, 5) if b.quick else (5000, 25)
    made = make(b, 'made', n, '--days', str(days), '--plain', str(b.work / 'plain'))
    rates, peer, gone, intent = [], [], [], []
    for i in range(1 if b.quick else RUNS):
        plain = b.work / f'plain{i}'
        shutil.copytree(b.work / 'plain' / 'shop.example.com', plain, ignore=lambda _, names: {'session.json'} & {*names})
        store = made.copy(b.work / f'sync{i}')
        os.sync()
        ours = theirs = 0
        with store.mount(b.work / 'mnt', options=['erase=sync'], limit=3600) as m:
            for day in sorted((m / 'shop.example.com').iterdir()):
                files = sorted((plain / day.name).rglob('events.json'))
                assert len(files) == n // days
                ours += b.seconds(['rm', '-r', day])
                theirs += b.seconds(['shred', '-u', *files])
            assert m.sessions() == []
        rates.append(n / ours)
        peer.append(n / theirs)
        shutil.rmtree(store.path)
        for mode in ('sync', 'intent'):
            store = made.copy(b.work / f'{mode}{i}')
            os.sync()
            with store.mount(b.work / 'mnt', options=[f'erase={mode}'], limit=3600) as m:
                t0 = time.perf_counter()
                subprocess.run(['rm', '-r', *(m / 'shop.example.com').iterdir()], check=True)
                while mode == 'sync' and any(p.is_file() for p in (store.path / 'blobs').rglob('*')):
                    time.sleep(0.05)
                (gone if mode == 'sync' else intent).append(n / (time.perf_counter() - t0))
            shutil.rmtree(store.path)
    b.ratio(f'rm -r of {n} sessions, erase=sync', rates, peer, 'shred -u', goal=1.5, better='higher', unit='/s')
    b.ratio(f'rm -r of {n} sessions, files gone', gone, peer, 'shred -u', better='higher', unit='/s')
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
    for i in range(1 if b.quick else RUNS):
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
