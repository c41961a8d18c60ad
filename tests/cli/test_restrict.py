"""Restriction (Art. 18): kept, listed to officers only, and read on a reveal mount or by a revealing export only."""
import errno
import json
import os
import re
import signal
import subprocess
import time
import zipfile

import pytest

import decrypt
import made
import redactfs
from redactfs import OPERATOR, wait_until

SITE, BOB, WORDS = made.SITE, 'bob@example.org', 'Kettle-harbour 71 tin whistle'
REVEAL = ('--reveal', '--reason', 'r')
LIVE_S = 1.0        # what others do shows on a live mount within


@pytest.fixture(scope='module')
def template(made_store, tmp_path_factory):
    """Two days of four sessions each, and Bob, who isn't an officer."""
    s = made_store(days=2, each=4).copy(tmp_path_factory.mktemp('restrict') / 'store')
    add_bob(s, 'viewer')
    return s


@pytest.fixture
def store(template, tmp_path):
    return template.copy(tmp_path / 'store')


def bobs(store):
    """The same store as Bob opens it."""
    other = redactfs.Store(store.path, operator=BOB, passphrase=WORDS)
    other.passfile = store.path.with_name(store.path.name + '.bob')
    other.passfile.write_text(WORDS + '\n')
    other.passfile.chmod(0o600)
    return other


def add_bob(store, roles):
    store.cli('operator', 'add', BOB, '--role', roles, '--new-passphrase-file', bobs(store).passfile, '--as', OPERATOR, check=0)


def cli(store, *args, **kw):
    return store.cli(*args, '--as', store.operator, **kw)


def ls(store, *args):
    return json.loads(cli(store, 'ls', '--format=json', *args, check=0).stdout)


def restrict(store, verb, *which, check=0):
    return cli(store, 'restrict', verb, *which, '--reason', 'art. 18, 7/26', check=check)


def listed(store):
    return json.loads(cli(store, 'restrict', 'list', '--format=json', check=0).stdout)


def mount(store, where, *args, **kw):
    return store.mount(where, args=['--as', store.operator, *args], **kw)


def fails(call, *args):
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
    return None


def folder(m, row):
    return m.path / row['site'] / row['date'] / row['name']


def facts(f):
    st = os.stat(f)
    return st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_mode


# ---- the command

def test_restricted_and_lifted(store):
    rows = ls(store)
    a, b = rows[:2]
    assert listed(store) == [] and cli(store, 'restrict', 'list', check=0).stdout == b''
    assert restrict(store, 'add', '--session', a['id'], b['path']).stdout == b'restricted 2, so before 0\n'
    assert restrict(store, 'add', '--site', SITE, '--until', a['date']).stdout == b'restricted 2, so before 2\n'
    assert [r['state'] for r in ls(store)] == ['restricted'] * 4 + ['live'] * 4
    got = listed(store)
    assert [(r['id'], r['path'], r['reason'], r['operator']) for r in got] == [
        (r['id'], r['path'], 'art. 18, 7/26', OPERATOR) for r in rows[:4]]
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT[\d:.]+Z', got[0]['since'])
    assert len(cli(store, 'restrict', 'list', check=0).stdout.decode().splitlines()) == 4
    assert restrict(store, 'remove', '--session', a['id']).stdout == b'lifted 1, so before 0\n'
    assert restrict(store, 'remove', '--session', a['id']).stdout == b'lifted 0, so before 1\n'
    restrict(store, 'remove', '--site', SITE)
    assert ls(store) == rows and listed(store) == []
    log = json.loads(cli(store, 'audit', 'show', '--format=json', check=0).stdout)
    assert [(e['kind'], e['detail'], e['operator']) for e in log if e['kind'].startswith('restrict')] == [
        (kind, {'reason': 'art. 18, 7/26', 'sessions': n}, OPERATOR)
        for kind, n in (('restrict', 2), ('restrict', 2), ('restrict-end', 1), ('restrict-end', 3))]
    cli(store, 'audit', 'verify', check=0)
    cli(store, 'verify', check=0)


@pytest.mark.parametrize('args, status', [
    (['add', '--session', 'f' * 32, '--reason', 'r'], 3), (['add', '--reason', 'r'], 2), (['add', '--site', SITE], 2),
    (['frob'], 2), (['list', 'x'], 2), (['remove', '--site', SITE, '--reason', 'r', '--format', 'json'], 2)])
def test_usage(store, args, status):
    before = store.digest()
    p = cli(store, 'restrict', *args, check=status)
    assert p.stdout == b'' and len(p.stderr.splitlines()) == 1 and store.digest() == before


@pytest.mark.parametrize('roles', ['viewer', 'eraser', 'admin', 'viewer,eraser,admin'])
def test_only_an_officer(template, tmp_path, roles):
    store = template.copy(tmp_path / 'store')
    cli(store, 'operator', 'remove', BOB, check=0)
    add_bob(store, roles)
    bob, (a, b, *rest) = bobs(store), ls(store)
    restrict(store, 'add', '--session', a['id'])
    before = listed(store), ls(store)
    for args in (['add', '--session', b['id'], '--reason', 'r'], ['remove', '--session', a['id'], '--reason', 'r'],
                 ['add', '--site', SITE, '--reason', 'r'], ['list']):
        p = cli(bob, 'restrict', *args, check=4)
        assert p.stderr == 'redactfs: only an officer may restrict sessions\n' and p.stdout == b''
    assert (listed(store), ls(store)) == before
    # and for him there is no such session
    assert [r['id'] for r in ls(bob)] == [r['id'] for r in (b, *rest)]
    for args in (['erase', '--session', a['id'], '--reason', 'r', '--yes'],
                 ['export', '--session', a['path'], '-o', tmp_path / 'x.zip']):
        p = cli(bob, *args, check=3)
        assert 'no such session' in p.stderr
    status = json.loads(cli(bob, 'status', '--format=json', check=0).stdout)
    assert (status['sessions'], status['restricted'], status['held']) == (8, 1, 0)
    # held too: an admin who lists what is on hold isn't told of it
    cli(store, 'hold', 'add', '--session', a['id'], b['id'], '--reason', 'r', check=0)
    assert [r['id'] for r in json.loads(cli(bob, 'hold', 'list', '--format=json', check=0).stdout)] == [b['id']]
    assert len(json.loads(cli(store, 'hold', 'list', '--format=json', check=0).stdout)) == 2


def audit(store, *kinds):
    log = json.loads(cli(store, 'audit', 'show', '--format=json', check=0).stdout)
    return [(e['kind'], e['operator'], e['detail']) for e in log if e['kind'] in kinds]


def test_a_hold_by_an_admin_covers_them(template, tmp_path):
    """By site, visitor or days: held when the restriction ends, let go again likewise, and nothing is told of them."""
    store = template.copy(tmp_path / 'store')
    cli(store, 'operator', 'remove', BOB, check=0)
    add_bob(store, 'admin')
    bob, (a, b, *rest) = bobs(store), ls(store)
    restrict(store, 'add', '--session', a['id'], rest[-1]['id'])

    def hold(who, verb, *which, check=0):
        p = cli(who, 'hold', verb, *which, '--reason', 'court', check=check)
        assert a['id'] not in p.stdout.decode() + p.stderr and a['name'] not in p.stdout.decode() + p.stderr
        return p.stdout.decode()

    def kept(what):
        return cli(store, 'erase', '--session', what['id'], '--reason', 'r', '--yes', check=None).returncode == 7

    # the day has four, one of which he doesn't know of
    day = ['--since', a['date'], '--until', a['date']]
    assert hold(bob, 'add', *day) == 'held 3, so before 0\n' and hold(bob, 'add', *day) == 'held 0, so before 3\n'
    assert hold(bob, 'add', '--site', SITE) == 'held 3, so before 3\n'
    # of nothing but restricted ones he reads what he would of nothing at all
    restrict(store, 'add', *day)
    assert hold(bob, 'remove', *day) == 'let go 0, so before 0\n' == hold(bob, 'remove', '--since', '2030-01-01')
    assert hold(bob, 'add', *day) == 'held 0, so before 0\n'
    mine = {'reason': 'court', 'restricted': 'included'}
    assert audit(bob, 'hold', 'hold-end') == [(kind, BOB, {**mine, 'sessions': n}) for kind, n in (
        ('hold', 3), ('hold', 0), ('hold', 3), ('hold-end', 0), ('hold-end', 0), ('hold', 0))]
    listed_to = {who.operator: {r['id'] for r in json.loads(cli(who, 'hold', 'list', '--format=json', check=0).stdout)}
                 for who in (bob, store)}
    assert listed_to == {BOB: {r['id'] for r in rest[2:-1]}, OPERATOR: {r['id'] for r in (a, b, *rest)}}
    assert [json.loads(cli(who, 'status', '--format=json', check=0).stdout)['held'] for who in (bob, store)] == [3, 8]
    # by its id there is none
    for verb in ('add', 'remove'):
        assert 'no such session' in cli(bob, 'hold', verb, '--session', a['id'], '--reason', 'r', check=3).stderr
    # the restriction ends: the site is on hold, all of it
    restrict(store, 'remove', '--site', SITE)
    assert kept(a) and kept(rest[-1]) and {r['state'] for r in ls(store)} == {'held'}
    # and let go as it was held, so that nothing stays behind
    restrict(store, 'add', '--session', a['id'])
    assert hold(bob, 'remove', '--site', SITE) == 'let go 7, so before 0\n'
    restrict(store, 'remove', '--session', a['id'])
    assert not kept(a) and cli(store, 'hold', 'list', check=0).stdout == b''
    # an officer is told of all
    restrict(store, 'add', '--session', b['id'])
    assert hold(store, 'add', '--site', SITE) == 'held 7, so before 0\n'
    assert audit(store, 'hold')[-1][2] == {'reason': 'court', 'sessions': 7}
    for command in ('audit', 'verify'), ('verify',):
        cli(store, *command, check=0)


def test_nothing_of_a_batch_goes(store):
    rows = ls(store)
    a, b, c = rows[:3]
    restrict(store, 'add', '--session', a['id'], b['id'])
    cli(store, 'hold', 'add', '--session', b['id'], c['id'], '--reason', 'r', check=0)
    assert [r['state'] for r in ls(store)[:4]] == ['restricted', 'restricted', 'held', 'live']
    before = ls(store)
    p = cli(store, 'erase', '--site', SITE, '--reason', 'r', '--yes', check=7)
    assert p.stdout == b'' and p.stderr.splitlines() == [
        'redactfs: 3 of 8 sessions on legal hold or restricted: nothing was erased',
        f"redactfs: restricted: {a['id']}", f"redactfs: restricted: {b['id']}", f"redactfs: on hold: {c['id']}"]
    p = cli(store, 'erase', '--session', a['id'], '--reason', 'r', '--yes', check=7)
    assert p.stderr.startswith('redactfs: 1 of 1 sessions restricted: nothing was erased\n')
    out = cli(store, 'erase', '--site', SITE, '--dry-run', check=0).stdout.decode()
    assert f"{a['path']}  (restricted)\n" in out and f"{c['path']}  (held)\n" in out
    assert out.endswith('\nwould erase 5, but 3 on hold or restricted keep all of them\n')
    assert ls(store) == before
    restrict(store, 'remove', '--site', SITE)
    assert [r['state'] for r in ls(store)[:4]] == ['live', 'held', 'held', 'live']
    cli(store, 'erase', '--session', a['id'], '--reason', 'r', '--yes', check=0)
    cli(store, 'erase', '--session', b['id'], '--reason', 'r', '--yes', check=7)


def test_retention_leaves_them(template, tmp_path):
    store = template.copy(tmp_path / 'store')
    old = [made.write(tmp_path / 'old', n, start=made.NOON - 400 * made.DAY + n * 60_000) for n in (50, 51, 52)]
    cli(store, 'import', '--site', 'old.example', *old, check=0)
    (tmp_path / 'p.ini').write_text('[site]\nretention = 30d\n')
    cli(store, 'policy', 'set', 'old.example', tmp_path / 'p.ini', check=0)
    a, b, c = ls(store, '--site', 'old.example')
    restrict(store, 'add', '--session', b['id'])
    out = cli(store, 'retention', 'run', '--dry-run', check=0).stdout.decode()
    assert out.endswith('\nwould erase 2, held 0, restricted 1 (of 1 sites with a limit)\n')
    p = cli(store, 'retention', 'run', check=0)
    assert p.stdout.decode().endswith(', held 0, restricted 1 (of 1 sites with a limit)\n') and p.stdout.startswith(b'erased 2')
    assert p.stderr == f"redactfs: restricted: {b['id']}\n"
    assert [r['id'] for r in ls(store, '--site', 'old.example')] == [b['id']]


def test_export_takes_a_reveal(store, tmp_path):
    a, b = ls(store)[:2]
    restrict(store, 'add', '--session', a['id'])
    p = cli(store, 'export', '--session', a['id'], b['id'], '-o', tmp_path / 'x.zip', check=4)
    assert p.stderr.startswith('redactfs: 1 of 2 sessions restricted: ') and not (tmp_path / 'x.zip').exists()
    assert 'export' not in [e['kind'] for e in json.loads(cli(store, 'audit', 'show', '--format=json', check=0).stdout)]
    cli(store, 'export', '--session', a['id'], b['id'], '-o', tmp_path / 'x.zip', *REVEAL, check=0)
    with zipfile.ZipFile(tmp_path / 'x.zip') as z:
        assert f"{a['path']}/events.json" in z.namelist()
        assert b'@mail.example' in z.read(f"{a['path']}/events.json")


def test_the_other_commands(store, tmp_path):
    """A report leaves it out, a policy's application too, verify reads it, a backup has it."""
    rows = ls(store)
    a = rows[0]
    cli(store, 'report', SITE, check=0)
    restrict(store, 'add', '--session', a['id'])
    p = cli(store, 'report', SITE, check=0)
    assert p.stderr == 'redactfs: 1 restricted session left out\n'
    assert cli(bobs(store), 'report', SITE, check=0).stderr == ''
    status = json.loads(cli(store, 'status', '--format=json', check=0).stdout)
    assert (status['sessions'], status['restricted'], status['held']) == (8, 1, 0)
    assert b', of them held: 0, restricted: 1\n' in cli(store, 'status', check=0).stdout
    # laxer: what is restricted is kept as it is, and waits
    (tmp_path / 'p.ini').write_text('[record]\nemails = show\nforms = show\n')
    p = cli(store, 'policy', 'set', SITE, tmp_path / 'p.ini', check=0)
    assert p.stderr.startswith('redactfs: 7 sessions hide more')
    assert cli(store, 'policy', 'apply', SITE, check=0).stdout.startswith(b'applied 7, failed 0')
    assert cli(store, 'policy', 'apply', SITE, check=0).stdout.startswith(b'applied 0, failed 0')
    assert ls(store)[0] == {**a, 'state': 'restricted'}
    cli(store, 'verify', check=0)
    cli(store, 'backup', tmp_path / 'backup', check=0)
    copy = redactfs.Store(tmp_path / 'backup')
    copy.passfile = store.passfile
    assert [r['id'] for r in listed(copy)] == [a['id']]
    assert len(ls(bobs(copy))) == 7
    restrict(store, 'remove', '--session', a['id'])
    assert cli(store, 'policy', 'apply', SITE, check=0).stdout.startswith(b'applied 1, failed 0')
    # stricter: it holds for it as for all
    restrict(store, 'add', '--session', a['id'])
    (tmp_path / 'p.ini').write_text('[record]\nemails = seal\nforms = seal\n')
    cli(store, 'policy', 'set', SITE, tmp_path / 'p.ini', check=0)
    assert ls(store)[0]['redacted'] == a['redacted']


def test_a_damaged_one_is_named_to_officers_only(store):
    """verify counts it for anybody; a receipt isn't refused in other words than for a session that never was."""
    bob, (a, b, *_) = bobs(store), ls(store)
    blobs = {s.id: s.row['blob'].hex() for s in decrypt.Store(store.path, {OPERATOR: store.passphrase}).sessions}
    for row in (a, b):
        name = blobs[row['id']]
        (store.path / 'blobs' / name[:2] / name).unlink()
    restrict(store, 'add', '--session', a['id'])
    for text, of in ((cli(store, 'verify', check=12), a['name']), (cli(bob, 'verify', check=12), '')):
        assert b['name'] in text.stdout.decode() and (a['name'] in text.stdout.decode()) == bool(of)
        assert b': 2 faults, 2 sessions lost\n' in text.stdout
    assert 'blob: a restricted session: its blob is missing; lost: session\n' in cli(bob, 'verify', check=12).stdout.decode()
    found = json.loads(cli(bob, 'verify', '--format=json', check=12).stdout)['found']
    assert sorted((f['path'], f['id']) for f in found) == [('', ''), (b['path'], b['id'])]
    said = [cli(bob, 'receipt', i, check=None) for i in (a['id'], '12' * 16)]
    assert said[0].returncode == said[1].returncode == 3 and said[0].stderr == said[1].stderr
    assert 'it was not erased' in cli(store, 'receipt', a['id'], check=None).stderr
    assert 'it was not erased' in cli(bob, 'receipt', b['id'], check=None).stderr
    # by no way a name, an id or a visitor of it
    for args in (['ls'], ['ls', '--format=json'], ['status'], ['audit', 'show'], ['audit', 'verify'], ['report', SITE], ['verify'],
                 ['hold', 'list'], ['erase', '--site', SITE, '--dry-run'], ['backup', store.path.with_name('copy')]):
        p = cli(bob, *args, check=None)
        for what in (a['id'], a['name']):
            assert what not in p.stdout.decode() + p.stderr, args


def test_a_second_reader_sees_the_state(store):
    a = ls(store)[0]
    restrict(store, 'add', '--session', a['id'])
    cli(store, 'hold', 'add', '--session', a['id'], '--reason', 'court', check=0)
    opened = decrypt.Store(store.path, {OPERATOR: store.passphrase})
    held = [(x.id, x.state, sorted(x.holds)) for x in opened.sessions if x.state or x.holds]
    assert held == [(a['id'], 2, [1, 2])]
    opened.verify_audit()


# ---- mounts

def test_a_viewers_mount(store, mnt):
    """Gone within a second, from whoever has it open too; and back, as it was."""
    bob, (a, b, *rest) = bobs(store), ls(store)
    with mount(bob, mnt) as m:
        s, day, f = folder(m, a), folder(m, a).parent, folder(m, a) / 'events.json'
        names = ['events.json', 'session.json', 'transcript.txt', 'replay.html']
        texts = {n: (s / n).read_bytes() for n in names}
        before, listing = {n: facts(s / n) for n in names}, sorted(os.listdir(day))
        moved = os.stat(day).st_mtime_ns, os.stat(day.parent).st_mtime_ns
        fds = [os.open(s / n, os.O_RDONLY) for n in names]
        inside = os.open(s, os.O_RDONLY | os.O_DIRECTORY)
        other = os.open(folder(m, b) / 'events.json', os.O_RDONLY)
        here = os.getcwd()
        try:
            for fd, n in zip(fds, names):
                assert os.pread(fd, 1 << 20, 0) == texts[n]
            os.chdir(s)
            restrict(store, 'add', '--session', a['id'])
            # a read asks the store itself; what is in the kernel goes a moment later
            _, took = wait_until('gone', lambda: a['name'] not in os.listdir(day) and fails(os.stat, s) == 'ENOENT'
                                 and all(fails(os.pread, fd, 100, 0) == 'ESTALE' for fd in fds)
                                 and os.stat(day).st_mtime_ns > moved[0] and os.stat(day.parent).st_mtime_ns > moved[1],
                                 timeout=5)
            assert took < LIVE_S
            assert sorted(os.listdir(day)) == [n for n in listing if n != a['name']]
            for n in names:
                assert fails(os.stat, s / n) == fails(open, s / n) == 'ENOENT'
                assert fails(os.stat, n) == fails(open, n) == 'ENOENT', 'in its folder'
                assert fails(os.open, n, os.O_RDONLY, 0o600) == 'ENOENT'
            assert fails(os.unlink, f) == fails(os.listdir, inside) == fails(os.listdir, '.') == 'ENOENT'
            assert fails(os.rmdir, day) == 'EACCES'
            assert os.pread(other, 100, 0), 'its neighbour stays open'
            hidden = os.stat(day).st_mtime_ns
            restrict(store, 'remove', '--session', a['id'])
            _, took = wait_until('back', lambda: not fails(os.stat, f) and a['name'] in os.listdir(day) and
                                 os.stat(day).st_mtime_ns > hidden, timeout=5)
            assert took < LIVE_S
            assert sorted(os.listdir(day)) == listing
            assert {n: facts(s / n) for n in names} == before
            assert all(fails(os.pread, fd, 100, 0) == 'ESTALE' for fd in fds), 'opened anew, or not at all'
            assert {n: (s / n).read_bytes() for n in names} == texts
        finally:
            os.chdir(here)
            for fd in (*fds, inside, other):
                os.close(fd)
        assert m.stderr() == ''


def test_mounted_after(store, mnt):
    """A mount that never saw it, for whom it is there and for whom it isn't; the whole of it by tools."""
    bob, rows = bobs(store), ls(store)
    of_day = [r for r in rows if r['date'] == rows[0]['date']]
    for r in of_day:
        restrict(store, 'add', '--session', r['id'])
    with mount(bob, mnt) as m:
        assert sorted(p.name for p in m.sessions()) == sorted(r['name'] for r in rows if r not in of_day)
        assert os.listdir(m.path / SITE / of_day[0]['date']) == [], 'there, and empty'
        assert fails(os.stat, folder(m, of_day[0])) == 'ENOENT'
        p = subprocess.run(['tar', '-cf', '/dev/null', '-C', m.path, SITE], capture_output=True, check=False)
        assert p.returncode == 0, p.stderr


MAPPED = '''
import mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
m = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
print(m[:2], flush=True)
sys.stdin.readline()
print(m[:2], flush=True)
'''


def mapped(f):
    p = subprocess.Popen(['python3', '-c', MAPPED, f], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert p.stdout.readline() == "b'[\\n'\n"
    return p


def must_have_lost_it(p):
    out, _ = p.communicate('\n', timeout=30)
    assert out == '' and p.returncode == -signal.SIGBUS


def test_mapped_pages_are_gone_when_it_returns(store, mnt, tmp_path):
    """No waiting here: on all mounts at once. Several in turn, so that luck doesn't do."""
    rows = ls(store)[:6]
    with mount(bobs(store), mnt) as m, mount(store, tmp_path / 'officer') as o:
        for a in rows:
            readers = [mapped(folder(at, a) / 'events.json') for at in (m, o)]
            assert restrict(store, 'add', '--session', a['id']).stderr == ''
            for p in readers:
                must_have_lost_it(p)


def test_a_daemon_that_hangs_is_named(store, mnt):
    """It holds up nobody; whoever asks again learns whether it has followed."""
    a = ls(store)[0]
    with mount(bobs(store), mnt) as m:
        f = folder(m, a) / 'events.json'
        p = mapped(f)
        m.proc.send_signal(signal.SIGSTOP)
        try:
            for said in (b'restricted 1, so before 0\n', b'restricted 0, so before 1\n'):
                t0 = time.monotonic()
                r = restrict(store, 'add', '--session', a['id'])
                assert r.stdout == said and "a mount of this store doesn't answer (1): " in r.stderr
                assert time.monotonic() - t0 < 10
        finally:
            m.proc.send_signal(signal.SIGCONT)
        r = restrict(store, 'add', '--session', a['id'])
        assert (r.stdout, r.stderr) == (b'restricted 0, so before 1\n', '')
        must_have_lost_it(p)


def test_an_officers_mount(store, mnt):
    """Listed, and that is all."""
    a, b = ls(store)[:2]
    with mount(store, mnt) as m:
        s, f = folder(m, a), folder(m, a) / 'events.json'
        before, text = facts(f), f.read_bytes()
        with open(f, 'rb') as had:
            assert had.read(100)
            restrict(store, 'add', '--session', a['id'])
            _, took = wait_until('unreadable', lambda: (fails(open, f), fails(os.pread, had.fileno(), 10, 0)) == ('EACCES', 'ESTALE'),
                                 timeout=5)
            assert took < LIVE_S
        assert a['name'] in os.listdir(s.parent) and sorted(os.listdir(s)) == sorted(
            ['events.json', 'session.json', 'transcript.txt', 'replay.html'])
        for n in os.listdir(s):
            assert fails(open, s / n) == 'EACCES'
        # a backup that goes by size and times doesn't even try
        assert facts(f) == before and fails(os.unlink, f) == 'EBUSY'
        assert (folder(m, b) / 'events.json').read_bytes()
        p = subprocess.run(['rm', '-r', str(s)], capture_output=True, text=True, check=False)
        assert p.returncode == 1 and 'busy' in p.stderr and os.path.exists(f)
        restrict(store, 'remove', '--session', a['id'])
        _, took = wait_until('readable', lambda: not fails(open, f), timeout=5)
        assert took < LIVE_S and facts(f) == before and f.read_bytes() == text


def test_a_reveal_mount(store, mnt):
    """What is open stays open; it can be read, and not be erased."""
    a = ls(store)[0]
    with mount(store, mnt, *REVEAL) as m:
        f = folder(m, a) / 'events.json'
        text, before = f.read_bytes(), facts(f)
        assert b'@mail.example' in text
        with open(f, 'rb') as had, open(folder(m, a) / 'session.json', 'rb') as about:
            restrict(store, 'add', '--session', a['id'])
            time.sleep(LIVE_S)
            assert had.read() == text and about.read()
        assert f.read_bytes() == text and facts(f) == before
        assert fails(os.unlink, f) == 'EBUSY'
        assert (folder(m, a) / 'transcript.txt').read_bytes()
        assert m.stderr() == ''


def test_many_at_once_on_a_live_mount(store, mnt):
    """A site's sessions, while a reader walks the mount again and again: he sees them or not, never an error of ours."""
    bob = bobs(store)
    with mount(bob, mnt) as m:
        for _ in range(3):
            restrict(store, 'add', '--site', SITE)
            _, took = wait_until('all gone', lambda: not m.sessions(), timeout=5)
            assert took < LIVE_S
            restrict(store, 'remove', '--site', SITE)
            _, took = wait_until('all back', lambda: len(m.sessions()) == 8, timeout=5)
            assert took < LIVE_S
        assert all((s / 'events.json').read_bytes() for s in m.sessions()) and m.stderr() == ''
