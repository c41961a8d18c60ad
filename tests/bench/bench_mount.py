"""Reading through the mount, beside gocryptfs with the same files, not redacted. Caches are cold unless a line says
warm: both mounts are made anew and the kernel's caches emptied before each measurement."""
import json
import os
import random
import time

import peers


def cold_pair(b, ours, peer, read, runs):
    """Seconds of read(path) on both, cold, turn about."""
    a, c = [], []
    for i in range(1 if b.quick else runs):
        for m, to in ((ours, a), (peer, c)) if i % 2 == 0 else ((peer, c), (ours, a)):
            m.anew()
            to.append(read(m.path))
    return a, c


def shell(b, line):
    return lambda path: b.seconds(line, cwd=path)


def random_reads(seed, n):
    """n reads of 4 KiB anywhere in the files below a path."""
    def read(path):
        rng = random.Random(seed)
        files = sorted(p for p in path.rglob('*.json') if p.name != 'session.json')
        fds = [os.open(p, os.O_RDONLY) for p in files]
        pages = [os.fstat(fd).st_size // 4096 for fd in fds]
        where = []
        for _ in range(n):
            k = rng.randrange(len(fds))
            where.append((fds[k], rng.randrange(pages[k]) * 4096))
        for fd in fds:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        t0 = time.perf_counter()
        for fd, off in where:
            os.pread(fd, 4096, off)
        took = time.perf_counter() - t0
        for fd in fds:
            os.close(fd)
        return took
    return read


READ_ALL = 'find . -name "*.json" ! -name session.json -print0 | xargs -0 cat >/dev/null'
TAR_ALL = 'tar cf - . | cat >/dev/null'


def large(b):
    folder = b.work / 'large'
    mb = peers.large_set(b, folder, 2 if b.quick else 20) / 1e6
    store = peers.store(b, 'large-store')
    store.import_(folder, site='large.example.com')
    with peers.Ours(b, store) as ours, \
            peers.Gocryptfs(b, 'large-peer', peers.as_mounted(ours, folder)) as peer:
        a, c = cold_pair(b, ours, peer, shell(b, READ_ALL), 11)
        b.ratio(f'{mb:.0f} MB of large recordings, read in order', [mb / s for s in a], [mb / s for s in c],
                peer.name, goal=1.5, better='higher', unit='MB/s')
        n = 500 if b.quick else 4000
        a, c = cold_pair(b, ours, peer, random_reads(7, n), 5)
        b.ratio('a read of 4 KiB anywhere in them', [s / n * 1e6 for s in a], [s / n * 1e6 for s in c], peer.name,
                goal=1.0, unit='us')
        warm(b, ours, peer, mb)
        b.ratio('disk space of them', [peers.used(store.path) / 1e6], [peers.used(peer.cipher) / 1e6], peer.name,
                goal=0.25, unit='MB')


def warm(b, ours, peer, mb):
    """The page cache of any FUSE file system; what it gives is the kernel's business, if nobody is asked."""
    read = shell(b, READ_ALL)
    read(ours.path)
    read(peer.path)
    before = asked(ours)
    a, c = b.alternate(lambda: read(ours.path), lambda: read(peer.path), runs=9)
    b.ratio('the same once more, warm', [mb / s for s in a], [mb / s for s in c], peer.name, goal=0.95,
            better='higher', unit='MB/s')
    b.value('  of which the daemon was asked for', [asked(ours) - before], 'MB', goal=0.01)


def asked(ours):
    """MB that the daemon gave out so far."""
    return json.loads((ours.path / '.redactfs/status.json').read_bytes())['read_bytes'] / 1e6


def small(b):
    folder = b.work / 'small'
    n = 200 if b.quick else 5000
    mb = peers.small_set(b, folder, n) / 1e6
    store = peers.store(b, 'small-store')
    store.import_(folder, site='small.example.com')
    # one file a session on both sides
    with peers.Ours(b, store, options=['views=events']) as ours, \
            peers.Gocryptfs(b, 'small-peer', peers.as_mounted(ours, folder)) as peer:
        a, c = cold_pair(b, ours, peer, shell(b, READ_ALL), 5)
        b.ratio(f'{n} small sessions ({mb:.0f} MB) read', a, c, peer.name, goal=0.6)
        a, c = cold_pair(b, ours, peer, shell(b, TAR_ALL), 5)
        b.ratio('tar of all of them', a, c, peer.name, goal=0.6)
        b.ratio('disk space of them', [peers.used(store.path) / 1e6], [peers.used(peer.cipher) / 1e6], peer.name,
                goal=0.25, unit='MB')


def run(b):
    large(b)
    small(b)
