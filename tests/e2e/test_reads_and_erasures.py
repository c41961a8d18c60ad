"""Random reads of every kind against the second reader's text, while sessions are erased and others come: each read
gives exactly the bytes asked for, or says that the session is gone, and nothing else."""
import errno
import mmap
import os
import random
import shutil
import threading
import time
from pathlib import Path

import decrypt
import made

SITE = 'shop.example.com'
SECONDS = float(os.environ.get('REDACTFS_SOAK_SECONDS', '4'))
READERS = int(os.environ.get('REDACTFS_SOAK_READERS', '8'))
GONE = (errno.ENOENT, errno.ESTALE, errno.ENOTDIR)
PAGE = mmap.PAGESIZE


class Verifier:
    """Who reads, and what was found wrong."""

    def __init__(self, m, wanted, seed):
        self.m, self.wanted, self.seed = m, wanted, seed
        self.erased = set()         # paths whose erasure has returned
        self.leaving = set()        # paths whose erasure has begun
        self.stop = threading.Event()
        self.wrong, self.reads, self.refused = [], 0, 0

    def ways(self, rng, fd, direct, page, whole):
        """One read in one way: what was got, what it should be."""
        size = len(whole)
        off, n = rng.randrange(size + PAGE), rng.randrange(1, 3 * PAGE if rng.random() < 0.8 else 300_000)
        way = rng.randrange(5)
        if way == 0:
            return os.pread(fd, n, off), whole[off:off + n]
        if way == 1:
            bufs = [bytearray(k) for k in (1 + n // 3, 1 + n // 2)]
            got = os.preadv(fd, bufs, off)
            return b''.join(bufs)[:got], whole[off:off + got] if got else whole[off:off + 1]
        if way == 2:
            off = off // PAGE * PAGE
            k = os.preadv(direct, [page], off)
            return page[:k], whole[off:off + len(page)]
        if way == 3:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            return os.pread(fd, n, off), whole[off:off + n]
        os.lseek(fd, off, os.SEEK_SET)
        return os.read(fd, n), whole[off:off + n]

    def cut_short(self, path, got, want):
        """Whether an erasure came between two pages of a read: what was read till then is given back, the next read says
        that the session is gone, as with any error in the middle."""
        return 0 < len(got) < len(want) and want.startswith(got) and path in self.leaving

    def one_file(self, rng, path, page):
        was_erased = path in self.erased
        whole = self.wanted[path]
        fd = direct = -1
        try:
            fd = os.open(self.m / path, os.O_RDONLY)
            direct = os.open(self.m / path, os.O_RDONLY | os.O_DIRECT)
            if was_erased:
                self.wrong.append(f'{path}: opened after its erasure')
            for _ in range(rng.randrange(1, 30)):
                was_erased = path in self.erased
                got, want = self.ways(rng, fd, direct, page, whole)
                self.reads += 1
                if got != want and not self.cut_short(path, got, want):
                    self.wrong.append(f'{path}: {len(got)} bytes that differ from the {len(want)} wanted')
                if was_erased and got:
                    self.wrong.append(f'{path}: read after its erasure')
        except OSError as e:
            self.refused += 1
            if e.errno not in GONE or path not in self.leaving:
                self.wrong.append(f'{path}: {e}')
        finally:
            for n in (fd, direct):
                if n >= 0:
                    os.close(n)

    def reader(self, k):
        rng = random.Random(f'{self.seed}.{k}')
        page = mmap.mmap(-1, 4 * PAGE)
        paths = sorted(self.wanted)
        while not self.stop.is_set() and not self.wrong:
            self.one_file(rng, rng.choice(paths), page)

    def erase(self, path):
        self.leaving.add(path)
        os.unlink(self.m / path)
        self.erased.add(path)


class Health:
    """What the daemon holds: descriptors and memory of its own, sampled now and then."""

    def __init__(self, pid):
        self.proc = Path(f'/proc/{pid}')
        self.fds, self.memory = [], []

    def sample(self):
        self.fds.append(len(os.listdir(self.proc / 'fd')))
        for line in (self.proc / 'status').read_text().splitlines():
            if line.startswith('RssAnon:'):
                self.memory.append(int(line.split()[1]) // 1024)

    def grows(self, allowed_mb):
        """What the last third of the samples has more of than the second: a leak goes on, a cache fills once."""
        n = len(self.fds) // 3
        worse = []
        if n >= 10 and min(self.fds[-n:]) > max(self.fds[n:-n]):
            worse.append(f'descriptors {self.fds[n::n]}')
        if n >= 10 and min(self.memory[-n:]) > max(self.memory[n:-n]) + allowed_mb:
            worse.append(f'MB of memory {self.memory[n::n]}')
        return worse


class Visits:
    """Another site, to which sessions keep coming; the oldest keep going, by rm or by command."""
    SITE, KEPT = 'other.example.org', 12

    def __init__(self, store, m, folder):
        self.store, self.m, self.folder = store, m, folder
        self.n, self.erased = 500, 0

    def step(self):
        made.fill(self.store, self.folder, self.SITE, days=1, each=1, first=self.n)
        self.n += 1
        there = sorted(self.m.sessions(self.SITE))
        for s in there[:-self.KEPT]:
            name = str(s.relative_to(self.m.path))
            if self.n % 2:
                shutil.rmtree(s)
            else:
                self.store.cli('erase', '--session', name, '--yes', '--reason', 'over', check=0)
            assert not s.exists()
            self.erased += 1


def test_reads_while_sessions_come_and_go(store, mnt, tmp_path, rng):
    made.fill(store, tmp_path / 'a', SITE, days=2, each=12 + int(SECONDS / 20), words=9000)
    opened = decrypt.Store(store.path, {store.operator: store.passphrase})
    wanted = {f"{s.site}/{s.day}/{s.info['name']}/events.json": s.rendering() for s in opened.sessions}
    with store.mount(mnt, limit=SECONDS + 300, options=['cache=1M']) as m:
        v, visits, health = Verifier(m, wanted, rng.getrandbits(32)), Visits(store, m, tmp_path / 'more'), Health(m.proc.pid)
        threads = [threading.Thread(target=v.reader, args=(k,)) for k in range(READERS)]
        for t in threads:
            t.start()
        begin = time.monotonic()
        end = begin + SECONDS
        victims = rng.sample(sorted(wanted), len(wanted) * 2 // 3)
        pause = SECONDS / len(victims)
        try:
            while time.monotonic() < end and not v.wrong:
                while victims and time.monotonic() - begin > pause * len(v.erased):
                    v.erase(victims.pop())
                visits.step()
                health.sample()
        finally:
            v.stop.set()
            for t in threads:
                t.join()
        assert not v.wrong, v.wrong[:5]
        assert v.reads > 100 and v.erased
        assert not health.grows(allowed_mb=16)
        left = set(wanted) - v.erased
        assert {str(s.relative_to(m.path)) + '/events.json' for s in m.sessions(SITE)} == left
        for path in left:
            assert (m / path).read_bytes() == wanted[path]
    print(f'{v.reads} reads, {v.refused} refused, {len(v.erased) + visits.erased} sessions erased, {visits.n - 500} imported; '
          f'descriptors {min(health.fds)} to {max(health.fds)}, memory {min(health.memory)} to {max(health.memory)} MB')
