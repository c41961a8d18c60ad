"""Names, reasons, files and places that nobody should give to a command: refused in a line that says why, with nothing done;
and commands that are cut off."""
import json
import os
import signal
import stat
import subprocess
import time

import pytest

import made
import redactfs
from redactfs import OPERATOR, binary

SITE, BOB, WORDS = made.SITE, 'bob@example.org', 'Kettle-harbour 71 tin whistle'
# ends a line, steers a terminal, turns the direction of writing, is no UTF-8
NOT_PLAIN = [b'x\ny', b'x\x1b[2Jy', b'x\xc2\x85y', 'x\u2028y'.encode(), 'x\u202ey'.encode(), 'x\u2066y'.encode(), b'x\xffy',
             b'x\xc3', b'x\xed\xa0\x80y']
root_only = pytest.mark.skipif(os.geteuid() != 0, reason='needs root')


@pytest.fixture
def filled(made_store, tmp_path):
    return made_store(days=2, each=2).copy(tmp_path / 'store')


@pytest.fixture
def new(tmp_path):
    return passfile(tmp_path / 'new.pass', WORDS)


def passfile(f, words, mode=0o600):
    f.write_text(words + '\n')
    f.chmod(mode)
    return f


def call(store, command, *args, **kw):
    """As bytes: str() of the library would spell them out."""
    p = subprocess.run([binary(), command, store.path, '--passphrase-file', store.passfile, '--as', OPERATOR, *args],
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=redactfs.TIMEOUT, check=False, **kw)
    redactfs.check_stderr(p.stderr.decode('utf-8', 'replace'))
    return p


def sessions(store):
    return json.loads(store.cli('ls', '--format=json', '--as', OPERATOR, check=0).stdout)


def operators(store):
    return [o['email'] for o in json.loads(store.cli('operator', 'list', '--format=json', '--as', OPERATOR, check=0).stdout)]


# ---- text

def refused(store, status, command, *args):
    before = store.digest()
    p = call(store, command, *args)
    assert p.returncode == status and p.stdout == b'', (args, p)
    said = p.stderr.decode()                    # is UTF-8
    assert len(said.splitlines()) == 1 and said.endswith('\n'), said
    assert all(c.isprintable() for c in said[:-1]), said
    assert store.digest() == before
    return said


@pytest.mark.parametrize('text', NOT_PLAIN)
def test_text_that_is_no_line(filled, new, tmp_path, text):
    one = sessions(filled)[0]['id']
    refused(filled, 18, 'operator', 'add', text + b'@x.example', '--role', 'viewer', '--new-passphrase-file', new)
    refused(filled, 3, 'operator', 'remove', text + b'@x.example')
    refused(filled, 3, 'hold', 'add', '--session', text, '--reason', 'r')
    for args in (['hold', 'add'], ['restrict', 'add'], ['erase', '--yes'], ['export', '--reveal', '-o', tmp_path / 'x.zip']):
        assert 'a reason is one line' in refused(filled, 2, *args, '--session', one, '--reason', text)
    assert 'a visitor is' in refused(filled, 2, 'import', '--site', SITE, '--visitor', text, new)
    assert not (tmp_path / 'x.zip').exists()
    p = subprocess.run([binary(), 'init', tmp_path / 'other', '--operator', text + b'@x.example', '--passphrase-file', new],
                       capture_output=True, timeout=60, check=False)
    assert p.returncode == 18 and not (tmp_path / 'other').exists()


def test_text_that_is_one(filled, new):
    """In any language, and what JSON has to escape."""
    one = sessions(filled)[0]['id']
    for text in ('żądanie €', '"\\', "'; --", '</script>', '\U0001f419', 'x' * 200):
        assert call(filled, 'hold', 'add', '--session', one, '--reason', text).returncode == 0
        held, = json.loads(call(filled, 'hold', 'list', '--format=json').stdout)
        assert held['reason'] == text
        assert call(filled, 'hold', 'remove', '--session', one, '--reason', text).returncode == 0
    assert call(filled, 'operator', 'add', 'żółw@ex.example', '--role', 'viewer', '--new-passphrase-file', new).returncode == 0
    assert operators(filled) == [OPERATOR, 'żółw@ex.example']
    assert len(json.loads(call(filled, 'audit', 'show', '--format=json').stdout)) > 12
    filled.cli('audit', 'verify', '--as', OPERATOR, check=0)


def test_an_address_is_one_however_it_is_written(filled, new):
    """Who logs in isn't asked for capitals, so two that differ in them would be one."""
    filled.cli('operator', 'add', BOB, '--role', 'viewer', '--new-passphrase-file', new, check=0)
    p = filled.cli('operator', 'add', BOB.upper(), '--role', 'viewer', '--new-passphrase-file', new, '--as', OPERATOR, check=6)
    assert f'there is an operator {BOB} already' in p.stderr and operators(filled) == [OPERATOR, BOB]
    redactfs.run('ls', filled.path, '--passphrase-file', new, '--as', 'Bob@Example.org', check=0)
    p = filled.cli('operator', 'remove', 'BOB@example.ORG', '--as', OPERATOR, check=0)
    assert p.stdout == f'removed {BOB}\n'.encode() and operators(filled) == [OPERATOR]
    log = json.loads(filled.cli('audit', 'show', '--format=json', check=0).stdout)
    assert log[-1]['detail'] == {'address': BOB}


@pytest.mark.parametrize('name', ['..', '../..', '/', f'{SITE}/../x', 'x' * 100_000, f'{SITE}/2026-11-23/../x', '%s%n%s'])
def test_no_such_session(filled, name):
    assert 'no such session' in refused(filled, 3, 'restrict', 'add', '--session', name, '--reason', 'r')


def test_the_same_twice(filled):
    a = sessions(filled)[0]
    for command, said in (('hold', 'held'), ('restrict', 'restricted')):
        for n in (1, 0):
            p = call(filled, command, 'add', '--session', a['id'], a['path'], a['id'].upper(), '--reason', 'r')
            assert p.stdout == f'{said} {n}, so before {1 - n}\n'.encode()


# ---- passphrase files

@pytest.mark.parametrize('mode, warns', [(0o600, False), (0o400, False), (0o440, False), (0o640, False), (0o644, True), (0o604, True),
                                         (0o660, True), (0o602, True), (0o666, True)])
def test_a_passphrase_file_that_others_have(store, mode, warns):
    store.passfile.chmod(mode)
    p = store.cli('ls', check=0)
    assert p.stderr == (f"redactfs: others can read or change '{store.passfile}': chmod 600 it\n" if warns else '')


def test_what_is_no_passphrase_file(store, tmp_path):
    os.mkfifo(tmp_path / 'fifo')
    (tmp_path / 'loop').symlink_to('loop')
    writer = subprocess.Popen(['sh', '-c', f'cat {store.passfile} > {tmp_path}/fifo'])
    for path, status, says in ((tmp_path, 1, 'Is a directory'), ('/dev/zero', 15, 'longer than'), ('/dev/null', 10, 'is empty'),
                               (tmp_path / 'none', 3, 'No such file'), (tmp_path / 'loop', 1, 'Too many levels'),
                               (tmp_path / 'fifo', 0, '')):
        p = redactfs.run('ls', store.path, '--passphrase-file', path, check=status)
        assert says in p.stderr and len(p.stderr.splitlines()) <= 1
    writer.wait()


# ---- where an export goes

def export(store, to, check=None, prefix=()):
    return store.cli('export', '--site', SITE, '-o', to, '--as', OPERATOR, check=check, prefix=prefix)


@pytest.mark.parametrize('where', ['.', 'blobs', 'mounts', 'blobs/../mounts', 'link'])
def test_an_export_into_the_store(filled, where):
    """Text beside what is encrypted; and in `mounts` the next erasure would take it away as a dead mount's."""
    (filled.path / 'mounts').mkdir(exist_ok=True)
    link = filled.path.with_name('link')
    link.symlink_to(filled.path)
    before = filled.digest()
    p = export(filled, (link if where == 'link' else filled.path / where) / 'x.zip', check=18)
    assert 'is in the store' in p.stderr and p.stdout == b'' and filled.digest() == before


def test_an_export_onto_a_mount(filled, mnt):
    with filled.mount(mnt) as m:
        for folder in (m.path, m.path / SITE, m.path / '.redactfs'):
            p = export(filled, folder / 'x.zip', check=1)
            assert 'Read-only file system' in p.stderr
        p = export(filled, m.sessions()[0] / 'events.json', check=6)
        assert 'is there already' in p.stderr


def test_an_export_to_what_takes_nothing(filled, tmp_path):
    assert 'is there already' in export(filled, '/dev/full', check=6).stderr
    (tmp_path / 'dangling').symlink_to(tmp_path / 'no')
    assert 'is there already' in export(filled, tmp_path / 'dangling', check=6).stderr
    assert export(filled, tmp_path / ('x' * 300), check=18).stderr
    assert export(filled, tmp_path / ('x/' * 3000 + 'x.zip'), check=1).stderr
    with open('/dev/full', 'wb') as full:
        p = subprocess.run([binary(), 'export', filled.path, '--passphrase-file', filled.passfile, '--site', SITE, '-o', '-'],
                           stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert p.returncode == 1 and b'No space left' in p.stderr


def is_writing(pid, folder):
    """Whether the process has a file of that folder open."""
    try:
        for fd in os.listdir(f'/proc/{pid}/fd'):
            if os.readlink(f'/proc/{pid}/fd/{fd}').startswith(f'{folder}/'):
                return True
    except FileNotFoundError:
        pass
    return False


@pytest.mark.parametrize('sig', [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_export_that_is_cut_off_leaves_nothing(made_store, tmp_path, sig):
    store, out = made_store(days=2, each=40).copy(tmp_path / 'store'), tmp_path / 'out'
    out.mkdir()
    caught = 0
    for _ in range(30):
        p = subprocess.Popen([binary(), 'export', store.path, '--passphrase-file', store.passfile, '--site', SITE,
                              '-o', out / 'x.zip'], stdout=subprocess.DEVNULL)
        while p.poll() is None and not is_writing(p.pid, out):
            time.sleep(0.0005)
        p.send_signal(sig)
        if p.wait(60) == -sig:
            caught += 1
        assert set(os.listdir(out)) <= {'x.zip'}, 'half an export'
        if caught == 3:
            return
        if (out / 'x.zip').exists():
            (out / 'x.zip').unlink()
    pytest.skip('it was always faster')


# ---- commands that are cut off, and those who aren't root

@pytest.mark.parametrize('args', [['hold', 'add'], ['restrict', 'add'], ['operator', 'add'], ['operator', 'passwd'], ['operator', 'remove']])
def test_killed_anywhere(filled, new, tmp_path, args):
    """Done or not done, with its entry in the log or without, and the store as good as ever."""
    if args[1] == 'remove':
        filled.cli('operator', 'add', BOB, '--role', 'viewer', '--new-passphrase-file', new, check=0)
    a, before = sessions(filled)[0], operators(filled)
    more = {'hold': ['--session', a['id'], '--reason', 'r'], 'restrict': ['--session', a['id'], '--reason', 'r'],
            'operator': {'add': [BOB, '--role', 'viewer', '--new-passphrase-file', new], 'remove': [BOB],
                         'passwd': ['--new-passphrase-file', new]}[args[1]] if args[0] == 'operator' else []}[args[0]]
    whole = filled
    t0 = time.monotonic()
    assert call(whole.copy(tmp_path / 'first'), *args, *more).returncode == 0
    took = time.monotonic() - t0
    for i in range(5):
        s = whole.copy(tmp_path / f'copy{i}')
        p = subprocess.Popen([binary(), args[0], s.path, '--passphrase-file', s.passfile, '--as', OPERATOR, args[1], *more],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * (0.7 + i * 0.06))
        p.kill()
        p.wait()
        if args[1] == 'passwd':
            done = redactfs.run('ls', s.path, '--passphrase-file', new, '--as', OPERATOR).returncode == 0
            if done:
                s.passfile.write_text(WORDS + '\n')
        elif args[0] == 'operator':
            done = operators(s) != before
        else:
            done = sessions(s)[0]['state'] != 'live'
        log = json.loads(s.cli('audit', 'show', '--format=json', '--as', OPERATOR, check=0).stdout)
        told = log[-1]['kind'] == {'operator': f'operator-{args[1]}'}.get(args[0], args[0])
        assert done == told
        s.cli('audit', 'verify', '--as', OPERATOR, check=0)
        s.cli('verify', '--as', OPERATOR, check=0)


@root_only
def test_as_somebody_else(filled, new, tmp_path):
    """Who may not read the store's files is told so, by every command, and in a line."""
    for f in (tmp_path, *tmp_path.parents):
        if f.stat().st_mode & stat.S_IXOTH == 0 and 'pytest' in str(f):
            f.chmod(f.stat().st_mode | 0o055)
    mine = passfile(tmp_path / 'mine', redactfs.PASSPHRASE, 0o644)
    os.chown(mine, 65534, 65534)
    mine.chmod(0o600)
    before = filled.digest()
    for args in (['ls'], ['operator', 'list'], ['operator', 'passwd'], ['hold', 'list'], ['restrict', 'list'], ['retention', 'run'],
                 ['export', '--site', SITE, '-o', tmp_path / 'x.zip'], ['root', 'remove', '/x', '--reason', 'r'], ['verify'],
                 ['status'], ['audit', 'show'], ['backup', '/tmp/nowhere']):
        p = subprocess.run([binary(), args[0], filled.path, '--passphrase-file', mine, *args[1:]], user=65534, group=65534,
                           extra_groups=[], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        assert p.returncode == 1 and p.stdout == b'' and b'Permission denied' in p.stderr, (args, p)
        assert len(p.stderr.splitlines()) == 1
    assert filled.digest() == before and not (tmp_path / 'x.zip').exists()
