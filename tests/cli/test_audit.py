"""The audit log and certificates of erasure: checked from outside, and broken in every way."""
import base64
import hashlib
import json
import os
import re
import sqlite3
import struct
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from redactfs import TOP, binary

NOON = 1790000000000 // 86400000 * 86400000 + 43200000
ID = [hashlib.sha256(b'%d' % n).hexdigest()[:32] for n in range(4)]
VISITOR = 'visitor-of-the-audit-test'


def recording(n):
    out = [{'type': 4, 'timestamp': NOON + n, 'data': {'href': 'https://a.example/', 'width': 8, 'height': 6}}]
    out += [{'type': 5, 'timestamp': NOON + n + i, 'data': {'tag': 'note', 'payload': f'p{n}'}} for i in range(1, 12)]
    return json.dumps(out).encode()


def entries(store):
    return json.loads(store.cli('audit', 'show', '--format=json', check=0).stdout)


@pytest.fixture(scope='module')
def history(empty_store, tmp_path_factory):
    """Four sessions; one erased, then two in one batch. (store, ids by number, receipts)"""
    s = empty_store.copy(tmp_path_factory.mktemp('history') / 'store')
    for n in range(4):
        s.import_('-', site='a.example', visitor=VISITOR if n == 3 else None, id=ID[n], stdin=recording(n))
    ids = ID
    receipts = []
    for some in ([ids[0]], ids[1:3]):
        p = s.cli('erase', '--session', *some, '--reason', 'request "118"', '--yes', check=0)
        receipts.append(re.fullmatch(rf'erased {len(some)}, gone before 0, receipt (\d+)\n', p.stdout.decode())[1])
    return s, ids, receipts


@pytest.fixture
def other(history, tmp_path):
    """A copy to break, and its catalog."""
    s = history[0].copy(tmp_path / 'store')
    db = sqlite3.connect(s.path / 'catalog.db', isolation_level=None)
    yield s, db
    db.close()


# ---- what is in it

def test_entries(history):
    s, _, receipts = history
    log = entries(s)
    assert [e['kind'] for e in log] == ['init'] + ['import'] * 4 + ['erase'] * 2
    assert [e['seq'] for e in log] == list(range(1, 8)) and receipts == ['6', '7']
    assert [e['detail'].get('sessions') for e in log] == [None, 1, 1, 1, 1, 1, 2]
    assert {e['operator'] for e in log} == {s.operator}
    assert log[-1]['detail']['reason'] == 'request "118"'
    lines = s.cli('audit', 'show', check=0).stdout.decode().splitlines()
    assert len(lines) == 7 and re.match(r' +7  \S+Z  erase +\S+  reason request "118"  sessions 2  root \S.*$', lines[-1])


def test_the_log_checks_without_us(history):
    """Chain and signatures, by docs/FORMAT.md and another library."""
    s, _, _ = history
    pem = s.cli('audit', 'public-key', check=0).stdout
    key = load_pem_public_key(pem)
    prev = None
    for e in entries(s):
        text = b''.join(struct.pack('<I', len(t)) + t for t in (e[k].encode()
                                                                for k in ('kind', 'operator', 'detail_text')))
        prev = bytes.fromhex(e['prev']) if prev is None else prev
        h = hashlib.sha256(b'redactfs audit' + struct.pack('<QQq', e['seq'], e['epoch'], int(e['at_ns'])) + text +
                           prev).digest()
        assert h.hex() == e['hash'] and prev.hex() == e['prev']
        key.verify(base64.b64decode(e['signature']), h)
        prev = h
    p = s.cli('audit', 'verify', check=0)
    assert p.stdout.decode() == f'good: 7 entries, newest 7:{prev.hex()}\n' and p.stderr == ''


def test_no_personal_data(history):
    s, ids, _ = history
    text = s.cli('audit', 'show', '--format=json', check=0).stdout + s.cli('receipt', ids[1], check=0).stdout
    for word in (VISITOR, 'a.example', *ids, *(i[-12:] for i in ids)):
        assert word.encode() not in text
    db = sqlite3.connect(s.path / 'catalog.db')
    left = b''.join(repr(r).encode() for t in ('audit', 'erased', 'tombstone') for r in db.execute(f'select * from {t}'))
    db.close()
    assert VISITOR.encode() not in left


# ---- every way to break it

def resigned(rows, seed=b'\7' * 32):
    """The log as somebody without the store's key would write it: all hashes right."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    prev, out = rows[0]['prev'], []
    for i, r in enumerate(rows):
        texts = b''.join(struct.pack('<I', len(r[k].encode())) + r[k].encode() for k in ('kind', 'operator', 'detail'))
        h = hashlib.sha256(b'redactfs audit' + struct.pack('<QQq', i + 1, r['epoch'], r['at_ns']) + texts + prev).digest()
        out.append({**r, 'seq': i + 1, 'prev': prev, 'hash': h, 'sig': key.sign(h)})
        prev = h
    return out


def rewrite(db, change):
    db.row_factory = sqlite3.Row
    rows = [dict(r) for r in db.execute('select * from audit order by seq')]
    rows = change(rows)
    db.execute('delete from audit')
    for r in rows:
        db.execute(f'insert into audit({",".join(r)}) values({",".join("?" * len(r))})', list(r.values()))


def swapped(rows):
    rows[2], rows[4] = {**rows[4], 'seq': 3}, {**rows[2], 'seq': 5}
    return rows


BROKEN = {
    'last one cut off': (lambda rows: rows[:-1], 'cut off'),
    'all cut off': (lambda rows: [], 'cut off'),
    'one taken out': (lambda rows: rows[:3] + rows[4:], 'entry 5: entries are missing'),
    'one taken out, numbers closed up': (lambda rows: rows[:3] + [{**r, 'seq': r['seq'] - 1} for r in rows[4:]],
                                         "entry 4: it doesn't follow"),
    'first one taken out': (lambda rows: rows[1:], 'entry 2: entries are missing'),
    'changed': (lambda rows: rows[:5] + [{**rows[5], 'detail': rows[5]['detail'].replace('118', '119')}] + rows[6:],
                'entry 6: it was changed'),
    'another time': (lambda rows: rows[:5] + [{**rows[5], 'at_ns': rows[5]['at_ns'] + 1}] + rows[6:],
                     'entry 6: it was changed'),
    'two in each other\'s place': (swapped, "entry 3: it doesn't follow"),
    'signed anew with another key': (resigned, 'entry 1: it is signed by another key'),
    'one added': (lambda rows: rows + resigned(rows + [{**rows[-1], 'detail': '{}'}])[-1:], 'entry 8'),
    'passed off as not committed': (lambda rows: rows[:-1] + [{**rows[-1], 'epoch': 999}], 'cut off'),
}


@pytest.mark.parametrize('what', BROKEN)
def test_broken_log_is_found(other, what):
    s, db = other
    change, said = BROKEN[what]
    rewrite(db, change)
    p = s.cli('audit', 'verify', check=11)
    assert said in p.stderr and len(p.stderr.splitlines()) == 1 and p.stdout == b''


@pytest.mark.parametrize('sql, said', [
    ('delete from erased where seq = 7 and id_h = (select min(id_h) from erased where seq = 7)', 'entry 7'),
    ('delete from erased where seq = 6', 'missing'),
    ('update erased set seq = 6 where id_h = (select min(id_h) from erased where seq = 7)', 'entry 6'),
    ("insert into erased values(x'00112233445566778899aabbccddeeff', 7)", 'entry 7'),
    ('delete from tombstone where h = (select min(h) from tombstone)', 'tombstones'),
    ("update tombstone set h = x'" + '5a' * 32 + "' where h = (select min(h) from tombstone)", 'tombstones'),
    ("insert into tombstone values(x'" + '5a' * 32 + "', 1, 5)", 'tombstones'),
])
def test_what_hangs_on_the_log(other, sql, said):
    s, db = other
    db.execute(sql)
    p = s.cli('audit', 'verify', check=11)
    assert said in p.stderr


def test_put_back_to_an_older_state(history, empty_store, tmp_path):
    """All of it at once, root too: only who noted the newest entry can see it."""
    s, _, _ = history
    head = s.cli('audit', 'verify', check=0).stdout.decode().split()[-1]
    assert s.cli('audit', 'verify', '--head', head, check=0).stderr == ''
    old = empty_store.copy(tmp_path / 'old')
    old.cli('audit', 'verify', check=0)
    assert 'older state' in old.cli('audit', 'verify', '--head', head, check=11).stderr
    wrong = head.split(':')[0] + ':' + '0' * 64
    assert "isn't the one" in s.cli('audit', 'verify', '--head', wrong, check=11).stderr
    for bad in ('7', '7:xyz', '0:' + '0' * 64, ':', head.upper()):
        s.cli('audit', 'verify', '--head', bad, check=2)


# ---- receipts

def man_lines(title):
    """The lines of an example in the man page, as a shell gets them."""
    text = (TOP / 'docs/man/redactfs.1').read_text('utf-8')
    block = re.search(rf'^\.\\" {title}\n\.nf\n(.*?)^\.fi$', text, re.M | re.S)[1]
    return block.replace('\\-', '-').replace('\\e', '\\').replace('\\(aq', "'")


def as_in_the_man_page(history, folder, title, **words):
    """Runs its very lines, with the store of the test under the name that they use."""
    s, _, _ = history
    folder.mkdir(exist_ok=True)
    (folder / 'bin').mkdir()
    (folder / 'bin/redactfs').symlink_to(binary())
    (folder / 'redactfs.passphrase').write_text(s.passphrase + '\n')
    (folder / 'visits').symlink_to(s.path)
    lines = man_lines(title)
    for a, b in words.items():
        assert a in lines
        lines = lines.replace(a, b)
    return subprocess.run(['bash', '-e', '-c', lines], cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, 'PATH': f'{folder}/bin:' + os.environ['PATH'],
                               'CREDENTIALS_DIRECTORY': str(folder)})


@pytest.mark.parametrize('which', ['batch', 'session'])
def test_openssl_alone_checks_a_receipt(history, tmp_path, which):
    _, ids, receipts = history
    name = receipts[1] if which == 'batch' else ids[1]
    p = as_in_the_man_page(history, tmp_path / 'w', 'check a receipt', ID=name)
    assert p.returncode == 0 and 'Signature Verified Successfully' in p.stdout, p.stderr
    text = (tmp_path / 'w/receipt.txt').read_text()
    assert text.startswith('redactfs certificate of erasure\n') and '\nsessions: 2\n' in text
    assert '\nreason: request "118"\n' in text
    said = hashlib.sha256(ids[1].encode()).hexdigest()
    assert (f'\nsession-sha256: {said}\n' in text) == (which == 'session')
    der = subprocess.run(['openssl', 'pkey', '-pubin', '-in', tmp_path / 'w/audit.pem', '-outform', 'DER'],
                         capture_output=True, check=True).stdout
    assert f'\naudit-key-sha256: {hashlib.sha256(der).hexdigest()}\n' in text
    # one changed letter, and it doesn't
    (tmp_path / 'w/receipt.txt').write_text(text.replace('sessions: 2', 'sessions: 3'))
    p = subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', 'audit.pem', '-rawin', '-in', 'receipt.txt',
                        '-sigfile', 'receipt.sig'], cwd=tmp_path / 'w', capture_output=True, check=False)
    assert p.returncode != 0


def test_receipt_json(history):
    s, ids, receipts = history
    r = json.loads(s.cli('receipt', ids[2], '--format=json', check=0).stdout)
    load_pem_public_key(r['public_key'].encode()).verify(base64.b64decode(r['signature']), r['certificate'].encode())
    assert r['fields']['entry'] == receipts[1] and r['fields']['sessions'] == '2'
    # the same every time
    assert json.loads(s.cli('receipt', ids[2], '--format=json', check=0).stdout) == r


def test_no_receipt(history):
    s, ids, _ = history
    assert 'was not erased' in s.cli('receipt', ids[3], check=6).stderr
    assert 'no erasure' in s.cli('receipt', 'f' * 32, check=3).stderr
    for number in ('1', '2', '99'):
        assert s.cli('receipt', number, check=3).stdout == b''
    for bad in ('0', '-1', '7x', 'a.example'):
        s.cli('receipt', '--', bad, check=2)


@pytest.mark.parametrize('sql', ["update audit set detail = replace(detail, '118', '119') where seq = 7",
                                 'delete from erased where seq = 7 and id_h = (select min(id_h) from erased where seq = 7)'])
def test_no_receipt_of_what_was_changed(other, history, sql):
    s, db = other
    db.execute(sql)
    assert s.cli('receipt', '7', check=11).stdout == b''
    assert s.cli('receipt', '6', check=0).stdout


def test_usage(history):
    s, _, _ = history
    s.cli('audit', 'frobnicate', check=2)
    s.cli('audit', 'verify', '--format=json', check=2)
    s.cli('audit', 'show', '--head', '1:' + '0' * 64, check=2)
    s.cli('audit', 'show', '--format=xml', check=2)
