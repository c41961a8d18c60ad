"""One bit is wrong, in each part of each thing on the disk: what a reader gets is EIO, or the mount is
refused with a clear line; never wrong text, never short data, and never its neighbours' trouble."""
import errno
import json
import os
import shutil
import sqlite3
import stat
import struct

import pytest

import corpus
import decrypt
import redactfs
from redactfs import wait_until

VICTIM, NEIGHBOUR = 'victim.example', 'neighbour.example'
PIECE = 32768


class Template:
    def __init__(self, store):
        self.store = store
        opened = decrypt.Store(store.path, {store.operator: store.passphrase})
        self.epoch, self.height = opened.slot.epoch, opened.slot.height
        self.sessions = {s.site: s for s in opened.sessions}
        self.text = {site: s.rendering() for site, s in self.sessions.items()}
        self.node = {}
        for site, s in self.sessions.items():
            leaf = s.row['kid'] // decrypt.LEAF_KEYS
            self.node[site] = (0, leaf, opened.nodes[0, leaf])
        self.top = (self.height - 1, 0, self.epoch)

    def path(self, mount, site):
        s = self.sessions[site]
        return mount.path / site / s.day / s.info['name'] / 'events.json'

    def blob_path(self, store, site):
        name = self.sessions[site].row['blob'].hex()
        return store.path / 'blobs' / name[:2] / name


@pytest.fixture(scope='module')
def template(fuse, empty_store, tmp_path_factory):
    store = empty_store.copy(tmp_path_factory.mktemp('flips') / 'template')
    store.import_(corpus.recording('large-dashboard').files[0], site=VICTIM)
    store.import_(corpus.recording('shop-checkout').files[0], site=NEIGHBOUR)
    t = Template(store)
    blob = t.sessions[VICTIM].blob
    assert blob.chunks > 10 and blob.sealed_bytes and t.height >= 2
    return t


@pytest.fixture
def broken(template, tmp_path):
    return template.store.copy(tmp_path / 'store')


def flip(data, at, bit=0):
    data = bytearray(data)
    data[at] ^= 1 << bit
    return bytes(data)


def flip_file(path, at, bit=0):
    data = path.read_bytes()
    path.write_bytes(flip(data, at, bit))
    assert path.read_bytes() != data


def flip_row(store, table, column, where, args, at, bit=0):
    con = sqlite3.connect(store.path / 'catalog.db')
    try:
        (body,), = con.execute(f'SELECT {column} FROM {table} WHERE {where}', args).fetchall()
        con.execute(f'UPDATE {table} SET {column} = ? WHERE {where}', (flip(body, at, bit), *args))
        con.commit()
    finally:
        con.close()


def read_all(path, whole):
    """Reads a file piece by piece; returns how many pieces came and how many were EIO. Fails on any
    other error, and on a piece that isn't exactly that piece of `whole`."""
    came = lost = 0
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError as e:
        assert e.errno == errno.EIO, e
        return 0, -(-len(whole) // PIECE)
    try:
        assert os.fstat(fd).st_size == len(whole)
        for off in range(0, len(whole), PIECE):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
            try:
                got = os.pread(fd, PIECE, off)
            except OSError as e:
                assert e.errno == errno.EIO, e
                lost += 1
                continue
            assert got == whole[off:off + PIECE], f'wrong text at {off}'
            came += 1
    finally:
        os.close(fd)
    return came, lost


def refused(m):
    """Mounts a store that may be beyond mounting. True: refused, with one clear line."""
    try:
        m.start()
    except AssertionError:
        assert m.proc.returncode in (10, 11, 12, 13), (m.proc.returncode, m.stderr())
        lines = [x for x in m.stderr().splitlines() if not x.startswith('hint:')]
        assert len(lines) == 1 and lines[0].startswith('redactfs: '), m.stderr()
        redactfs.check_stderr(m.stderr())
        return True
    return False


def outcome(template, store, mnt, neighbour_lives=True):
    """'refused', 'eio' (nothing came), 'some' (a part came), or 'whole'."""
    m = store.mount(mnt)
    if refused(m):
        assert not neighbour_lives, 'refused for one damaged session:\n' + m.stderr()
        return 'refused'
    try:
        came, lost = read_all(template.path(m, VICTIM), template.text[VICTIM])
        n_came, n_lost = read_all(template.path(m, NEIGHBOUR), template.text[NEIGHBOUR])
        assert not (neighbour_lives and n_lost), 'the neighbour suffers'
        log = m.stderr()
        if lost:
            assert log.strip(), 'damage without a line in the log'
        for s in template.sessions.values():
            for name in (s.info['name'], s.info['name'].split('-')[1], s.site, s.id):
                assert name not in log, 'the log names a session'
        m.__exit__(None, None, None)
    except BaseException as e:
        m.__exit__(type(e), e, None)
        raise
    if not lost:
        return 'whole'
    return 'some' if came else 'eio'


# ---- blobs

HEADER = {'magic': 0, 'suite': 8, 'chunk size': 12, 'blob id': 16, 'base bytes': 32, 'chunks': 40,
          'zeros': 44, 'span bytes': 48, 'sealed bytes': 56, 'salt': 64, 'commitment': 96,
          'header tag': 128, 'first length': 160}


@pytest.mark.parametrize('part', HEADER)
def test_blob_header(template, broken, mnt, part, rng):
    at = HEADER[part] + rng.randrange({'magic': 8, 'salt': 32, 'commitment': 32, 'header tag': 32,
                                       'blob id': 16, 'base bytes': 8, 'span bytes': 8,
                                       'sealed bytes': 8}.get(part, 4))
    flip_file(template.blob_path(broken, VICTIM), at, rng.randrange(8))
    assert outcome(template, broken, mnt) == 'eio'


@pytest.mark.parametrize('part', ['last length', 'span table', 'span table tag'])
def test_blob_tables(template, broken, mnt, part, rng):
    b = template.sessions[VICTIM].blob
    spans_at = b.table_end + sum(b.lengths)
    at = {'last length': b.table_end - 4, 'span table': spans_at + rng.randrange(b.span_bytes - 16),
          'span table tag': spans_at + b.span_bytes - rng.randrange(1, 17)}[part]
    flip_file(template.blob_path(broken, VICTIM), at, rng.randrange(8))
    result = outcome(template, broken, mnt)
    # A stored plan makes ordinary reads without the span table; the table of lengths is always needed.
    assert result == 'eio' if part == 'last length' else result in ('eio', 'whole')


@pytest.mark.parametrize('which', ['first', 'middle', 'last'])
@pytest.mark.parametrize('where', ['text', 'tag'])
def test_blob_chunks(template, broken, mnt, which, where, rng):
    b = template.sessions[VICTIM].blob
    i = {'first': 0, 'middle': b.chunks // 2, 'last': b.chunks - 1}[which]
    at = b.table_end + sum(b.lengths[:i])
    at += b.lengths[i] - rng.randrange(1, 17) if where == 'tag' else rng.randrange(b.lengths[i] - 16)
    flip_file(template.blob_path(broken, VICTIM), at, rng.randrange(8))
    assert outcome(template, broken, mnt) == 'some'


@pytest.mark.parametrize('part', ['nonce and box', 'values', 'tag'])
def test_blob_sealed(template, broken, mnt, part, rng):
    """An ordinary read needs none of it: what it gives is right, or EIO."""
    b = template.sessions[VICTIM].blob
    at = len(b.raw) - b.sealed_bytes
    at += {'nonce and box': rng.randrange(80), 'values': 80, 'tag': b.sealed_bytes - 1}[part]
    flip_file(template.blob_path(broken, VICTIM), at, rng.randrange(8))
    assert outcome(template, broken, mnt) in ('whole', 'eio')


def swap_chunks(raw, b):
    """Exchanges the first two chunks and their lengths."""
    t, (n0, n1) = b.table_end, b.lengths[:2]
    return (raw[:160] + struct.pack('<II', n1, n0) + raw[168:t] + raw[t + n0:t + n0 + n1] +
            raw[t:t + n0] + raw[t + n0 + n1:])


def swap_equal(raw, b):
    """Exchanges two chunks that are the same number of bytes, so that no length changes; where
    there are none, two stretches of one chunk's size at chunk borders."""
    t = b.table_end
    n = min(b.lengths[0], b.lengths[1])
    u = t + b.lengths[0]
    return raw[:t] + raw[u:u + n] + raw[t + n:u] + raw[t:t + n] + raw[u + n:]


STRUCTURE = {
    'cut by a byte': lambda raw, b, other: raw[:-1],
    'cut after the chunks': lambda raw, b, other: raw[:b.table_end + sum(b.lengths)],
    'cut in the header': lambda raw, b, other: raw[:100],
    'empty': lambda raw, b, other: b'',
    'a byte more': lambda raw, b, other: raw + b'\0',
    "another session's blob": lambda raw, b, other: other,
    "another session's header": lambda raw, b, other: other[:160] + raw[160:],
    'two chunks exchanged': lambda raw, b, other: swap_chunks(raw, b),
    'two stretches exchanged': lambda raw, b, other: swap_equal(raw, b),
    'zeros': lambda raw, b, other: bytes(len(raw)),
}


@pytest.mark.parametrize('what', STRUCTURE)
def test_blob_structure(template, broken, mnt, what):
    path = template.blob_path(broken, VICTIM)
    b = template.sessions[VICTIM].blob
    raw, other = path.read_bytes(), template.blob_path(broken, NEIGHBOUR).read_bytes()
    path.write_bytes(STRUCTURE[what](raw, b, other))
    assert path.read_bytes() != raw
    assert outcome(template, broken, mnt) in ('eio', 'some')


def test_blob_missing(template, broken, mnt):
    template.blob_path(broken, VICTIM).unlink()
    assert outcome(template, broken, mnt) == 'eio'


NO_FILE = {
    'a folder': os.mkdir,
    'a pipe': os.mkfifo,
    'a pipe that is open': lambda p: (os.mkfifo(p), PIPES.append(os.open(p, os.O_RDWR | os.O_NONBLOCK))),
    'a link': lambda p: os.symlink('/etc/passwd', p),
    'a socket': lambda p: os.mknod(p, stat.S_IFSOCK | 0o600),
}
PIPES = []


@pytest.mark.parametrize('what', NO_FILE)
def test_blob_is_no_file(template, broken, mnt, what):
    """Nobody waits for it; it can be erased; and its neighbours' files go although its own can't."""
    path = template.blob_path(broken, VICTIM)
    path.unlink()
    NO_FILE[what](path)
    try:
        assert outcome(template, broken, mnt) == 'eio'
        p = broken.cli('verify', '--format=json', check=12)
        assert [f['part'] for f in json.loads(p.stdout)['found']] == ['blob']
        with broken.mount(mnt) as m:
            shutil.rmtree(template.path(m, VICTIM).parent)
            others = m.sessions()
            for s in others:
                shutil.rmtree(s)
            wait_until('files to go', lambda: [f for f in broken.path.glob('blobs/??/*') if f.is_file()] in ([], [path]))
            assert not m.sessions() and len(m.stderr().splitlines()) <= 1, m.stderr()
    finally:
        while PIPES:
            os.close(PIPES.pop())


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which('setpriv'), reason='root gives up what lets it read all')
def test_blob_that_may_not_be_read(template, broken, mnt):
    """Its mode is no matter of the reader's: not "permission denied" on a file that everybody may read."""
    template.blob_path(broken, VICTIM).chmod(0)
    with broken.mount(mnt, prefix=['setpriv', '--bounding-set', '-dac_override,-dac_read_search']) as m:
        assert read_all(template.path(m, VICTIM), template.text[VICTIM])[0] == 0
        assert read_all(template.path(m, NEIGHBOUR), template.text[NEIGHBOUR])[1] == 0
        assert "can't be read" in m.stderr()


def test_a_bad_sector(template, broken):
    """verify names the session whose blob the disk doesn't give, and checks the others."""
    if not shutil.which('strace'):
        pytest.skip('no strace')
    path = template.blob_path(broken, VICTIM)
    p = broken.cli('verify', '--format=json', check=12, env={'ASAN_OPTIONS': 'detect_leaks=0'},
                   prefix=('strace', '-f', '-q', '-o', '/dev/null', '-P', path, '-e', 'inject=pread64:error=EIO'))
    report = json.loads(p.stdout)
    assert [(f['part'], f['what']) for f in report['found']] == [('blob', "its blob can't be read: Input/output error")]
    assert report['sessions'] == report['blobs'] == 2


def test_blob_anywhere(template, broken, mnt, rng):
    """Any bit of the file, a number of times."""
    path = template.blob_path(broken, VICTIM)
    raw = path.read_bytes()
    for i in range(12):
        at = rng.randrange(len(raw))
        path.write_bytes(flip(raw, at, rng.randrange(8)))
        assert outcome(template, broken, mnt) in ('eio', 'some', 'whole'), at


# ---- the key tree

NODE = {'magic': 0, 'level': 4, 'zeros': 5, 'index': 8, 'epoch': 16, 'more zeros': 24, 'store id': 32,
        'bitmap': 48, 'entries': 64, 'last entry': decrypt.NODE - 20, 'tag': decrypt.NODE - 16}


@pytest.mark.parametrize('part', NODE)
def test_leaf(template, broken, mnt, part, rng):
    flip_row(broken, 'node', 'body', 'level = ? AND idx = ? AND epoch = ?', template.node[VICTIM],
             NODE[part], rng.randrange(8))
    assert template.node[VICTIM] != template.node[NEIGHBOUR]
    assert outcome(template, broken, mnt) == 'eio'


@pytest.mark.parametrize('part', NODE)
def test_top_node(template, broken, mnt, part, rng):
    flip_row(broken, 'node', 'body', 'level = ? AND idx = ? AND epoch = ?', template.top, NODE[part],
             rng.randrange(8))
    assert outcome(template, broken, mnt, neighbour_lives=False) in ('refused', 'eio')


def test_node_missing(template, broken, mnt):
    con = sqlite3.connect(broken.path / 'catalog.db')
    con.execute('DELETE FROM node WHERE level = ? AND idx = ? AND epoch = ?', template.node[VICTIM])
    con.commit()
    con.close()
    assert outcome(template, broken, mnt) == 'eio'


def test_nodes_exchanged(template, broken, mnt):
    """Two leaves' bodies in each other's rows."""
    con = sqlite3.connect(broken.path / 'catalog.db')
    get = 'SELECT body FROM node WHERE level = ? AND idx = ? AND epoch = ?'
    put = 'UPDATE node SET body = ? WHERE level = ? AND idx = ? AND epoch = ?'
    a, b = template.node[VICTIM], template.node[NEIGHBOUR]
    body_a, body_b = con.execute(get, a).fetchone()[0], con.execute(get, b).fetchone()[0]
    con.execute(put, (body_b, *a))
    con.execute(put, (body_a, *b))
    con.commit()
    con.close()
    assert outcome(template, broken, mnt, neighbour_lives=False) in ('eio', 'refused')


# ---- rows

@pytest.mark.parametrize('at', [0, 12, 60, -1])
def test_session_row(template, broken, mnt, at):
    flip_row(broken, 'session', 'row', 'ino = ?', (template.sessions[VICTIM].row['ino'],), at)
    assert outcome(template, broken, mnt) == 'eio'


@pytest.mark.parametrize('at', [0, 12, -1])
def test_session_plan(template, broken, mnt, at):
    """A plan can be made anew from the span table: right text, or EIO."""
    flip_row(broken, 'session', 'plan', 'ino = ?', (template.sessions[VICTIM].row['ino'],), at)
    assert outcome(template, broken, mnt) in ('eio', 'whole')


@pytest.mark.parametrize('column', ['blob', 'kid', 'row', 'plan'])
def test_columns_exchanged(template, broken, mnt, column):
    """One column of two sessions exchanged: nothing of the one is ever shown as the other."""
    a, b = (template.sessions[s].row for s in (VICTIM, NEIGHBOUR))
    con = sqlite3.connect(broken.path / 'catalog.db')
    aside = 1 << 40 if column == 'kid' else os.urandom(16)      # no two rows alike at any time
    for value, row in ((aside, a), (a[column], b), (b[column], a)):
        con.execute(f'UPDATE session SET {column} = ? WHERE ino = ?', (value, row['ino']))
    con.commit()
    con.close()
    got = outcome(template, broken, mnt, neighbour_lives=False)
    assert got in ('eio', 'refused') or column == 'plan' and got == 'whole'


@pytest.mark.parametrize('at', [0, 100, -1])
def test_store_secrets(template, broken, mnt, at):
    flip_row(broken, 'secret', 'body', 'epoch = ?', (template.epoch,), at)
    assert outcome(template, broken, mnt, neighbour_lives=False) == 'refused'


OPERATOR = {'magic': 0, 'public key': 8, 'salt': 40, 'log2 N': 72, 'high byte of log2 N': 75, 'r': 76,
            'high byte of r': 79, 'p': 80, 'zeros': 84, 'slot verification key': 88,
            'audit verification key': 120, 'private key': 152, 'tag of it': 199, 'epoch': 248,
            'tag of the epoch': 256}


@pytest.mark.parametrize('part', OPERATOR)
def test_operator(template, broken, mnt, part, rng):
    flip_row(broken, 'operator', 'record', 'email = ?', (broken.operator,), OPERATOR[part],
             rng.randrange(4))
    assert outcome(template, broken, mnt, neighbour_lives=False) == 'refused'


def test_operator_roles(template, broken, mnt):
    """Who may do what can't be changed by writing to the disk."""
    con = sqlite3.connect(broken.path / 'catalog.db')
    con.execute('UPDATE operator SET roles = (roles | 1) - (roles & 1)')
    con.commit()
    con.close()
    assert outcome(template, broken, mnt, neighbour_lives=False) == 'refused'


# ---- root

SLOT = {'magic': 0, 'store id': 8, 'epoch': 24, 'height': 32, 'recipients': 36, 'zeros': 40,
        'commitment': 48, 'key id': 80, 'ephemeral key': 88, 'sealed key': 120, 'its tag': 167,
        'padding': 2000, 'signature': 4032, 'end of signature': 4095}


@pytest.mark.parametrize('part', SLOT)
def test_slot(template, broken, mnt, part, rng):
    flip_file(broken.path / 'root', 4096 * (template.epoch & 1) + SLOT[part], rng.randrange(8))
    assert outcome(template, broken, mnt, neighbour_lives=False) == 'refused'


def test_the_other_slot_doesnt_matter(template, broken, mnt, rng):
    flip_file(broken.path / 'root', 4096 * (~template.epoch & 1) + rng.randrange(4096))
    assert outcome(template, broken, mnt) == 'whole'


def test_root_of_another_store(template, broken, mnt, tmp_path):
    other = redactfs.Store(tmp_path / 'other').init()
    (broken.path / 'root').write_bytes((other.path / 'root').read_bytes())
    assert outcome(template, broken, mnt, neighbour_lives=False) == 'refused'


@pytest.mark.parametrize('what', ['missing', 'empty', 'cut', 'random', 'slots exchanged'])
def test_root_file(template, broken, mnt, what):
    root = broken.path / 'root'
    raw = root.read_bytes()
    root.unlink()
    if what != 'missing':
        root.write_bytes({'empty': b'', 'cut': raw[:4096 + 100], 'random': os.urandom(8192),
                          'slots exchanged': raw[4096:] + raw[:4096]}[what])
    m = broken.mount(mnt)
    with pytest.raises(AssertionError):
        m.start()
    assert m.proc.returncode in (3, 11, 12), (m.proc.returncode, m.stderr())
    lines = [x for x in m.stderr().splitlines() if not x.startswith('hint:')]
    assert len(lines) == 1 and 'root' in lines[0], lines


def test_an_old_root_put_back(template, broken, mnt, tmp_path):
    """After an erasure the old root, put back, is noticed and opens nothing."""
    old = (broken.path / 'root').read_bytes()
    with broken.mount(mnt) as m:
        os.unlink(template.path(m, VICTIM))
    (broken.path / 'root').write_bytes(old)
    assert outcome(template, broken, mnt, neighbour_lives=False) == 'refused'
