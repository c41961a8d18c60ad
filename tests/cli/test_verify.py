"""`redactfs verify`: every part of a store flipped, removed or exchanged, and each one named. Many damages
share a run: they are of different sessions, and one must not hide another."""
import json
import os
import re
import sqlite3

import pytest

import decrypt
from redactfs import binary

DAY = 86400000
NOON = 1790000000000 // DAY * DAY + DAY // 2
N = 14


def recording(n):
    text = ' '.join(f'word{n}x{i}' for i in range(9000 if n == 3 else 300))     # 3 has two chunks
    at = NOON + n * 1000
    out = [{'type': 4, 'timestamp': at, 'data': {'href': f'https://a.example/?mail=v{n}@mail.example', 'width': 8,
                                                 'height': 6}}]
    out += [{'type': 5, 'timestamp': at + i, 'data': {'tag': 'note', 'payload': text}} for i in range(1, 9)]
    return json.dumps(out)


@pytest.fixture(scope='module')
def whole(empty_store, tmp_path_factory):
    """Sessions of one day and two more of another site, one erased, one held, two policies."""
    base = tmp_path_factory.mktemp('verify')
    s = empty_store.copy(base / 'store')
    s.policy('a.example', '[site]\ntimezone = Europe/Prague\n')
    s.policy('b.example', '[record]\nforms = off\n')
    for site, some in (('a.example', range(N)), ('b.example', range(100, 102))):
        files = []
        for n in some:
            files.append(base / f'{n}.json')
            files[-1].write_text(recording(n))
        s.import_(*files, site=site, visitor=f'v-{site}')
    rows = json.loads(s.cli('ls', '--format=json', check=0).stdout)
    s.cli('erase', '--session', rows[0]['id'], '--reason', 'r', '--yes', check=0)
    s.cli('hold', 'add', '--session', rows[1]['id'], '--reason', 'r', check=0)
    return s, {n: r for n, r in enumerate(rows) if n}


def verify(store, check):
    r = json.loads(store.cli('verify', '--format=json', check=check).stdout)
    assert r['faults'] == len(r['found'])
    return r


def of(report, row):
    return [(f['part'], f['fault'], f['lost']) for f in report['found'] if f['id'] == row['id'] or
            f['path'].endswith('/' + row.get('damaged', '-'))]


class Breaker:
    """A copy of the store, its catalog and its sessions' blobs, to be broken."""

    def __init__(self, whole, path):
        self.store, self.rows = whole[0].copy(path), whole[1]
        opened = decrypt.Store(self.store.path, {self.store.operator: self.store.passphrase})
        self.of_id = {s.info['id'].hex() if isinstance(s.info['id'], bytes) else s.info['id']: s for s in opened.sessions}
        self.db = sqlite3.connect(self.store.path / 'catalog.db', isolation_level=None)
        for n, r in self.rows.items():
            name = self.db.execute('select hex(blob) from session where ino = ?', (n + 1,)).fetchone()[0].lower()
            r['blob'] = self.store.path / 'blobs' / name[:2] / name
            r['ino'], r['damaged'] = n + 1, f'damaged-{n + 1}'

    def flip(self, path, at):
        data = bytearray(path.read_bytes())
        data[at] ^= 4
        path.write_bytes(data)

    def flip_row(self, table, column, where, at=20):
        value = bytearray(self.db.execute(f'select {column} from {table} where {where}').fetchone()[0])
        value[at] ^= 4
        self.db.execute(f'update {table} set {column} = ? where {where}', (bytes(value),))


@pytest.fixture
def broken(whole, tmp_path):
    b = Breaker(whole, tmp_path / 'store')
    yield b
    b.db.close()


def test_a_good_store(whole):
    s, rows = whole
    before = s.digest()
    p = s.cli('verify', check=0)
    assert re.fullmatch(r'checked 15 sessions, \d+ nodes, 15 blobs, 2 policies, \d+ audit entries: 0 faults, '
                        r'0 sessions lost\n', p.stdout.decode()) and p.stderr == ''
    r = verify(s, 0)
    assert r['found'] == [] and (r['sessions'], r['blobs'], r['policies'], r['lost']) == (15, 15, 2, 0)
    assert s.digest() == before


def test_blobs_rows_and_plans(broken):
    """One damage a session; the others are as they were, and nothing else is said."""
    b, r = broken, broken.rows
    b.flip(r[2]['blob'], 40)                                    # header
    b.flip(r[3]['blob'], -1 - (r[3]['blob'].stat().st_size // 2))   # a chunk
    r[4]['blob'].unlink()
    with open(r[5]['blob'], 'ab') as f:                         # longer
        f.write(b'x')
    os.truncate(r[6]['blob'], r[6]['blob'].stat().st_size - 1)  # shorter
    b.flip(r[7]['blob'], -1)                                    # the sealed values, or the span table
    x, y = r[8]['blob'].read_bytes(), r[9]['blob'].read_bytes()  # exchanged
    r[8]['blob'].write_bytes(y)
    r[9]['blob'].write_bytes(x)
    b.flip_row('session', 'row', f"ino = {r[10]['ino']}", 40)
    b.flip_row('session', 'plan', f"ino = {r[11]['ino']}", 30)
    b.db.execute('update session set plan = (select plan from session where ino = ?) where ino = ?',
                 (r[11]['ino'], r[12]['ino']))
    report = verify(b.store, 11)
    for n in (2, 3, 5, 6, 7, 8, 9):
        assert of(report, r[n]) == [('blob', 'changed', 'session')], n
    assert of(report, r[4]) == [('blob', 'inconsistent', 'session')]
    assert of(report, r[10]) == [('session', 'changed', 'session')]
    assert of(report, r[11]) == of(report, r[12]) == [('plan', 'changed', 'session')]
    assert report['faults'] == report['lost'] == 11
    assert next(f for f in report['found'] if f['id'] == r[3]['id'])['what'].startswith('chunk ')
    # what is not lost can be read: the report tells them apart
    text = b.store.cli('verify', check=11).stdout.decode()
    assert text.endswith('11 faults, 11 sessions lost\n')
    assert f"blob: {r[4]['path']} {r[4]['id']}: its blob is missing; lost: session\n" in text


def test_what_can_be_found_no_more(broken):
    """Look-ups, marks, counts, policies, strays: nothing is lost by most of them."""
    b, r = broken, broken.rows
    for n, column in ((2, 'id_h'), (3, 'name_h'), (4, 'body_h'), (5, 'visitor_h')):
        b.flip_row('session', column, f"ino = {r[n]['ino']}", 3)
    b.db.execute('delete from hold')                            # r[1] is marked as held
    b.db.execute("insert into hold values(?, 1, 1, 'x@x.example', 'r')", (r[6]['ino'],))
    b.db.execute("insert into hold values(?, 2, 1, 'x@x.example', 'r')", (r[7]['ino'],))
    b.db.execute("update session set state = 2 where ino = ?", (r[8]['ino'],))
    b.db.executemany("insert into hold values(999, ?, 1, 'x@x.example', 'r')", [(1,), (2,)])
    b.db.execute("update meta set value = value + 1 where key = 'sessions'")
    b.db.execute("update meta set value = 0 where key = 'next_leaf'")
    b.db.execute("update day set name = '2020-01-01' where site_id = 2")
    b.flip_row('policy', 'body', "site = 'b.example'")
    stray = b.store.path / 'blobs/5a' / ('5a' * 16)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b'stray')
    b.db.execute("insert into node(level, idx, epoch, body) values(0, 77, 1, zeroblob(3920))")
    report = verify(b.store, 11)
    for n in (2, 3, 4, 5):
        assert of(report, r[n]) == [('session', 'inconsistent', '')], n
    assert of(report, r[1]) == of(report, r[6]) == [('hold', 'inconsistent', '')]
    assert of(report, r[7]) == of(report, r[8]) == [('restriction', 'inconsistent', '')]
    rest = sorted((f['part'], f['what']) for f in report['found'] if f['id'] not in {r[n]['id'] for n in range(1, 9)})
    assert [p for p, _ in rest] == ['blob', 'count', 'count', 'day', 'day', 'hold', 'node', 'policy', 'restriction'], rest
    assert report['lost'] == 0 and any("'b.example'" in w for _, w in rest)
    assert any('5a5a5a5a' in w for _, w in rest)


def test_sites_and_states(broken):
    b, r = broken, broken.rows
    b.db.execute("update site set name = 'c.example' where name = 'b.example'")
    b.db.execute('update session set state = 7 where ino = ?', (r[2]['ino'],))
    b.db.execute('update session set day_id = 55 where ino = ?', (r[3]['ino'],))
    b.db.execute('update session set kid = 5000 where ino = ?', (r[4]['ino'],))
    b.db.execute('delete from session where ino = ?', (r[5]['ino'],))
    report = verify(b.store, 11)
    assert of(report, r[2]) == [('session', 'inconsistent', '')]
    # a row is bound to its day
    assert of(report, r[3]) == [('day', 'inconsistent', 'session'), ('session', 'changed', 'session')]
    assert of(report, r[4]) == [('key', 'inconsistent', 'session')]
    for n in (14, 15):
        assert of(report, r[n]) == [('session', 'inconsistent', '')]
        assert any('another name' in f['what'] for f in report['found'] if f['id'] == r[n]['id'])
    keys = next(f for f in report['found'] if f['part'] == 'key' and not f['path'])
    assert keys['what'].startswith('2 keys belong to no session') and keys['lost'] == 'sessions'
    assert sum(f['part'] == 'blob' for f in report['found']) == 1       # of the row that was removed
    assert any(f['part'] == 'count' for f in report['found'])


@pytest.mark.parametrize('how', ['flipped', 'removed', 'exchanged'])
def test_a_leaf_of_the_key_tree(broken, how):
    """What is under it is lost; the other leaf's sessions aren't."""
    b, r = broken, broken.rows
    leaves = b.db.execute('select idx, epoch from node where level = 0 order by idx').fetchall()
    assert len(leaves) == 2
    if how == 'flipped':
        b.flip_row('node', 'body', 'level = 0 and idx = 0', 100)
    elif how == 'removed':
        b.db.execute('delete from node where level = 0 and idx = 0')
    else:
        b.db.execute('update node set body = (select body from node where level = 0 and idx = 1) where level = 0 and '
                     'idx = 0')
    report = verify(b.store, 12 if how == 'removed' else 11)
    fault = 'inconsistent' if how == 'removed' else 'changed'
    node = [f for f in report['found'] if f['part'] == 'node' and not f['path']]
    assert len(node) == 1 and 'node 0/0' in node[0]['what'] and node[0]['fault'] == fault
    assert report['lost'] == N - 1
    for n in range(1, N):
        assert of(report, r[n]) == [('node', fault, 'session')]
    assert of(report, r[14]) == of(report, r[15]) == []


def test_the_audit_log_too(broken):
    b = broken
    b.db.execute("update audit set detail = '{}' where seq = 4")
    report = verify(b.store, 11)
    assert [(f['part'], f['fault']) for f in report['found']] == [('audit', 'changed')]
    assert 'entry 4' in report['found'][0]['what'] and report['lost'] == 0


def test_the_catalog_as_a_file(broken):
    """A page that SQLite itself finds wrong: an index that lost its entry."""
    b = broken
    b.db.execute('pragma writable_schema = on')
    b.db.execute('pragma wal_checkpoint(truncate)')
    b.db.execute("delete from sqlite_master where name = 'session_visitor'")
    b.db.close()
    report = verify(b.store, 12)
    assert {f['part'] for f in report['found']} == {'catalog'} and report['lost'] == 0


def test_what_cannot_be_opened_is_named(broken):
    """Damage above everything: there is nothing to go through, and the reason is clear."""
    b = broken
    top = b.db.execute('select max(level) from node').fetchone()[0]
    b.flip_row('node', 'body', f'level = {top}', 100)
    p = b.store.cli('verify', check=11)
    assert len(p.stderr.splitlines()) == 1 and p.stdout == b''
    root = b.store.path / 'root'
    data = bytearray(root.read_bytes())
    for at in (60, 4096 + 60):
        data[at] ^= 1
    root.write_bytes(data)
    assert 'no root slot verifies' in b.store.cli('verify', check=11).stderr
    os.truncate(root, 100)
    b.store.cli('verify', check=12)


def test_bar_on_a_terminal(whole):
    import pty
    import subprocess
    s, _ = whole
    ours, theirs = pty.openpty()
    p = subprocess.run([binary(), 'verify', s.path, '--passphrase-file', s.passfile], stdout=subprocess.PIPE,
                       stderr=theirs, check=False)
    os.close(theirs)
    seen = os.read(ours, 65536)
    os.close(ours)
    assert p.returncode == 0 and b'of 15 sessions, 0 faults' in seen and seen.endswith(b'\r\x1b[K')
