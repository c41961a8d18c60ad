"""What the commands print and how they end, on stores with something in them."""
import json
import os
import pty
import re
import shutil
import subprocess

import pytest

import corpus
import redactfs
from redactfs import TIMEOUT, Store, binary, run

DATE = re.compile(r'\d{4}-\d\d-\d\d')
UTC = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z')
FIELDS = {'id': str, 'site': str, 'date': str, 'name': str, 'path': str, 'start': str, 'end': str,
          'imported': str, 'visitor': str, 'state': str, 'events': int, 'size': int, 'redacted': dict}


def recording(at, text='hello', events=3):
    """A small recording that starts at a time (ms)."""
    out = [{'type': 4, 'timestamp': at, 'data': {'href': 'https://a.example/', 'width': 800, 'height': 600}}]
    out += [{'type': 5, 'timestamp': at + i, 'data': {'tag': 'note', 'payload': text}} for i in range(1, events)]
    return json.dumps(out).encode()


DAY = 86400000
NOON = 1790000000000 // DAY * DAY + DAY // 2        # 2026-09-21


@pytest.fixture(scope='module')
def filled_store(empty_store, tmp_path_factory):
    """Two sites, two visitors, five sessions on three days."""
    s = empty_store.copy(tmp_path_factory.mktemp('filled') / 'store')
    for site, visitor, day in (('a.example', 'v1', 0), ('a.example', 'v2', 1), ('a.example', 'v1', 2),
                               ('b.example', 'v1', 0), ('b.example', None, 2)):
        s.import_('-', site=site, visitor=visitor, stdin=recording(NOON + day * DAY, f'{site} {visitor} {day}'))
    return s


@pytest.fixture
def filled(filled_store, tmp_path):
    return filled_store.copy(tmp_path / 'store')


def ls(store, *args):
    return json.loads(store.cli('ls', '--format=json', *args, check=0).stdout)


# ---- ls

def test_ls_json(filled):
    rows = ls(filled)
    assert len(rows) == 5
    for r in rows:
        assert {k: type(v) for k, v in r.items()} == FIELDS
        assert re.fullmatch('[0-9a-f]{32}', r['id']) and DATE.fullmatch(r['date'])
        assert r['path'] == f"{r['site']}/{r['date']}/{r['name']}" and r['name'].endswith(r['id'][-12:])
        assert UTC.fullmatch(r['start']) and UTC.fullmatch(r['end']) and UTC.fullmatch(r['imported'])
        assert r['events'] == 3 and r['state'] == 'live' and r['size'] > 0
    assert sorted((r['site'], r['date'], r['visitor']) for r in rows) == [
        ('a.example', '2026-09-21', 'v1'), ('a.example', '2026-09-22', 'v2'), ('a.example', '2026-09-23', 'v1'),
        ('b.example', '2026-09-21', 'v1'), ('b.example', '2026-09-23', '')]


@pytest.mark.parametrize('args, count', [
    (['--site', 'a.example'], 3),
    (['--visitor', 'v1'], 3),
    (['--visitor', 'v1', '--site', 'a.example'], 2),
    (['--visitor', 'nobody'], 0),
    (['--since', '2026-09-22'], 3),
    (['--until', '2026-09-22'], 3),
    (['--since', '2026-09-22', '--until', '2026-09-22'], 1),
    (['--visitor', 'v1', '--since', '2026-09-22'], 1),
    (['--since', '2030-01-01'], 0),
])
def test_ls_chooses(filled, args, count):
    assert len(ls(filled, *args)) == count


def test_ls_text(filled):
    lines = filled.cli('ls', check=0).stdout.decode().splitlines()
    assert lines[0].split() == ['ID', 'EVENTS', 'SIZE', 'SESSION'] and len(lines) == 6
    for row in ls(filled):
        assert any(row['id'] in x and row['path'] in x for x in lines)


def test_ls_of_nothing(store):
    assert store.cli('ls', check=0).stdout == b''
    assert ls(store) == []


def test_ls_no_such_site(filled):
    p = filled.cli('ls', '--site', 'c.example', check=3)
    assert "'c.example'" in p.stderr


def test_ls_changes_nothing(filled):
    before = filled.digest()
    filled.cli('ls', check=0)
    assert filled.digest() == before


def test_ls_into_a_closed_pipe(filled):
    r, w = os.pipe()
    os.close(r)
    p = subprocess.run([binary(), 'ls', filled.path, '--passphrase-file', filled.passfile], stdout=w,
                       stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)
    os.close(w)
    assert p.returncode == 1 and p.stderr == b''


# ---- import

def test_import_summary(store, tmp_path):
    good, same, bad = tmp_path / 'good.json', tmp_path / 'same.json', tmp_path / 'bad.json'
    good.write_bytes(recording(NOON))
    same.write_bytes(recording(NOON))
    bad.write_text('[{"type":4,"timestamp":1790000000000},{"type":5,')
    p = store.import_(good, same, bad, tmp_path / 'none.json', site='a.example', check=16)
    assert p.stdout == b'stored 1, same 1, erased before 0, refused 2 (of 4)\n'
    lines = p.stderr.splitlines()
    assert len(lines) == 2
    assert re.match(r"redactfs: refused '.*bad\.json': .* \(at byte \d+\)$", lines[0])
    assert re.match(r"redactfs: refused '.*none\.json': .*No such file", lines[1])


def test_import_of_nothing_but_bad_ones(store):
    before = store.digest()
    p = store.import_(corpus.RECORDINGS / 'broken/not-a-recording.json', site='a.example', check=14)
    assert p.stdout == b'stored 0, same 0, erased before 0, refused 1 (of 1)\n'
    assert len(p.stderr.splitlines()) == 1
    assert store.digest() == before


@pytest.mark.parametrize('site', ['A.example', '../x', 'a/b', 'a..b', '-a.example', 'ä.example', 'x' * 254])
def test_bad_site(store, site):
    before = store.digest()
    p = store.import_('-', site=site, stdin=recording(NOON), check=18)
    assert len(p.stderr.splitlines()) <= 2 and p.stdout == b''
    assert store.digest() == before


def test_import_with_an_id(store):
    id = '0123456789abcdef0123456789abcdef'
    store.import_('-', site='a.example', id=id, stdin=recording(NOON))
    assert [r['id'] for r in ls(store)] == [id]
    uuid = 'AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE'
    store.import_('-', site='a.example', id=uuid, stdin=recording(NOON, 'other'))
    assert {r['id'] for r in ls(store)} == {id, uuid.replace('-', '').lower()}


def test_id_that_another_recording_has(store):
    id = '0123456789abcdef0123456789abcdef'
    store.import_('-', site='a.example', id=id, stdin=recording(NOON))
    p = store.import_('-', site='a.example', id=id, stdin=recording(NOON, 'other'), check=6)
    assert 'stored 0' in p.stdout.decode() and len(ls(store)) == 1


def test_bar_on_a_terminal(store, tmp_path):
    """Drawn on a terminal, gone before any other line; elsewhere there is none."""
    f = tmp_path / 'r.json'
    f.write_bytes(recording(NOON))
    ours, theirs = pty.openpty()
    p = subprocess.run([binary(), 'import', store.path, '--site', 'a.example', '--passphrase-file', store.passfile,
                        f, tmp_path / 'none.json'], stdout=subprocess.PIPE, stderr=theirs, timeout=TIMEOUT,
                       check=False)
    os.close(theirs)
    seen = b''
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:
            break
        seen += more
    os.close(ours)
    assert p.returncode == 16 and p.stdout.startswith(b'stored 1, ')
    assert b'recordings' in seen
    # what stays on the screen: nothing but the refusal
    stays = [x.split(b'\r\x1b[K')[-1] for x in seen.replace(b'\r\n', b'\n').split(b'\n')]
    assert len([x for x in stays if x]) == 1 and b'none.json' in stays[0], seen


# ---- erase

def erase(store, *args, **kw):
    return store.cli('erase', *args, **kw)


def test_dry_run(filled):
    before = filled.digest()
    p = erase(filled, '--site', 'a.example', '--dry-run', check=0)
    assert sorted(p.stdout.decode().splitlines()[:-1]) == [r['path'] for r in ls(filled, '--site', 'a.example')]
    assert p.stdout.endswith(b'\nwould erase 3\n')
    assert filled.digest() == before


@pytest.mark.parametrize('args, count', [
    (['--site', 'a.example'], 3),
    (['--visitor', 'v1'], 3),
    (['--visitor', 'v1', '--site', 'b.example'], 1),
    (['--site', 'a.example', '--before', '2026-09-22'], 1),
    (['--visitor', 'v1', '--before', '2026-09-23'], 2),
    (['--visitor', 'nobody'], 0),
])
def test_erase(filled, args, count):
    would = erase(filled, *args, '--dry-run', check=0).stdout.decode().splitlines()[:-1]
    rows = {r['path'] for r in ls(filled)}
    p = erase(filled, *args, '--reason', 'request 118', '--yes', check=0)
    assert p.stdout.decode().startswith(f'erased {count}') and p.stderr == ''
    assert {r['path'] for r in ls(filled)} == rows - set(would) and len(would) == count


def test_erase_by_id_and_by_path(filled):
    a, b, c, *rest = ls(filled)
    p = erase(filled, '--session', a['id'], b['path'], a['path'], '--session', c['id'], '--reason', 'r', '--yes',
              check=0)
    assert re.fullmatch(rb'erased 3, gone before 0, receipt \d+\n', p.stdout)
    assert ls(filled) == rest


@pytest.mark.parametrize('id', ['f' * 32, 'a.example/2026-09-21/120000-000000000000', 'c.example/x/y', '..', '//'])
def test_erase_what_is_not_there(filled, id):
    """One of several isn't known: a slip of the pen, so nothing goes."""
    known = ls(filled)[0]['id']
    before = filled.digest()
    p = erase(filled, '--session', known, id, '--reason', 'r', '--yes', check=3)
    assert f"'{id}'" in p.stderr and len(p.stderr.splitlines()) == 1
    assert filled.digest() == before


def test_erase_wants_a_yes(filled):
    before = filled.digest()
    p = erase(filled, '--site', 'a.example', '--reason', 'r', check=2)
    assert '--yes' in p.stderr
    assert filled.digest() == before


@pytest.mark.parametrize('answer, erased', [('yes', True), ('y', False), ('no', False), ('', False), ('yes!', False)])
def test_erase_asks_on_a_terminal(filled, answer, erased):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(binary(), [binary(), 'erase', str(filled.path), '--site', 'a.example', '--reason', 'r',
                            '--passphrase-file', str(filled.passfile)])
    seen = b''
    while b"type 'yes': " not in seen:
        seen += os.read(fd, 4096)
    assert b'erase 3 sessions' in seen and seen.count(b'a.example/2026') == 3
    os.write(fd, answer.encode() + b'\n')
    try:
        while os.read(fd, 4096):
            pass
    except OSError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    assert status == (0 if erased else 1)
    assert len(ls(filled)) == (2 if erased else 5)


def test_erased_does_not_come_back(store):
    text = recording(NOON)
    store.import_('-', site='a.example', stdin=text)
    erase(store, '--site', 'a.example', '--reason', 'r', '--yes', check=0)
    p = store.import_('-', site='a.example', stdin=text, check=5)
    assert p.stdout == b'stored 0, same 0, erased before 1, refused 0 (of 1)\n'
    assert 'erased before' in p.stderr and ls(store) == []


# ---- policy

POLICY = '[site]\ntimezone = Europe/Prague\n[record]\nforms = off\n'


def test_policy(store, tmp_path):
    assert store.cli('policy', 'show', 'a.example', check=0).stdout.startswith(b'; none set')
    store.policy('a.example', POLICY)
    assert store.cli('policy', 'show', 'a.example', check=0).stdout.decode() == POLICY
    store.cli('policy', 'set', 'a.example', '-', stdin=b'[record]\nforms = off\n', check=0)
    assert store.cli('policy', 'show', 'a.example', check=0).stdout == b'[record]\nforms = off\n'


def test_policy_of_a_bad_site(store, tmp_path):
    f = tmp_path / 'p.ini'
    f.write_text(POLICY)
    store.cli('policy', 'set', '../x', f, check=18)
    store.cli('policy', 'set', 'a.example', tmp_path / 'none.ini', check=3)


# ---- redact

def test_redact_is_what_a_mount_shows(store, mnt):
    rec = corpus.recording('shop-checkout')
    store.import_(rec.files[0], site=rec.site)
    out = run('redact', stdin=rec.files[0].read_bytes(), check=0).stdout
    with store.mount(mnt) as m:
        assert (m.session() / 'events.json').read_bytes() == out


def test_redact_by_a_policy(tmp_path):
    rec = corpus.recording('shop-checkout')
    f = tmp_path / 'p.ini'
    f.write_text('[record]\nforms = off\n')
    redacted = tmp_path / 'out.json'
    redacted.write_bytes(run('redact', '--policy', f, stdin=rec.files[0].read_bytes(), check=0).stdout)
    found = corpus.leakcheck(rec, redacted, forms='off')
    assert found.by_kind.get('always', 0) == 0 and found.lost == 0 and found.same_events


@pytest.mark.parametrize('path', corpus.broken(), ids=lambda p: p.name)
def test_redact_prints_nothing_when_it_fails(path):
    p = run('redact', stdin=path.read_bytes())
    if p.returncode:
        assert p.returncode in (14, 15) and p.stdout == b'' and len(p.stderr.splitlines()) <= 2


def test_redact_with_a_bad_policy(tmp_path):
    f = tmp_path / 'p.ini'
    f.write_text('[record]\nforms = perhaps\n')
    rec = corpus.recording('shop-checkout')
    p = run('redact', '--policy', f, stdin=rec.files[0].read_bytes(), check=18)
    assert p.stdout == b''
    p = run('redact', '--policy', tmp_path / 'none', stdin=b'[]', check=3)
    assert p.stdout == b''


# ---- stores

def test_init(tmp_path):
    s = Store(tmp_path / 'store').write_passfile()
    p = run('init', s.path, '--operator', s.operator, '--passphrase-file', s.passfile, check=0)
    assert s.operator in p.stdout.decode()
    assert all(x.startswith('redactfs: warning: root') for x in p.stderr.splitlines())      # of where /tmp lies
    assert (s.path.stat().st_mode & 0o077) == 0
    assert all((f.stat().st_mode & 0o077) == 0 for f in s.files())


def test_init_in_an_empty_folder(tmp_path):
    s = Store(tmp_path / 'store')
    s.path.mkdir()
    s.init()
    assert ls(s) == []


def test_a_store_that_was_moved(filled, tmp_path):
    """A store is its files: moved or copied as a whole it opens as before."""
    rows = ls(filled)
    shutil.move(filled.path, tmp_path / 'elsewhere')
    moved = Store(tmp_path / 'elsewhere').write_passfile()
    assert ls(moved) == rows


def test_mount_helper_usage(tmp_path):
    """Called by mount(8): its name says what it is, its statuses are mount's."""
    helper = tmp_path / 'mount.redactfs'
    helper.symlink_to(redactfs.binary())
    for args, code in (([], 1), (['a'], 1), (['a', 'b', '-o', 'frobnicate'], 1), (['a', 'b', '-x'], 1),
                       ([tmp_path / 'no', tmp_path, '-o', f'ro,passphrase_file={tmp_path}/none'], 32),
                       (['a', 'b', '-f'], 0)):
        p = subprocess.run([helper, *args], capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert p.returncode == code, (args, p.stderr)
        assert p.stdout == '' and (code == 0 or p.stderr)
