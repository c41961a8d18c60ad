"""What goes wrong ends with one clear line, an exit status of its own, and nothing changed."""
import os
import shutil
import subprocess

import pytest

import corpus
import redactfs
from redactfs import run

USAGE, NOT_FOUND, EXISTS, BUSY, NO_MOUNT_POINT, NOT_EMPTY, LOGIN = 2, 3, 6, 7, 8, 9, 10
NOT_A_RECORDING, LIMIT, PARTIAL, NO_FUSE, NOT_ACCEPTABLE = 14, 15, 16, 17, 18


def one_line(p, *words, code=None):
    """The one line on stderr (a hint may follow it), with these words in it."""
    lines = p.stderr.splitlines()
    said = [x for x in lines if not x.startswith('hint: ')]
    assert len(said) == 1 and said[0].startswith('redactfs: '), p.stderr
    assert len(lines) <= 2 and p.stdout == b'', (p.stderr, p.stdout)
    for w in words:
        assert w in said[0], (w, said[0])
    assert redactfs.PASSPHRASE not in p.stderr
    if code is not None:
        assert p.returncode == code, (p.returncode, p.stderr)
    return said[0]


@pytest.fixture
def same(store):
    """Fails when a test changed a byte of its store."""
    before = store.digest()
    yield store
    assert store.digest() == before, 'the store was changed'


def mount_now(store, where, *args, **kw):
    """A mount that is expected to fail: runs in the foreground to its end."""
    return run('mount', store.path, where, '-f', '--passphrase-file', store.passfile, *args, **kw)


# ---- the command line

def test_unknown_command():
    one_line(run('frobnicate'), 'frobnicate', code=USAGE)


def test_no_command():
    assert run().returncode == USAGE


@pytest.mark.parametrize('command', ['init', 'import', 'mount', 'redact'])
def test_unknown_option(command):
    one_line(run(command, '--frobnicate'), '--frobnicate', code=USAGE)


@pytest.mark.parametrize('command', ['init', 'import', 'mount'])
def test_missing_arguments(command):
    one_line(run(command), code=USAGE)


@pytest.mark.parametrize('command', ['init', 'import', 'mount', 'redact'])
def test_help(command):
    p = run(command, '--help', check=0)
    assert p.stderr == '' and p.stdout.startswith(b'usage:')
    assert max(map(len, p.stdout.decode().splitlines())) <= 80


def test_unknown_mount_option(same, mnt):
    mnt.mkdir()
    one_line(mount_now(same, mnt, '-o', 'frobnicate'), 'frobnicate', code=USAGE)


# ---- logging in

def test_wrong_passphrase(same, mnt):
    same.passfile.write_text('not the passphrase at all 99\n')
    mnt.mkdir()
    one_line(mount_now(same, mnt), code=LOGIN)
    one_line(same.import_(corpus.recording('shop-checkout').files[0], site='a.example', check=None),
             code=LOGIN)
    assert os.listdir(mnt) == []


def test_unknown_operator(same, mnt):
    mnt.mkdir()
    one_line(mount_now(same, mnt, '--as', 'nobody@store.example'), code=LOGIN)


@pytest.mark.parametrize('what', ['missing', 'empty', 'folder'])
def test_passphrase_file(same, mnt, what):
    mnt.mkdir()
    same.passfile.unlink()
    if what == 'empty':
        same.passfile.touch(0o600)
    elif what == 'folder':
        same.passfile.mkdir()
    p = mount_now(same, mnt)
    one_line(p, same.passfile.name)
    assert p.returncode == {'missing': NOT_FOUND, 'empty': LOGIN, 'folder': 1}[what]


@pytest.mark.parametrize('weak', ['', 'brief', 'password1234', '1234567890123456', 'aaaaaaaaaaaaaaaaaaaa',
                                  'dpo@store.example'])
def test_weak_passphrase(tmp_path, weak):
    f = tmp_path / 'pass'
    f.touch(0o600)
    f.write_text(weak + '\n')
    p = run('init', tmp_path / 'store', '--operator', 'dpo@store.example', '--passphrase-file', f)
    line = one_line(p, code=NOT_ACCEPTABLE if weak else LOGIN)
    assert not weak or weak not in line
    assert not (tmp_path / 'store').exists()


def test_bad_operator_address(tmp_path):
    f = tmp_path / 'pass'
    f.touch(0o600)
    f.write_text(redactfs.PASSPHRASE + '\n')
    for bad in ('', 'nobody', 'a@', '@b', 'a b@c.example', 'a\n@c.example'):
        p = run('init', tmp_path / 'store', '--operator', bad, '--passphrase-file', f)
        one_line(p, code=NOT_ACCEPTABLE if bad else USAGE)
        assert not (tmp_path / 'store').exists()


# ---- the store

def test_no_such_store(store, mnt, tmp_path):
    mnt.mkdir()
    nowhere = redactfs.Store(tmp_path / 'nowhere').write_passfile()
    one_line(mount_now(nowhere, mnt), 'nowhere', code=NOT_FOUND)
    one_line(nowhere.import_(corpus.recording('shop-checkout').files[0], site='a.example', check=None),
             'nowhere', code=NOT_FOUND)
    assert not nowhere.path.exists()


def test_a_folder_that_is_no_store(mnt, tmp_path):
    mnt.mkdir()
    other = redactfs.Store(tmp_path / 'other').write_passfile()
    other.path.mkdir()
    (other.path / 'file').write_text('something')
    one_line(mount_now(other, mnt), 'other', code=NOT_FOUND)
    assert os.listdir(other.path) == ['file']


def test_init_over_something(same, tmp_path):
    one_line(run('init', same.path, '--operator', same.operator, '--passphrase-file', same.passfile),
             code=EXISTS)
    full = tmp_path / 'full'
    full.mkdir()
    (full / 'file').write_text('x')
    one_line(run('init', full, '--operator', same.operator, '--passphrase-file', same.passfile),
             code=EXISTS)
    assert os.listdir(full) == ['file']


# ---- the mount point

def test_mount_point_missing(same, mnt):
    one_line(mount_now(same, mnt), mnt.name, code=NO_MOUNT_POINT)
    assert not mnt.exists()


def test_mount_point_not_empty(same, mnt):
    mnt.mkdir()
    (mnt / 'file').write_text('x')
    one_line(mount_now(same, mnt), mnt.name, code=NOT_EMPTY)
    assert (mnt / 'file').read_text() == 'x'


def test_mount_point_is_a_file(same, mnt):
    mnt.write_text('x')
    one_line(mount_now(same, mnt), mnt.name, code=NO_MOUNT_POINT)


def test_a_second_daemon(store, mnt):
    """On a mount point that is taken; and its failing leaves the first one alone."""
    rec = corpus.recording('mobile-voucher')
    store.import_(rec.files[0], site=rec.site)
    with store.mount(mnt) as m:
        text = (m.session() / 'events.json').read_bytes()
        one_line(mount_now(store, mnt), mnt.name, code=BUSY)
        assert (m.session() / 'events.json').read_bytes() == text


HIDE = '''set -e
mount -t tmpfs tmpfs /dev
mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/random c 1 8; mknod -m 666 /dev/urandom c 1 9
exec "$@"
'''


def test_no_dev_fuse(same, tmp_path):
    """As in a container without the device."""
    if os.geteuid() != 0 or not shutil.which('unshare'):
        pytest.skip('needs root and unshare to hide /dev/fuse')
    prefix = ['unshare', '-m', 'sh', '-c', HIDE, 'sh']
    if subprocess.run([*prefix, 'true'], capture_output=True, check=False).returncode:
        pytest.skip('no mount namespaces here')
    mnt = tmp_path / 'mnt'
    mnt.mkdir()
    p = mount_now(same, mnt, prefix=prefix)
    one_line(p, '/dev/fuse')
    assert p.returncode == NO_FUSE
    assert os.listdir(mnt) == []


# ---- imports

@pytest.mark.parametrize('name', ['not-a-recording.json', 'empty.json', 'truncated.json'])
def test_no_recording(same, name):
    p = same.import_(corpus.RECORDINGS / 'broken' / name, site='a.example', check=None)
    assert p.returncode in (NOT_A_RECORDING, LIMIT)
    assert p.stderr.count(name) == 1


def test_no_recording_on_standard_input(same):
    for text in (b'', b'hello\n', b'{}', b'[]', b'[{}]', b'\x00' * 100, b'[' * 100):
        p = same.import_('-', site='a.example', stdin=text, check=None)
        assert p.returncode in (NOT_A_RECORDING, LIMIT), (text, p.stderr)


def test_no_such_file(same, tmp_path):
    p = same.import_(tmp_path / 'nothing.json', site='a.example', check=None)
    assert p.returncode == NOT_FOUND and 'nothing.json' in p.stderr


@pytest.mark.parametrize('site', ['', '.', '..', '../x', 'a/b', 'A.example', 'a..example', '-a.example',
                                  'a b.example', 'ä.example', 'a' * 64 + '.example', 'x.' * 127 + 'x',
                                  '.redactfs', 'a\n.example'])
def test_site_names(same, site):
    """Only what can be a DNS name in lower case: no path can be built from outside."""
    p = same.import_(corpus.recording('mobile-voucher').files[0], site=site, check=None)
    one_line(p)
    assert p.returncode in ((LIMIT, NOT_ACCEPTABLE) if site else (USAGE,))


# ---- the codes themselves

def test_each_failure_has_a_code_of_its_own(store, mnt, tmp_path):
    codes = {}
    codes['unknown command'] = run('frobnicate').returncode
    codes['no such store'] = run('mount', tmp_path / 'no', mnt, '-f', '--passphrase-file',
                                 store.passfile).returncode
    codes['not a recording'] = store.import_(corpus.RECORDINGS / 'broken/not-a-recording.json',
                                             site='a.example', check=None).returncode
    mnt.mkdir()
    (mnt / 'file').touch()
    codes['mount point not empty'] = mount_now(store, mnt).returncode
    (mnt / 'file').unlink()
    codes['store exists'] = run('init', store.path, '--operator', store.operator, '--passphrase-file',
                                store.passfile).returncode
    store.passfile.write_text('not the passphrase at all 99\n')
    codes['wrong passphrase'] = mount_now(store, mnt).returncode
    assert len(set(codes.values())) == len(codes) and 0 not in codes.values(), codes
