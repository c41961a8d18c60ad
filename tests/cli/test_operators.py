"""Who may log in: added, removed, another passphrase; and what their roles let them do, mounts included."""
import errno
import json
import os
import time

import pytest

import made
import redactfs
from redactfs import OPERATOR, wait_until
from test_passphrase import Terminal, no_credentials    # noqa: F401 (a fixture)

BOB, WORDS = 'bob@example.org', 'Kettle-harbour 71 tin whistle'


@pytest.fixture
def store(empty_store, tmp_path):
    return empty_store.copy(tmp_path / 'store')


@pytest.fixture
def new(tmp_path):
    f = tmp_path / 'new.pass'
    f.write_text(WORDS + '\n')
    f.chmod(0o600)
    return f


def mount_as_bob(store, new, where):
    bob = redactfs.Store(store.path, operator=BOB, passphrase=WORDS)
    bob.passfile = new
    return bob.mount(where, args=['--as', BOB])


def add(store, new, roles='viewer', email=BOB, check=0):
    return store.cli('operator', 'add', email, '--role', roles, '--new-passphrase-file', new, '--as', OPERATOR, check=check)


def bobs(store, command, *args, new, check=None):
    return redactfs.run(command, store.path, '--passphrase-file', new, '--as', BOB, *args, check=check)


def test_added_listed_removed(store, new):
    assert add(store, new, 'viewer,eraser').stdout == f'added {BOB} (viewer,eraser)\n'.encode()
    said = bobs(store, 'operator', 'list', '--format=json', new=new, check=0)
    assert json.loads(said.stdout) == [{'email': OPERATOR, 'roles': ['officer', 'admin']},
                                       {'email': BOB, 'roles': ['viewer', 'eraser']}]
    assert bobs(store, 'operator', 'list', new=new, check=0).stdout.decode().splitlines()[1] == f'{BOB}  viewer,eraser'
    store.cli('operator', 'remove', BOB, '--as', OPERATOR, check=0)
    p = bobs(store, 'ls', new=new)
    assert (p.returncode, p.stderr) == (10, 'redactfs: the store has no such operator\n')
    log = [e for e in json.loads(store.cli('audit', 'show', '--format=json', check=0).stdout) if 'operator' in e['kind']]
    assert [(e['kind'], e['operator'], e['detail']) for e in log] == [
        ('operator-add', OPERATOR, {'address': BOB, 'roles': 'viewer,eraser'}), ('operator-remove', OPERATOR, {'address': BOB})]
    store.cli('audit', 'verify', check=0)
    store.cli('verify', check=0)


@pytest.mark.parametrize('args,status,says', [
    (('add', 'eve', '--role', 'viewer'), 18, 'not an e-mail address'),
    (('add', OPERATOR, '--role', 'viewer'), 6, 'there is an operator'),
    (('add', BOB, '--role', 'viewer,king'), 2, "'king' is none of viewer, eraser, officer, admin"),
    (('add', BOB, '--role', ','), 2, "'' is none of"),
    (('add', BOB), 2, "'--role ROLES' is missing"),
    (('add',), 2, "'add' needs the operator's address"),
    (('remove', BOB, 'x'), 2, "unexpected argument 'x'"),
    (('remove', BOB), 3, f'there is no operator {BOB}'),
    (('remove', OPERATOR), 7, 'is the only admin'),
    (('list', '--role', 'viewer'), 2, "'--role' goes with add only"),
    (('passwd', '--format=json'), 2, "'--format' goes with list only"),
    (('promote',), 2, "'promote' is none of add, remove, list, passwd"),
])
def test_refused(store, new, args, status, says):
    fresh = ['--new-passphrase-file', new] if args[0] == 'add' else []
    p = store.cli('operator', *args, *fresh)
    assert p.returncode == status and says in p.stderr, p.stderr
    assert len(json.loads(store.cli('operator', 'list', '--format=json', check=0).stdout)) == 1


def test_a_weak_passphrase_is_refused(store, tmp_path):
    weak = tmp_path / 'weak'
    weak.write_text('password1\n')
    p = store.cli('operator', 'add', BOB, '--role', 'viewer', '--new-passphrase-file', weak)
    assert p.returncode == 18 and 'passphrase' in p.stderr
    assert store.cli('operator', 'passwd', '--new-passphrase-file', weak).returncode == 18
    store.cli('ls', check=0)


def test_only_an_admin(store, new):
    add(store, new)
    for args in (('add', 'eve@example.org', '--role', 'viewer', '--new-passphrase-file', new), ('remove', OPERATOR)):
        p = bobs(store, 'operator', *args, new=new)
        assert p.returncode == 4 and 'only an admin' in p.stderr
    bobs(store, 'operator', 'list', new=new, check=0)


def test_the_terminal_asks_for_both(store):
    t = Terminal('operator', store.path, 'add', BOB, '--role', 'viewer', '--as', OPERATOR)
    t.expect(f'passphrase of {OPERATOR}: ')
    t.type(redactfs.PASSPHRASE + '\n')
    t.expect(f'new passphrase of {BOB}: ')
    assert not t.echo()
    t.type(WORDS + '\n')
    t.expect('the same again: ')
    t.type(WORDS + '\n')
    status, said = t.end()
    assert status == 0 and f'added {BOB} (viewer)' in said and WORDS not in said


def test_another_passphrase(store, new):
    assert store.cli('operator', 'passwd', '--new-passphrase-file', new, check=0).stdout == \
        f'changed the passphrase of {OPERATOR}\n'.encode()
    assert store.cli('ls').returncode == 10
    redactfs.run('ls', store.path, '--passphrase-file', new, check=0)
    redactfs.run('operator', store.path, 'passwd', '--passphrase-file', new, '--new-passphrase-file', store.passfile, check=0)
    store.cli('ls', check=0)


# ---- mounts

@pytest.fixture
def filled(made_store, tmp_path):
    return made_store(days=1, each=4).copy(tmp_path / 'store')


@pytest.mark.parametrize('role,may', [('viewer', False), ('admin', False), ('eraser', True), ('officer', True)])
def test_what_a_role_may(filled, new, mnt, role, may):
    add(filled, new, role)
    with mount_as_bob(filled, new, mnt) as m:
        s = m.sessions()[0]
        assert (s / 'events.json').read_bytes() and (s / 'transcript.txt').read_bytes()
        if may:
            os.unlink(s / 'events.json')
            return
        with pytest.raises(OSError) as e:
            os.unlink(s / 'events.json')
        assert e.value.errno == errno.EACCES and (s / 'events.json').read_bytes()


def fails(call, *args):
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
    return None


@pytest.mark.parametrize('how', ['removed', 'another passphrase'])
def test_a_mount_of_who_may_no_longer(filled, new, mnt, tmp_path, how):
    """It shows nothing any more, whatever it had shown, and keeps nobody waiting."""
    add(filled, new, 'eraser')
    with mount_as_bob(filled, new, mnt) as m:
        first, second = m.sessions()[:2]
        text = (first / 'events.json').read_bytes()
        fd = os.open(first / 'events.json', os.O_RDONLY)
        folder = os.open(m.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            assert os.pread(fd, 100, 0) == text[:100]
            if how == 'removed':
                filled.cli('operator', 'remove', BOB, '--as', OPERATOR, check=0)
            else:
                other = tmp_path / 'other'
                other.write_text('Marzipan 12 gentle lorry\n')
                bobs(filled, 'operator', 'passwd', '--new-passphrase-file', other, new=new, check=0)
            files = (first / 'events.json', second / 'session.json', m / '.redactfs/status.json')
            _, took = wait_until('nothing is shown', lambda: fails(os.listdir, m.path) == 'EACCES' and
                                 all(fails(open, f) == 'EACCES' for f in files) and fails(os.pread, fd, 100, 0) == 'ESTALE',
                                 timeout=5)
            assert took < 1.5
            assert fails(open, second / 'events.json') == 'EACCES' and fails(os.listdir, folder) == 'EACCES'
            assert fails(os.unlink, first / 'events.json') == 'EACCES'
            start = time.monotonic()
            filled.cli('erase', '--site', made.SITE, '--yes', '--reason', 'test', '--as', OPERATOR, check=0)
            assert time.monotonic() - start < 1.8 + 0.5, 'it doesn\'t wait for that mount'
        finally:
            os.close(fd)
            os.close(folder)
        assert 'the operator was removed or has another passphrase' in m.stderr()
        assert m.stderr().count('\n') == 1, m.stderr()
