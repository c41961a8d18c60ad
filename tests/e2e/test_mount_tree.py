"""The tree: names, types, sizes, times, inodes, and that none of them change by themselves."""
import errno
import json
import os
import shutil
import stat

import pytest

import decrypt
import made
from redactfs import wait_until

SITES = ('shop.example.com', 'app.example.org')


@pytest.fixture(scope='module')
def template(empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('tree')
    store = empty_store.copy(base / 'store')
    made.fill(store, base / 'a', SITES[0], days=3, each=4)
    made.fill(store, base / 'b', SITES[1], days=1, each=2, first=100)
    store.import_(made.write(base / 'c', 7000, words=60_000), site=SITES[1], visitor='v "7000"')
    return store


@pytest.fixture(scope='module')
def m(fuse, template):
    with template.mount(template.path.with_name('mnt'), limit=3600) as mount:
        yield mount


def walk(top):
    """{path: lstat} of everything below."""
    found = {'.': os.lstat(top)}
    for folder, dirs, files in os.walk(top):
        for name in dirs + files:
            p = os.path.join(folder, name)
            found[os.path.relpath(p, top)] = os.lstat(p)
    return found


def test_shape(m):
    assert sorted(os.listdir(m.path)) == sorted(SITES)
    assert sorted(os.listdir(m / SITES[0])) == ['2026-11-28', '2026-11-29', '2026-11-30']
    for day in (m / SITES[0]).iterdir():
        assert len(list(day.iterdir())) == 4
    for s in m.sessions():
        assert os.listdir(s) == ['events.json', 'session.json', 'transcript.txt', 'replay.html'], 'events.json comes first'
        head, _, tail = s.name.partition('-')
        assert len(head) == 6 and head.isdigit()
        assert len(tail) == 12 and set(tail) <= set('0123456789abcdef')


def test_types_and_modes(m):
    for path, st in walk(m.path).items():
        want = 0o100644 if path.endswith(('.json', '.html', '.txt')) else 0o40755
        assert st.st_mode == want, path
        assert (st.st_uid, st.st_gid, st.st_nlink) == (os.getuid(), os.getgid(), 1), path
    for folder in (m.path, m / SITES[0], m.sessions()[0].parent, m.sessions()[0]):
        for e in os.scandir(folder):
            assert e.is_dir(follow_symlinks=False) == stat.S_ISDIR(os.lstat(e.path).st_mode)
            assert e.inode() == os.lstat(e.path).st_ino


def test_sizes_are_exact(m):
    for path, st in walk(m.path).items():
        if path.endswith(('.json', '.html', '.txt')):
            data = (m / path).read_bytes()
            assert len(data) == st.st_size, path
            assert st.st_blocks == (st.st_size + 511) // 512, 'no holes'


def test_contents_are_the_second_readers(m, template):
    opened = decrypt.Store(template.path, {template.operator: template.passphrase})
    texts = sorted(s.rendering() for s in opened.sessions)
    assert sorted((s / 'events.json').read_bytes() for s in m.sessions()) == texts


def test_session_json(m):
    for s in m.sessions():
        raw = (s / 'session.json').read_text('utf-8')
        info = json.loads(raw)
        recorded = json.loads((s / 'events.json').read_bytes())
        assert info['site'] == s.parent.parent.name and info['date'] == s.parent.name
        assert info['id'][-12:] == s.name[-12:] and len(info['id']) == 32
        assert info['events'] == len(recorded)
        assert info['size'] == os.stat(s / 'events.json').st_size
        assert info['start'].startswith(info['date'][:8]) and info['start'].endswith('Z')
        assert info['duration_ms'] == recorded[-1]['timestamp'] - recorded[0]['timestamp']
        assert info['redacted'].get('email', 0) + info['redacted'].get('form', 0) >= 1
        assert 'mail.example' not in raw, 'counts, never values'
    visitors = [json.loads((s / 'session.json').read_text()).get('visitor') for s in m.sessions()]
    assert sorted(v for v in visitors if v is not None) == ['v "7000"'], 'only where it is known'


def test_times(m):
    for s in m.sessions():
        recorded = json.loads((s / 'events.json').read_bytes())
        for name in ('events.json', 'session.json'):
            st = os.stat(s / name)
            assert st.st_mtime_ns == recorded[-1]['timestamp'] * 1_000_000, "the session's end"
            assert st.st_ctime_ns > 1_700_000_000 * 10**9
        assert os.stat(s).st_mtime_ns == os.stat(s / 'events.json').st_ctime_ns
    newest = max(os.stat(m / site).st_mtime_ns for site in SITES)
    assert os.stat(m.path).st_mtime_ns == newest, 'newest change, not now'
    day = m.sessions()[0].parent
    assert os.stat(day).st_mtime_ns >= max(os.stat(s).st_mtime_ns for s in day.iterdir())


def test_inodes_are_of_one_file_each(m):
    inos = [st.st_ino for st in walk(m.path).values()]
    assert len(set(inos)) == len(inos)
    assert os.stat(m.path).st_ino == 1


def test_nothing_moves_over_a_remount(template, tmp_path):
    """All that a backup compares; st_dev alone is new."""
    def seen():
        with template.mount(tmp_path / 'mnt') as m:
            return {p: (s.st_ino, s.st_mode, s.st_nlink, s.st_size, s.st_mtime_ns, s.st_ctime_ns,
                        s.st_blocks) for p, s in walk(m.path).items()}
    assert seen() == seen()


def test_every_way_to_list_says_the_same(m):
    """Plain readdir, readdir with attributes, lookups alone; a page at a time and from the middle."""
    folder = m.sessions()[0].parent
    names = sorted(os.listdir(folder))
    assert sorted(e.name for e in os.scandir(folder) if e.stat()) == names
    assert sorted(n for n in names if os.path.exists(folder / n)) == names
    fd = os.open(folder, os.O_RDONLY)
    try:
        assert sorted(os.listdir(fd)) == names
        assert sorted(os.listdir(fd)) == names, 'rewound'
    finally:
        os.close(fd)


def test_what_isnt_there(m):
    s = m.sessions(SITES[0])[0]
    for path in ('nothing', f'{SITES[0]}/2026-11-27', f'{SITES[0]}/x/y', 'x' * 255,
                 f'{s}/replay.htm', f'{s}/EVENTS.JSON', f'{s}/events.json ', f'{s.parent}/{s.name}x',
                 f'{SITES[1]}/{s.parent.name}/{s.name}'):
        with pytest.raises(FileNotFoundError):
            os.lstat(m / path)
    with pytest.raises(OSError) as e:
        os.lstat(m / ('x' * 256))
    assert e.value.errno == errno.ENAMETOOLONG
    with pytest.raises(NotADirectoryError):
        os.lstat(s / 'events.json' / 'x')


def test_control_folder(m):
    """Can be entered, isn't listed."""
    status = json.loads((m / '.redactfs/status.json').read_bytes())
    assert status['sessions'] == 15 and status['may_erase'] is True
    assert status['pending_erasures'] == 0 and status['damaged'] == 0
    opens = status['opens']
    m.sessions()[0].joinpath('events.json').read_bytes()
    assert json.loads((m / '.redactfs/status.json').read_bytes())['opens'] == opens + 2
    assert sorted(os.listdir(m / '.redactfs')) == ['audit.ndjson', 'notice', 'policy', 'status.json']
    assert os.listdir(m / '.redactfs/policy') == [], 'no site has one'
    with pytest.raises(PermissionError):
        os.unlink(m / '.redactfs/status.json')
    with pytest.raises(PermissionError):
        os.rmdir(m / '.redactfs/policy')


def test_control_folder_shows_policies(store, mnt, tmp_path):
    made.fill(store, tmp_path / 'a', SITES[0], days=1, each=1)
    ini = '[site]\ntimezone = Europe/Prague\n'
    with store.mount(mnt) as m:
        store.policy(SITES[0], ini)
        p = m / f'.redactfs/policy/{SITES[0]}.ini'
        assert os.listdir(p.parent) == [p.name]
        assert p.read_text() == ini and os.stat(p).st_size == len(ini)
        first, folder = os.stat(p), os.stat(m / SITES[0])
        store.policy(SITES[0], ini.replace('Prague', 'London'))
        wait_until('the policy', lambda: 'London' in p.read_text())
        then = os.stat(p)
        assert then.st_size == first.st_size and then.st_mtime_ns == then.st_ctime_ns > first.st_mtime_ns
        assert os.stat(m / SITES[0]).st_mtime_ns == folder.st_mtime_ns, 'no file of a session changed'
    with store.mount(mnt) as m:
        assert os.stat(m / f'.redactfs/policy/{SITES[0]}.ini').st_mtime_ns == then.st_mtime_ns


def test_statfs(m, template):
    here, below = os.statvfs(m.path), os.statvfs(template.path)
    assert here.f_blocks * here.f_frsize == below.f_blocks * below.f_frsize // 4096 * 4096
    assert abs(here.f_bfree - below.f_bfree * below.f_frsize // 4096) < 2**18, 'for df: what is used'
    assert abs(here.f_bavail - below.f_bavail * below.f_frsize // 4096) < 2**18
    assert here.f_files - here.f_ffree == (15 * 5 if below.f_files else 0) and here.f_namemax == 255
    assert (here.f_ffree > 0) == (below.f_ffree > 0), 'inodes are not used up'


@pytest.mark.parametrize('views,names', [('events', ['events.json']), ('session', ['session.json']),
                                         ('session+events', ['events.json', 'session.json']),
                                         ('events+replay', ['events.json', 'replay.html']),
                                         ('transcript', ['transcript.txt'])])
def test_views(template, mnt, views, names):
    with template.mount(mnt, options=[f'views={views}']) as m:
        folder = next((m / SITES[0]).glob('*/*'))
        assert os.listdir(folder) == names
        assert [n for n in ('events.json', 'session.json', 'transcript.txt', 'replay.html') if (folder / n).exists()] == names
        for n in names:
            assert (folder / n).read_bytes()


def test_owner_and_masks(template, mnt):
    with template.mount(mnt, options=['uid=12', 'gid=34', 'fmask=0137', 'dmask=0027']) as m:
        s = m.sessions()[0]
        for p, mode in ((m.path, 0o40750), (s, 0o40750), (s / 'events.json', 0o100640)):
            st = os.stat(p)
            assert (st.st_uid, st.st_gid, st.st_mode) == (12, 34, mode)


def test_other_users(template, mnt):
    """Kept out without allow_other; with it the modes decide."""
    if os.getuid():
        pytest.skip('needs root to become somebody else')
    os.chmod(mnt.parent, 0o755)
    ancestors = [p for p in mnt.parents if not os.stat(p).st_mode & stat.S_IXOTH]

    def as_nobody(path, act):
        pid = os.fork()
        if not pid:
            try:
                os.setgid(65534)
                os.setuid(65534)
                act(path)
                os._exit(0)
            except OSError as e:
                os._exit(e.errno)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    if ancestors:
        for p in ancestors:
            os.chmod(p, os.stat(p).st_mode | stat.S_IXOTH)
    with template.mount(mnt) as m:
        assert as_nobody(m.path, os.listdir) == errno.EACCES
    with template.mount(mnt, options=['allow_other']) as m:
        f = m.sessions()[0] / 'events.json'
        assert as_nobody(f, lambda p: p.read_bytes()) == 0
        assert as_nobody(f, os.unlink) == errno.EACCES
    with template.mount(mnt, options=['allow_other', 'fmask=0177']) as m:
        assert as_nobody(m.sessions()[0] / 'events.json', lambda p: p.read_bytes()) == errno.EACCES


def test_the_audit_log_is_there(store, mnt, tmp_path):
    """Entry for entry what the command shows, also the ones that come while it is mounted, and in any pieces."""
    made.fill(store, tmp_path / 'a', SITES[0], days=1, each=72)
    with store.mount(mnt) as m:
        f = m / '.redactfs/audit.ndjson'
        assert len(f.read_bytes().splitlines()) < 10
        for s in m.sessions()[:70]:         # past a block of what is remembered
            shutil.rmtree(s)
        whole = f.read_bytes()
        entries = [json.loads(line) for line in whole.splitlines()]
        assert entries == json.loads(store.cli('audit', 'show', '--format=json', check=0).stdout)
        assert [e['seq'] for e in entries] == list(range(1, len(entries) + 1)) and len(entries) > 70
        assert f.stat().st_size == len(whole) and f.stat().st_mtime_ns == int(entries[-1]['at_ns'])
        fd = os.open(f, os.O_RDONLY)
        for off in range(0, len(whole), 7919):
            assert os.pread(fd, 4099, off) == whole[off:off + 4099]
        assert os.pread(fd, 100, len(whole)) == b'' and os.pread(fd, 10, 10**9) == b''
        shutil.rmtree(m.sessions()[0])
        added = os.pread(fd, 100_000, len(whole))
        os.close(fd)
        longer = f.read_bytes()
        assert longer == whole + added, 'for tail -f'
        assert longer.startswith(whole) and json.loads(longer.splitlines()[-1])['kind'] == 'erase'
        with pytest.raises(PermissionError):
            os.unlink(f)
