"""A store on a disk that is full: it opens, mounts and is read, and what is erased is erased; nothing is added. The room for it
is what the store keeps in its folder `reserve`."""
import json
import os
import re
import subprocess

import pytest

import decrypt
import made
import many
import redactfs
from redactfs import wait_until

SITE = made.SITE
RESERVE = 8 * (512 << 10)
MIB = 1 << 20


class Disk:
    """A small file system of its own."""

    def __init__(self, base, kind, size, files=None):
        self.path = base / 'disk'
        self.path.mkdir()
        if kind == 'tmpfs':
            how = ['-t', 'tmpfs', '-o', f'size={size}', 'none']
        else:
            image = base / 'disk.img'
            with open(image, 'wb') as f:
                f.truncate(size)
            subprocess.run(['mkfs.ext4', '-q', '-m0', *(['-N', str(files)] if files else []), image], check=True)
            how = ['-o', 'loop', image]
        p = subprocess.run(['mount', *how, self.path], capture_output=True, text=True, check=False)
        if p.returncode:
            pytest.skip(f'no {kind} can be mounted here: {p.stderr.strip()}')

    def close(self):
        subprocess.run(['umount', self.path], check=True)

    def free(self):
        st = os.statvfs(self.path)
        return st.f_bavail * st.f_frsize

    def fill(self):
        """To the last byte."""
        with open(self.path / 'filler', 'ab', buffering=0) as f:
            for step in (MIB, 4096, 1):
                try:
                    while f.write(bytes(step)) == step:
                        pass
                except OSError:
                    pass
            try:
                os.fsync(f)
            except OSError:
                pass
        assert self.free() == 0

    def fill_files(self):
        """To the last inode."""
        n = 0
        (self.path / 'files').mkdir()
        try:
            while True:
                (self.path / f'files/{n}').touch()
                n += 1
        except OSError:
            return n

    def empty(self):
        (self.path / 'filler').unlink()


@pytest.fixture
def disk(tmp_path):
    """disk(kind, size): mounted, and taken away at the end."""
    if os.geteuid() != 0:
        pytest.skip('not root: no file system of its own can be mounted')
    open_ = []

    def make(kind, size, **how):
        open_.append(Disk(tmp_path, kind, size, **how))
        return open_[-1]
    yield make
    for d in open_:
        d.close()


KINDS = pytest.mark.parametrize('kind', ['tmpfs', 'ext4'])


def filled(made_store, d, **how):
    s = made_store(**how).copy(d.path / 'store')
    s.cli('ls', check=0)        # makes the reserve, of which the copy may have nothing but holes
    return s


def ids_of(store):
    return [x['id'] for x in json.loads(store.cli('ls', '--format=json', check=0).stdout)]


def status(store):
    return json.loads(store.cli('status', '--format=json', check=0).stdout)


def reserve(store):
    """Bytes of it on the disk, as nobody but the file system says."""
    folder = store.path / 'reserve'
    return sum(min(p.stat().st_blocks * 512, RESERVE // 8) for p in folder.iterdir()) if folder.exists() else 0


def opened(store):
    return decrypt.Store(store.path, {store.operator: store.passphrase})


def test_init_makes_it(tmp_path, empty_store):
    s = redactfs.Store(tmp_path / 'new').init()
    assert reserve(s) == RESERVE and sorted(os.listdir(s.path / 'reserve')) == list('01234567')
    assert (s.path / 'reserve').stat().st_mode & 0o777 == 0o700
    assert status(s)['reserve_bytes'] == RESERVE
    # a store of an older version has none, a copy may have holes: the next command makes it
    for f in (s.path / 'reserve').iterdir():
        f.unlink()
    (s.path / 'reserve').rmdir()
    assert status(s)['reserve_bytes'] == RESERVE == reserve(s)
    (s.path / 'reserve/3').unlink()
    with open(s.path / 'reserve/3', 'wb') as f:
        f.truncate(RESERVE // 8)
    assert reserve(s) < RESERVE
    assert status(s)['reserve_bytes'] == RESERVE == reserve(s)


@KINDS
def test_commands(made_store, disk, tmp_path, kind):
    d = disk(kind, 28 * MIB)
    s = filled(made_store, d, days=2, each=6)
    ids = ids_of(s)
    d.fill()
    assert reserve(s) == RESERVE, 'what fills the disk has not got it'
    assert ids_of(s) == ids
    assert b' 0 faults' in s.cli('verify', check=0).stdout
    assert s.cli('audit', 'verify', check=0)
    p = s.cli('erase', '--session', ids[0], '--reason', 'Art. 17', '--yes', check=0)
    assert re.fullmatch(rb'erased 1, gone before 0, receipt \d+\n', p.stdout) and p.stderr == ''
    p = s.cli('erase', '--site', SITE, '--before', '2026-11-29', '--reason', 'Art. 17', '--yes', check=0)
    assert p.stdout.startswith(b'erased 5,')
    for i in ids[:6]:
        assert b'session-sha256' in s.cli('receipt', i, check=0).stdout
    s.policy(SITE, '[site]\nretention = 1d\n')
    assert s.cli('retention', 'run', check=0).stdout.startswith(b'erased 0')
    assert ids_of(s) == ids[6:]
    assert b' 0 faults' in s.cli('verify', check=0).stdout
    d.empty()
    assert status(s)['reserve_bytes'] == RESERVE == reserve(s)


@KINDS
def test_what_is_erased_is_erased(made_store, disk, tmp_path, kind):
    """Catalog, blobs and passphrase of before with the root of after open nothing."""
    d = disk(kind, 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    ids = ids_of(s)
    d.fill()
    before = s.copy(tmp_path / 'before')
    assert len(opened(before).sessions) == 3
    s.cli('erase', '--session', ids[1], '--reason', 'Art. 17', '--yes', check=0)
    d.empty()
    after = opened(s)
    assert sorted(x.info['id'].hex() for x in after.sessions) == sorted([ids[0], ids[2]])
    (before.path / 'root').write_bytes((s.path / 'root').read_bytes())
    with pytest.raises(decrypt.Bad):
        opened(before)


@KINDS
def test_import_is_refused(made_store, disk, tmp_path, kind):
    d = disk(kind, 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    ids, entries = ids_of(s), status(s)['audit_entries']
    blobs, root = redactfs.tree_digest(s.path / 'blobs'), (s.path / 'root').read_bytes()
    new = [made.write(tmp_path / 'new', n, words=200) for n in range(50, 60)]
    d.fill()
    p = s.import_(*new, site=SITE, check=1)
    assert re.fullmatch(r'redactfs: no room for it: \d+ KiB are free, and 4096 KiB are kept for erasing: '
                        r'No space left on device\nhint: .* erasing makes room\n', p.stderr), p.stderr
    assert p.stdout == b'stored 0, same 0, erased before 0, refused 0 (of 0)\n'
    assert ids_of(s) == ids and status(s)['audit_entries'] == entries
    assert redactfs.tree_digest(s.path / 'blobs') == blobs and (s.path / 'root').read_bytes() == root
    assert reserve(s) == RESERVE, 'the reserve is not for that'
    # nor while what erasing took of it isn't there again
    with s.mount(tmp_path / 'mnt') as m:
        assert len(m.sessions()) == 3
        d.fill()
        assert reserve(s) < RESERVE
        s.import_(*new, site=SITE, check=1)
        assert len(m.sessions()) == 3
    d.empty()
    s.import_(*new, site=SITE)
    assert len(ids_of(s)) == 13 and reserve(s) == RESERVE


def test_import_that_fills_the_disk(made_store, disk, tmp_path):
    """Half way, and the reserve stays whole."""
    d = disk('ext4', 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    ids = ids_of(s)
    d.fill()
    with open(d.path / 'filler', 'r+b') as f:
        f.truncate(f.seek(0, os.SEEK_END) - 700 * 1024)
    os.sync()
    new = [made.write(tmp_path / 'new', n, words=30000) for n in range(50, 80)]
    p = s.import_(*new, site=SITE, check=1)
    assert 'KiB are kept for erasing: No space left on device' in p.stderr
    assert ids_of(s) == ids and reserve(s) == RESERVE
    assert b' 0 faults' in s.cli('verify', check=0).stdout
    assert sum(len(f) for _, _, f in os.walk(s.path / 'blobs')) == 3


@KINDS
@pytest.mark.parametrize('options', [(), ('erase=intent',)])
def test_mount(made_store, disk, tmp_path, mnt, kind, options):
    d = disk(kind, 28 * MIB)
    s = filled(made_store, d, days=2, each=6)
    with s.mount(tmp_path / 'before') as m:
        was = {x.name: (x / 'events.json').read_bytes() for x in m.sessions()}
        ids = [json.loads((x / 'session.json').read_text())['id'] for x in m.sessions()]
    d.fill()
    with s.mount(mnt, options=options) as m:
        assert {x.name: (x / 'events.json').read_bytes() for x in m.sessions()} == was
        for x in m.sessions()[:8]:
            d.fill()    # whoever fills it goes on doing so
            p = subprocess.run(['rm', '-r', x], capture_output=True, text=True, check=False)
            assert (p.returncode, p.stderr) == (0, '') and not x.exists()
        wait_until('done', lambda: not json.loads((m / '.redactfs/status.json').read_text())['pending_erasures'])
        assert len(m.sessions()) == 4
        assert {x.name: (x / 'events.json').read_bytes() for x in m.sessions()}.items() <= was.items()
    for i in ids[:8]:
        s.cli('receipt', i, check=0)
    assert sorted(ids_of(s)) == sorted(ids[8:])
    assert b' 0 faults' in s.cli('verify', check=0).stdout and s.cli('audit', 'verify', check=0)
    d.empty()
    assert status(s)['reserve_bytes'] == RESERVE == reserve(s)


def test_a_live_mount_makes_it_anew(made_store, disk, mnt):
    d = disk('ext4', 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    with s.mount(mnt) as m:
        d.fill()
        subprocess.run(['rm', '-r', m.sessions()[0]], check=True)
        assert reserve(s) < RESERVE
        d.empty()
        subprocess.run(['rm', '-r', m.sessions()[0]], check=True)
        wait_until('whole again', lambda: reserve(s) == RESERVE)


def test_without_it_nothing_is_said_to_be_done(made_store, disk, tmp_path, mnt):
    """The disk is full and the reserve is gone: what can't be done isn't, and says so."""
    d = disk('tmpfs', 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    with s.mount(mnt) as m:
        x = m.sessions()[0]
        was = (x / 'events.json').read_bytes()
        d.fill()
        for f in (s.path / 'reserve').iterdir():
            f.unlink()
        d.fill()
        p = subprocess.run(['rm', x / 'events.json'], capture_output=True, text=True, check=False)
        assert p.returncode == 1 and p.stderr.endswith('No space left on device\n')
        assert (x / 'events.json').read_bytes() == was and len(m.sessions()) == 3
        d.empty()
        subprocess.run(['rm', '-r', x], check=True)
        assert len(m.sessions()) == 2
    assert b' 0 faults' in s.cli('verify', check=0).stdout


def test_a_batch_larger_than_the_reserve(disk):
    """Erased in several, each with its own audit entry."""
    d = disk('tmpfs', 64 * MIB)
    s = many.a_store(d.path / 'store', 3000, days=2)
    for i in range(5, 8):
        (s.path / f'reserve/{i}').unlink()
    d.fill()
    p = s.cli('erase', '--site', SITE, '--reason', 'closed', '--yes', check=0)
    found = re.fullmatch(rb'erased 3000, gone before 0, receipt (\d+) \(the last of (\d+)\)\n', p.stdout)
    assert found and p.stderr == '', p.stdout
    log = json.loads(s.cli('audit', 'show', '--format=json', check=0).stdout)
    batches = [e for e in log if e['kind'] == 'erase']
    assert len(batches) == int(found[2]) > 1 and batches[-1]['seq'] == int(found[1])
    assert sum(e['detail']['sessions'] for e in batches) == 3000
    for e in batches:
        assert f"sessions: {e['detail']['sessions']}\n".encode() in s.cli('receipt', str(e['seq']), check=0).stdout
    assert ids_of(s) == []
    assert b' 0 faults' in s.cli('verify', check=0).stdout and s.cli('audit', 'verify', check=0)
    d.empty()
    assert status(s)['reserve_bytes'] == RESERVE == reserve(s)


def test_no_inodes(made_store, disk, mnt):
    """Blocks there are, but no file can be made."""
    d = disk('ext4', 28 * MIB, files=128)
    s = filled(made_store, d, days=1, each=3)
    d.fill_files()
    assert d.free() > MIB and os.statvfs(d.path).f_favail == 0
    with s.mount(mnt) as m:
        subprocess.run(['rm', '-r', m.sessions()[0]], check=True)
        assert len(m.sessions()) == 2
    assert b' 0 faults' in s.cli('verify', check=0).stdout


def test_others_keep_half(made_store, disk, tmp_path):
    """A policy, a hold, an operator's end: on a full disk too, but they leave something to erasures."""
    d = disk('tmpfs', 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    ids = ids_of(s)
    d.fill()
    s.cli('hold', 'add', '--session', ids[0], '--reason', 'court', check=0)
    s.policy(SITE, '[record]\nforms = off\n')
    assert ids_of(s) == ids
    s.cli('hold', 'remove', '--session', ids[0], '--reason', 'court', check=0)
    s.cli('erase', '--site', SITE, '--reason', 'x', '--yes', check=0)
    assert ids_of(s) == []


@KINDS
def test_operators(made_store, disk, tmp_path, kind):
    """What takes a right away, or a passphrase that is known, is done; who would come may have to wait for room."""
    d = disk(kind, 28 * MIB)
    s = filled(made_store, d, days=1, each=3)
    new, their = tmp_path / 'new', tmp_path / 'their'
    for f in (new, their):
        f.write_text(f'Kettle-harbour 71 tin {f.name}\n')
        f.chmod(0o600)
    me = ('--as', s.operator)
    s.cli('operator', 'add', 'bob@example.org', '--role', 'viewer', '--new-passphrase-file', their, *me, check=0)
    bob = redactfs.Store(s.path, operator='bob@example.org')
    bob.passfile = their
    d.fill()
    bob.cli('ls', '--as', bob.operator, check=0)
    d.fill()
    s.cli('operator', 'passwd', '--new-passphrase-file', new, *me, check=0)
    s.cli('ls', *me, check=10)
    s.passfile = new
    d.fill()
    assert s.cli('operator', 'remove', bob.operator, *me, check=0).stderr == ''
    bob.cli('ls', '--as', bob.operator, check=10)
    assert RESERVE // 2 <= reserve(s)
    d.fill()
    p = s.cli('operator', 'add', bob.operator, '--role', 'viewer', '--new-passphrase-file', their, *me)
    assert (p.returncode, p.stderr) in ((0, ''), (1, 'redactfs: cannot add the operator: No space left on device\n'))
    assert (bob.operator in s.cli('operator', 'list', *me, check=0).stdout.decode()) == (p.returncode == 0)
    s.cli('erase', '--site', SITE, '--reason', 'x', '--yes', *me, check=0)
    assert b' 0 faults' in s.cli('verify', *me, check=0).stdout


def test_read_only_media(made_store, disk, tmp_path, mnt):
    """Refused, as nothing could be put on record; a copy elsewhere works."""
    d = disk('tmpfs', 28 * MIB)
    s = filled(made_store, d, days=1, each=2)
    ids = ids_of(s)
    subprocess.run(['mount', '-o', 'remount,ro', d.path], check=True)
    mnt.mkdir()
    for command in (['ls'], ['verify'], ['mount', mnt], ['mount', mnt, '-o', 'ro'], ['erase', '--site', SITE, '--reason', 'x', '--yes']):
        p = s.cli(*command, check=1)
        assert p.stderr == (f"redactfs: cannot open the store at '{s.path}': Read-only file system\n"
                            'hint: copy it to a disk that can be written to, and use it there: who opens a store is put on record '
                            'in it\n'), command
    assert os.listdir(mnt) == [] and ids_of(s.copy(tmp_path / 'copy')) == ids


def test_others_keep_half_when_they_want_more(disk):
    d = disk('tmpfs', 64 * MIB)
    s = many.a_store(d.path / 'store', 3000, days=2)
    d.fill()
    p = s.cli('hold', 'add', '--site', SITE, '--reason', 'court')
    assert p.returncode == 1 and 'No space left on device' in p.stderr, p
    assert status(s)['held'] == 0 and RESERVE // 2 <= reserve(s)
    s.cli('erase', '--session', ids_of(s)[0], '--reason', 'x', '--yes', check=0)
    assert len(ids_of(s)) == 2999
