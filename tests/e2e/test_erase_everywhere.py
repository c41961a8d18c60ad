"""An erasure that has returned anywhere is unreadable everywhere at once; erase=intent and its barriers."""
import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest

import decrypt
import made
from redactfs import wait_until

SITE = made.SITE


@pytest.fixture
def filled(made_store, tmp_path):
    return made_store(days=2, each=6).copy(tmp_path / 'store')


def ident(session):
    return session.joinpath('session.json').read_text().split('"')[3]


def pending(m):
    return json.loads((m / '.redactfs/status.json').read_text())['pending_erasures']


def epoch(store):
    root = (store.path / 'root').read_bytes()
    return max(decrypt.Slot(root[i:i + 4096]).epoch for i in (0, 4096) if root[i:i + 8] == b'RFSROOT1')


def intents(store):
    return decrypt.read_catalog(store.path / 'catalog.db')['intent']


def opened(store):
    return decrypt.Store(store.path, {store.operator: store.passphrase})


READER = r'''
import mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
m = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
assert len(m[:]) == os.fstat(fd).st_size
print('ready', flush=True)
sys.stdin.readline()
try:
    print(os.pread(fd, 20, 0), flush=True)
except OSError as e:
    print('errno', e.errno, flush=True)
print(m[0], m[-1], flush=True)
'''


class Reader:
    """A process that has a file open and mapped, all of it in the page cache."""

    def __init__(self, path):
        self.p = subprocess.Popen([sys.executable, '-c', READER, path], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert self.p.stdout.readline() == 'ready\n'
        return self

    def __exit__(self, *a):
        self.p.kill()
        self.p.wait()

    def must_have_lost_it(self):
        out, _ = self.p.communicate('go\n', timeout=30)
        assert out in (f'errno {errno.ESTALE}\n', f'errno {errno.EIO}\n')
        assert self.p.returncode == -signal.SIGBUS


@pytest.mark.parametrize('remover', ['sync', 'intent', 'cli'])
def test_gone_on_the_other_mount_at_once(filled, mnt, tmp_path, remover):
    """No waiting here: what has returned holds everywhere. Several in turn, so that luck doesn't do."""
    options = [f'erase={remover}'] if remover != 'cli' else []
    with filled.mount(mnt, options=options) as a, filled.mount(tmp_path / 'other') as b:
        for s in a.sessions()[:2 if remover == 'cli' else 8]:
            there = b.path / s.relative_to(a.path)
            with Reader(there / 'events.json') as r:
                if remover == 'cli':
                    filled.cli('erase', '--session', ident(s), '--yes', '--reason', 'test', check=0)
                else:
                    os.unlink(s / 'events.json')
                with pytest.raises(OSError):
                    os.close(os.open(there / 'events.json', os.O_RDONLY))
                r.must_have_lost_it()
    assert os.listdir(filled.path / 'mounts') == []


def test_a_daemon_that_hangs_keeps_nobody_from_erasing(filled, mnt):
    """It is told; and the daemon drops the text as soon as it can."""
    with filled.mount(mnt) as m:
        s = m.sessions()[0]
        name = ident(s)
        with Reader(s / 'events.json') as r:
            m.proc.send_signal(signal.SIGSTOP)
            try:
                t0 = time.monotonic()
                p = filled.cli('erase', '--session', name, '--yes', '--reason', 'test', check=0)
                took = time.monotonic() - t0
                assert "doesn't answer" in p.stderr and p.stdout.startswith(b'erased 1,')
                assert took < 10
            finally:
                m.proc.send_signal(signal.SIGCONT)
            wait_until('gone', lambda: not s.exists())
            r.must_have_lost_it()


def test_a_dead_mount_is_not_waited_for(filled, mnt):
    m = filled.mount(mnt).start()
    name = ident(m.sessions()[0])
    m.kill()
    assert len(os.listdir(filled.path / 'mounts')) == 1
    p = filled.cli('erase', '--session', name, '--yes', '--reason', 'test', check=0)
    assert p.stderr == '' and os.listdir(filled.path / 'mounts') == []


SLOW = r'''
import mmap, os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY)
m = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
size = os.fstat(fd).st_size
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
print('ready', flush=True)
try:
    while True:
        for off in range(0, size, 4096):
            os.pread(fd, 100, off)
            time.sleep(0.005)
except OSError as e:
    print('errno', e.errno, flush=True)
sys.stdin.readline()
m[0]
'''


def test_a_slow_reader(filled, mnt, tmp_path):
    """Open and mapped: the erasure ends within two seconds, the reader gets an error."""
    filled.import_(made.write(tmp_path / 'big', 900, words=100_000), site='big.example')
    with filled.mount(mnt) as m:
        s = m.session('big.example')
        p = subprocess.Popen([sys.executable, '-c', SLOW, s / 'events.json'], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
        try:
            assert p.stdout.readline() == 'ready\n'
            t0 = time.monotonic()
            os.unlink(s / 'events.json')
            assert time.monotonic() - t0 < 2
            assert p.communicate('go\n', timeout=30)[0] == f'errno {errno.ESTALE}\n'
            assert p.returncode == -signal.SIGBUS
        finally:
            p.kill()
            p.wait()


# ---- erase=intent

def test_intent_is_followed_by_the_erasure(filled, mnt):
    """Unreadable at once, the key gone a moment later; the numbers say what is pending."""
    with filled.mount(mnt, options=['erase=intent']) as m:
        before = epoch(filled)
        assert json.loads((m / '.redactfs/status.json').read_text())['erase'] == 'intent'
        s = m.sessions()[0]
        os.unlink(s / 'events.json')
        with pytest.raises(FileNotFoundError):
            (s / 'events.json').read_bytes()
        wait_until('erased', lambda: pending(m) == 0, timeout=5)
        after = opened(filled)
        assert after.slot.epoch == before + 1 and len(after.kids) == 11


@pytest.mark.parametrize('barrier', ['fsync', 'rmdir of a date', 'rmdir of a site'])
def test_barriers(filled, mnt, barrier):
    with filled.mount(mnt, options=['erase=intent']) as m:
        day = m.sessions()[0].parent
        victims = [s for s in m.sessions() if s.parent == day or barrier == 'rmdir of a site']
        before = epoch(filled)
        for s in victims:
            subprocess.run(['rm', '-r', s], check=True)
        if barrier == 'fsync':
            subprocess.run(['sync', m / SITE], check=True)
        elif barrier == 'rmdir of a date':
            os.rmdir(day)
        else:
            for d in list((m / SITE).iterdir()):
                os.rmdir(d)
            os.rmdir(m / SITE)
        assert intents(filled) == [] and pending(m) == 0
        assert 1 <= epoch(filled) - before <= 3, 'in batches'


@pytest.mark.parametrize('how', ['umount', 'term'])
def test_what_is_intended_is_done_before_the_daemon_ends(filled, mnt, how):
    with filled.mount(mnt, options=['erase=intent'], how=how) as m:
        for s in m.sessions()[:5]:
            os.unlink(s / 'events.json')
    assert intents(filled) == []
    if how == 'term':
        after = opened(filled)
        assert len(after.kids) == 7 and after.verify_audit()


def test_an_intent_survives_kill_9(filled, mnt):
    m = filled.mount(mnt, options=['erase=intent']).start()
    names = [ident(s) for s in m.sessions()[:3]]
    gone = m.sessions()[:3]
    for s in gone:
        os.unlink(s / 'events.json')
    m.kill()
    assert len(intents(filled)) == 3
    with filled.mount(mnt) as m:
        assert pending(m) == 0 and len(m.sessions()) == 9
        assert not set(gone) & set(m.sessions())
    after = opened(filled)
    assert len(after.kids) == 9 and not {s.id for s in after.sessions} & set(names)
