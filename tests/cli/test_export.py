"""A visitor's copy: what is in the zip is what a mount shows, and it is whole or it isn't there."""
import io
import json
import os
import re
import subprocess
import zipfile

import pytest

import corpus
import redactfs

SITES = {'login-2fa': 'app.example.com', 'account-settings': 'shop.example.com'}
OTHER = 'chat-widget'
VISITOR = 'v-7'


@pytest.fixture(scope='module')
def template(empty_store, tmp_path_factory):
    s = empty_store.copy(tmp_path_factory.mktemp('export') / 'store')
    for name, site in SITES.items():
        s.import_(*corpus.recording(name).files, site=site, visitor=VISITOR)
    s.import_(*corpus.recording(OTHER).files, site='shop.example.com', visitor='v-8')
    return s


@pytest.fixture
def store(template, tmp_path):
    return template.copy(tmp_path / 'store')


def export(store, to, *args, check=0, **kw):
    which = () if '--session' in args or '--site' in args else ('--visitor', VISITOR)
    return store.cli('export', *which, '-o', to, *args, check=check, **kw)


def files_of(zipped):
    with zipfile.ZipFile(zipped) as z:
        assert z.testzip() is None
        return {n: z.read(n) for n in z.namelist()}


def shown(store, where, args=()):
    """The visitor's sessions on a mount."""
    with store.mount(where, args=args) as m:
        return {str(f.relative_to(m.path)): f.read_bytes() for s in m.sessions() for f in s.iterdir()
                if f'"visitor": "{VISITOR}"' in (s / 'session.json').read_text()}


REVEAL = ('--reveal', '--reason', 'asked by mail')


@pytest.mark.parametrize('how', [(), REVEAL], ids=['redacted', 'revealed'])
def test_what_a_mount_shows(store, mnt, tmp_path, how):
    assert export(store, tmp_path / 'a.zip', *how).stdout == b'exported 2 sessions\n'
    assert (tmp_path / 'a.zip').stat().st_mode & 0o777 == 0o600
    got = files_of(tmp_path / 'a.zip')
    page = got.pop('index.html').decode()
    assert got == shown(store, mnt, how) and len(got) == 8
    links = re.findall(r'href="([^"]*)"', page)
    assert sorted(links) == sorted(got)
    assert page.count('<tr>') == 3 and '2 visits' in page and ('[form]' in page) == (not how)
    typed = corpus.recording('account-settings')
    values = [s['value'] for s in typed.secrets if s.get('typed') and s['class'] == 'email']
    everything = b''.join(got.values()).decode()
    assert values and all((v in everything) == bool(how) for v in values)
    always = [s['value'] for r in SITES for s in corpus.recording(r).of_kind('always') if len(s['value']) > 6]
    assert always and not [v for v in always if v in everything], 'what is never kept is nowhere'
    assert not any('chat' in n for n in got)


def test_the_audit_log_tells(store, tmp_path):
    export(store, tmp_path / 'a.zip')
    export(store, tmp_path / 'b.zip', *REVEAL)
    told = [e['detail'] for e in json.loads(store.cli('audit', 'show', '--format=json', check=0).stdout) if e['kind'] == 'export']
    assert told == [{'sessions': 2, 'values': 'redacted'}, {'sessions': 2, 'values': 'revealed', 'reason': 'asked by mail'}]
    store.cli('audit', 'verify', check=0)


def test_to_standard_output(store):
    p = export(store, '-')
    assert len(zipfile.ZipFile(io.BytesIO(p.stdout)).namelist()) == 9 and p.stderr == ''


def test_one_session_and_a_site(store, tmp_path):
    ids = [x['id'] for x in json.loads(store.cli('ls', '--format=json', check=0).stdout)]
    export(store, tmp_path / 'one.zip', '--session', ids[0])
    assert len(files_of(tmp_path / 'one.zip')) == 5
    export(store, tmp_path / 'site.zip', '--site', 'shop.example.com')
    assert len(files_of(tmp_path / 'site.zip')) == 9


def test_refused(store, tmp_path):
    there = tmp_path / 'there.zip'
    there.write_bytes(b'mine')
    for args, status, says in (
            ([], 2, 'which?'),
            (['--visitor', VISITOR], 2, "'--output FILE' is missing"),
            (['--visitor', VISITOR, '-o', tmp_path / 'x.zip', '--reveal'], 2, '--reason'),
            (['--visitor', 'nobody', '-o', tmp_path / 'x.zip'], 3, 'no such sessions'),
            (['--visitor', VISITOR, '-o', there], 6, 'is there already'),
            (['--visitor', VISITOR, '-o', tmp_path / 'no/x.zip'], 3, 'cannot write'),
            (['--visitor', VISITOR, '-o', tmp_path / '..'], 18, 'is no name for a file')):
        p = store.cli('export', *args)
        assert p.returncode == status and says in p.stderr, (args, p.returncode, p.stderr)
    assert there.read_bytes() == b'mine' and sorted(os.listdir(tmp_path)) == ['store', 'store.pass', 'there.zip']


def test_a_viewer_doesnt_reveal(store, tmp_path):
    new = tmp_path / 'new.pass'
    new.write_text('Kettle-harbour 71 tin whistle\n')
    new.chmod(0o600)
    store.cli('operator', 'add', 'bob@example.org', '--role', 'viewer', '--new-passphrase-file', new, check=0)

    def as_bob(*args):
        return redactfs.run('export', store.path, '--passphrase-file', new, '--as', 'bob@example.org', '--visitor', VISITOR,
                            '-o', tmp_path / 'b.zip', *args)
    p = as_bob(*REVEAL)
    assert p.returncode == 4 and not (tmp_path / 'b.zip').exists()
    assert as_bob().returncode == 0


def test_a_damaged_session_leaves_no_file(store, tmp_path):
    for blob in (store.path / 'blobs').glob('*/*'):
        with open(blob, 'r+b') as f:
            f.seek(300)
            byte = f.read(1)
            f.seek(300)
            f.write(bytes([byte[0] ^ 1]))
    p = export(store, tmp_path / 'a.zip', check=None)
    assert p.returncode == 11, p.stderr
    assert not [n for n in os.listdir(tmp_path) if 'zip' in n or n.startswith('.')]


def test_a_full_disk_leaves_no_file(store, tmp_path):
    small = tmp_path / 'small'
    small.mkdir()
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', small], check=True)
    try:
        p = export(store, small / 'a.zip', check=None)
        assert p.returncode == 1 and 'No space left' in p.stderr and os.listdir(small) == []
    finally:
        subprocess.run(['umount', small], check=True)


def test_it_imports_back(store, empty_store, tmp_path):
    export(store, tmp_path / 'a.zip')
    other = empty_store.copy(tmp_path / 'other')
    assert other.import_(tmp_path / 'a.zip').stdout.startswith(b'stored 2, same 0, erased before 0, refused 0')
    assert {(x['site'], x['id']) for x in json.loads(other.cli('ls', '--format=json', check=0).stdout)} <= \
        {(x['site'], x['id']) for x in json.loads(store.cli('ls', '--format=json', check=0).stdout)}
