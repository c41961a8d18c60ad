"""What other processes do to a store shows up on a live mount: imports, erasures, policies, damage."""
import errno
import os
import subprocess
import threading
import time

import pytest

import made
import redactfs
from redactfs import mounts, wait_until

SITE = made.SITE


@pytest.fixture
def filled(made_store, tmp_path):
    return made_store(days=1, each=4).copy(tmp_path / 'store')


def ident(session):
    return session.joinpath('session.json').read_text().split('"')[3]


def names(folder):
    return sorted(os.listdir(folder))


def test_an_import_appears(filled, mnt, tmp_path):
    with filled.mount(mnt) as m:
        day = m.sessions()[0].parent
        was = names(day)
        mtimes = {p: os.stat(p).st_mtime_ns for p in (day, m / SITE, m.path)}
        assert not (m / 'new.example.org').exists()         # a name that the kernel remembers as absent
        filled.import_(made.write(tmp_path / 'x', 50), site=SITE)
        filled.import_(made.write(tmp_path / 'x', 51), site='new.example.org')
        _, took = wait_until('the session is there', lambda: len(names(day)) == len(was) + 1)
        assert took < 1
        _, took = wait_until('the site is there', lambda: (m / 'new.example.org').exists(), timeout=5)
        assert took < 1.5
        assert b'paragraph51word1' in (m.session('new.example.org') / 'events.json').read_bytes()
        _, took = wait_until('folders are newer', lambda: all(
            os.stat(p).st_mtime_ns > t for p, t in mtimes.items()), timeout=5)
        assert took < 1


def test_an_erasure_disappears(filled, mnt):
    """The names, what is open, and what only the kernel still has."""
    with filled.mount(mnt) as m:
        gone, cached, stays = m.sessions()[:3]
        for s in (gone, cached, stays):
            (s / 'events.json').read_bytes()                # into the page cache
        fd = os.open(gone / 'events.json', os.O_RDONLY)
        folder = os.open(cached, os.O_RDONLY)               # holds the folder's inode, not the file's
        try:
            filled.cli('erase', '--session', ident(gone), '--session', ident(cached), '--yes',
                       '--reason', 'test', check=0)
            with pytest.raises(OSError) as e:
                wait_until('unreadable', lambda: os.pread(fd, 10, 0) == b'', timeout=1)
            assert e.value.errno in (errno.ESTALE, errno.EIO)
            _, took = wait_until('names', lambda: not gone.exists() and not cached.exists())
            assert took < 1
            with pytest.raises(OSError) as e:
                os.close(os.open('events.json', os.O_RDONLY, dir_fd=folder))
            assert e.value.errno in (errno.ENOENT, errno.ESTALE)
            assert names(stays.parent) == sorted(s.name for s in m.sessions()[:2])
            assert (stays / 'events.json').read_bytes()
        finally:
            os.close(fd)
            os.close(folder)


def test_an_erasure_on_another_mount(filled, mnt, tmp_path):
    with filled.mount(mnt) as a, filled.mount(tmp_path / 'other') as b:
        s = a.sessions()[0]
        there = b.path / s.relative_to(a.path)
        assert (there / 'events.json').read_bytes() == (s / 'events.json').read_bytes()
        subprocess.run(['rm', '-r', s], check=True)
        _, took = wait_until('gone there', lambda: not there.exists())
        assert took < 1
        assert (a.path / SITE).exists()
        subprocess.run(['rm', '-r', b / SITE], check=True)
        _, took = wait_until('gone here', lambda: os.listdir(a.path) == [])
        assert took < 1


def test_many_erasures_by_another_process(filled, mnt, tmp_path):
    """More than one page of changes, with the mount's names all known to the kernel."""
    made.fill(filled, tmp_path / 'many', 'many.example', days=2, each=200, first=1000, words=3)
    with filled.mount(mnt) as m:
        subprocess.run(['ls', '-lR', m.path], stdout=subprocess.DEVNULL, check=True)
        assert len(m.sessions()) == 404
        filled.cli('erase', '--site', 'many.example', '--yes', '--reason', 'test', check=0)
        _, took = wait_until('gone', lambda: len(m.sessions()) == 4)
        assert took < 1
        for day in (m / 'many.example').iterdir():
            assert os.listdir(day) == []


def test_a_stricter_policy(filled, mnt):
    """What was shown and cached isn't any more: new size, new times, same inode; what is open doesn't
    mix both."""
    filled.policy('lax.example', '[record]\nforms = show\nemails = show\n')
    filled.import_(made.write(mnt.parent / 'x', 77), site='lax.example')
    with filled.mount(mnt) as m:
        f = m.session('lax.example') / 'events.json'
        before, first = f.read_bytes(), os.stat(f)
        assert b'visitor77@mail.example' in before and len(before) == first.st_size
        fd = os.open(f, os.O_RDONLY)
        try:
            assert os.pread(fd, 1 << 20, 0) == before
            filled.policy('lax.example', '[record]\nforms = seal\nemails = seal\n')
            after, took = wait_until('redacted', lambda: f.read_bytes() != before and f.read_bytes())
            assert took < 1 and b'visitor77@' not in after
            second = os.stat(f)
            assert second.st_size == len(after)
            assert second.st_ino == first.st_ino
            assert second.st_mtime_ns == first.st_mtime_ns + 10**9
            assert second.st_ctime_ns > first.st_ctime_ns
            try:
                assert b'visitor77@' not in os.pread(fd, 1 << 20, 0)
            except OSError as e:
                assert e.errno == errno.ESTALE
        finally:
            os.close(fd)
    with filled.mount(mnt) as m:
        f = m.session('lax.example') / 'events.json'
        assert f.read_bytes() == after and os.stat(f).st_mtime_ns == second.st_mtime_ns


def test_a_damaged_blob_is_eio_and_its_neighbours_are_fine(filled, mnt):
    with filled.mount(mnt) as m:
        want = {s.name: (s / 'events.json').read_bytes() for s in m.sessions()}
    blob = sorted(p for p in filled.path.glob('blobs/*/*') if p.is_file())[0]
    raw = bytearray(blob.read_bytes())
    raw[-1] ^= 1                        # of the sealed stream, or of the span table
    raw[len(raw) // 2] ^= 1
    raw[400] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(raw)
    with filled.mount(mnt) as m:
        bad = []
        for s in m.sessions():
            for _ in range(3):
                try:
                    assert (s / 'events.json').read_bytes() == want[s.name]
                except OSError as e:
                    assert e.errno == errno.EIO
                    bad.append(s.name)
        assert len(bad) == 3 and len(set(bad)) == 1
        log = m.stderr()
        assert len([x for x in log.splitlines() if "can't be read" in x]) == 1, 'one log line'
        assert bad[0] not in log and SITE not in log, 'without names'
        subprocess.run(['rm', '-r', next(s for s in m.sessions() if s.name == bad[0])], check=True)
        assert len(m.sessions()) == len(want) - 1


def test_reading_while_others_come_and_go(filled, mnt, tmp_path):
    """Readers, an importer and an eraser at once: what a reader gets is whole or an error, never
    another's text."""
    made.fill(filled, tmp_path / 'first', 'busy.example', days=1, each=20, first=3000)
    stop, wrong, reads = threading.Event(), [], [0]

    def read(m):
        while not stop.is_set():
            for s in m.sessions('busy.example'):
                try:
                    text = (s / 'events.json').read_bytes()
                    size = os.stat(s / 'events.json').st_size
                except OSError as e:
                    if e.errno not in (errno.ENOENT, errno.ESTALE):
                        wrong.append((s.name, e))
                    continue
                reads[0] += 1
                if len(text) != size or not text.endswith(b'\n]\n') or text.count(b'paragraph') != 40:
                    wrong.append((s.name, len(text), size))

    with filled.mount(mnt) as m:
        ts = [threading.Thread(target=read, args=(m,)) for _ in range(3)]
        for t in ts:
            t.start()
        try:
            for i in range(4):
                filled.import_(*[made.write(tmp_path / 'more', 4000 + 10 * i + k) for k in range(5)],
                               site='busy.example')
                for s in m.sessions('busy.example')[:4]:
                    subprocess.run(['rm', '-r', s], check=True, timeout=60)
        finally:
            stop.set()
            for t in ts:
                t.join(60)
        assert not wrong, wrong[:5]
        assert reads[0] > 20
        wait_until('all is seen', lambda: len(m.sessions('busy.example')) == 24)


def test_killed_while_it_starts(filled, mnt):
    """Whatever it was about to ask of its own mount, a daemon that is killed ends."""
    mnt.mkdir()
    for _ in range(4):
        p = subprocess.Popen([redactfs.binary(), 'mount', filled.path, mnt, '-f', '--passphrase-file', filled.passfile],
                             stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while str(mnt.resolve()) not in mounts():
                assert p.poll() is None
            p.kill()
            p.wait(20)
        finally:
            redactfs.detach(mnt)


def test_the_daemon_of_a_killed_one(filled, mnt):
    """kill -9 leaves a dead mount; a new one says so, and works once it is taken away."""
    m = filled.mount(mnt).start()
    try:
        m.proc.kill()
        m.proc.wait()
        assert str(mnt.resolve()) in mounts()
        t0 = time.monotonic()
        p = filled.cli('mount', mnt, '-f', check=7)
        assert 'already' in p.stderr and time.monotonic() - t0 < 5
        # what it says to do is to be done as it stands
        hint = next(line for line in p.stderr.splitlines() if 'hint: its daemon died' in line)
        subprocess.run(hint.rsplit(': ', 1)[1], shell=True, check=True, timeout=60)
        assert str(mnt.resolve()) not in mounts()
    finally:
        m.kill()
    with filled.mount(mnt) as again:
        assert len(again.sessions()) == 4
