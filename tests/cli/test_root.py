"""Where the root lies: in the store, elsewhere, at several places; what status and receipts say of it, and
that nothing is done while one of the places is out of reach."""
import json
import os
import shutil

import pytest

import decrypt
import made
from redactfs import Store, run

SITE = 'shop.example.com'


def make(folder, roots):
    s = Store(folder / 'store').write_passfile()
    args = [x for r in roots for x in ('--root', folder / r)]
    p = run('init', s.path, '--operator', s.operator, '--passphrase-file', s.passfile, *args, check=0)
    s.said = p.stderr
    return s


@pytest.fixture(scope='module')
def made_stores(tmp_path_factory):
    """{kind: a store with three sessions}; the mirrored one's second root is on another file system where
    there is one."""
    out = {}
    for kind, roots in (('own', ['medium/visits.root']), ('mirrored', ['a/visits.root', 'b/visits.root'])):
        base = tmp_path_factory.mktemp(kind)
        for r in roots:
            (base / r).parent.mkdir()
        out[kind] = make(base, roots)
        made.fill(out[kind], base / 'in', SITE, days=1, each=3)
    return out


def relocated(old, tmp_path):
    """(store, its roots): a copy, its reference rewritten."""
    s = old.copy(tmp_path / 'store')
    roots = []
    for i, line in enumerate((old.path / 'root').read_text().splitlines()[1:]):
        roots.append(tmp_path / f'medium{i}' / 'visits.root')
        roots[-1].parent.mkdir()
        shutil.copy(line, roots[-1])
    (s.path / 'root').write_text('RFSREF01\n' + ''.join(f'{r}\n' for r in roots))
    return s, roots


@pytest.fixture(params=['own', 'mirrored'])
def elsewhere(made_stores, tmp_path, request):
    return relocated(made_stores[request.param], tmp_path)


def ls(store):
    return json.loads(store.cli('ls', '--format=json', check=0).stdout)


def status(store):
    return json.loads(store.cli('status', '--format=json', check=0).stdout)


def current(path, store):
    """Which of the two slots is one."""
    data = path.read_bytes()
    assert len(data) == 8192
    found = [i for i in (0, 1) if data[4096 * i:][:8] == b'RFSROOT1']
    assert len(found) == 1, found
    return data[4096 * found[0]:][:4096]


def test_status_of_an_ordinary_store(store):
    st = status(store)
    assert st['root'] == 'same-disk' and st['root_copies'][0]['same_disk'] is True
    assert (st['sessions'], st['held'], st['pending_erasures'], st['audit_entries']) == (0, 0, 0, 1)
    text = store.cli('status', check=0).stdout.decode()
    assert 'root: same-disk\n' in text and "root copy: in the store's folder, " in text


def test_the_slots_are_elsewhere(elsewhere):
    """Nothing of them in the store's folder; an erasure overwrites them in every place, where they lie."""
    s, roots = elsewhere
    inodes = [os.stat(r).st_ino for r in roots]
    before = [current(r, s) for r in roots]
    assert len(set(before)) == 1
    rows = ls(s)
    p = s.cli('erase', '--session', rows[0]['id'], '--reason', 'r', '--yes', check=0)
    after = [current(r, s) for r in roots]
    assert len(set(after)) == 1 and after[0] != before[0]
    assert [os.stat(r).st_ino for r in roots] == inodes
    for r in roots:
        assert before[0][80:200] not in r.read_bytes()
    assert (s.path / 'root').stat().st_size < 8192 and b'RFSROOT1' not in (s.path / 'root').read_bytes()
    assert [r['id'] for r in ls(s)] == [r['id'] for r in rows[1:]]
    # what a receipt says of it
    st = status(s)
    number = p.stdout.decode().strip().rsplit(' ', 1)[1]
    fields = json.loads(s.cli('receipt', number, '--format=json', check=0).stdout)['fields']
    assert fields['root'] == st['root'] == ('mirrored' if len(roots) > 1 else 'same-disk')
    assert fields.get('root-warnings', '') == st['root_warnings']
    assert [c['path'] for c in st['root_copies']] == [str(r) for r in roots]
    s.cli('verify', check=0)


@pytest.mark.parametrize('which', [0, -1])
def test_out_of_reach(elsewhere, which):
    """A clear word, and nothing changed."""
    s, roots = elsewhere
    away = roots[which].with_suffix('.away')
    roots[which].rename(away)
    before = s.digest()
    for command in (['ls'], ['erase', '--site', SITE, '--reason', 'r', '--yes'], ['status']):
        p = s.cli(*command, check=3)
        assert f"'{roots[which]}'" in p.stderr and 'medium mounted' in p.stderr
    assert s.digest() == before
    away.rename(roots[which])
    assert len(ls(s)) == 3


def of_root(store):
    return [e for e in json.loads(store.cli('audit', 'show', '--format=json', check=0).stdout) if e['kind'] == 'root-remove']


@pytest.mark.parametrize('which', [0, -1])
def test_one_that_is_lost_is_given_up(made_stores, tmp_path, which):
    old = made_stores['mirrored']
    s, roots = relocated(old, tmp_path)
    lost = roots[which].with_suffix('.lost')
    roots[which].rename(lost)
    kept = next(r for r in roots if r != roots[which])
    p = s.cli('root', 'remove', roots[which], '--reason', 'the "disk" died', check=0)
    assert p.stdout == b'given up, roots left 1\n'
    assert 'destroy its medium' in p.stderr
    assert len(ls(s)) == 3
    st = status(s)
    assert [c['path'] for c in st['root_copies']] == [str(kept)] and st['root'] != 'mirrored'
    entry, = of_root(s)
    assert entry['detail'] == {'reason': 'the "disk" died', 'left': 1}
    s.cli('audit', 'verify', check=0)
    s.cli('erase', '--session', ls(s)[0]['id'], '--reason', 'r', '--yes', check=0)
    s.cli('verify', check=0)
    # the lost one, found again, opens nothing of what is there now
    shutil.copy(lost, kept)
    assert s.cli('ls').returncode != 0


def test_one_that_is_there_is_overwritten(made_stores, tmp_path):
    s, roots = relocated(made_stores['mirrored'], tmp_path)
    p = s.cli('root', 'remove', roots[0], '--reason', 'r', check=0)
    assert 'destroy' not in p.stderr
    assert b'RFSROOT1' not in roots[0].read_bytes() and roots[0].stat().st_size == 8192
    assert len(ls(s)) == 3


@pytest.mark.parametrize('how', ['hard link', 'folder'])
def test_another_name_of_one_that_stays(made_stores, tmp_path, how):
    """Named twice in a reference that somebody edited: a name is given up, and not the only root there is."""
    s, roots = relocated(made_stores['mirrored'], tmp_path)
    if how == 'folder':
        (tmp_path / 'also').symlink_to(roots[1].parent)
        other = tmp_path / 'also' / roots[1].name
    else:
        other = roots[1].with_name('other')
        os.link(roots[1], other)
    (s.path / 'root').write_text(f'RFSREF01\n{other}\n{roots[1]}\n')
    assert len(ls(s)) == 3
    p = s.cli('root', 'remove', other, '--reason', 'r', check=0)
    assert p.stderr == f"redactfs: '{other}' is another name of a root that stays: nothing was overwritten\n"
    assert len(ls(s)) == 3 and [c['path'] for c in status(s)['root_copies']] == [str(roots[1])]
    s.cli('audit', 'verify', check=0)


def test_who_goes_by_the_old_reference_doesnt_write_to_it(made_stores, tmp_path, mnt):
    """A mount that was there before: it reads on, and its erasures would bring the root back to the file."""
    s, roots = relocated(made_stores['mirrored'], tmp_path)
    with s.mount(mnt) as m:
        file = m.sessions()[0] / 'events.json'
        text = file.read_bytes()
        s.cli('root', 'remove', roots[0], '--reason', 'r', check=0)
        with pytest.raises(OSError) as e:
            os.unlink(file)
        assert e.value.errno == 5 and file.read_bytes() == text
    assert b'RFSROOT1' not in roots[0].read_bytes()
    with s.mount(mnt) as m:
        os.unlink(file)
    assert len(ls(s)) == 2 and b'RFSROOT1' not in roots[0].read_bytes()


def test_what_isnt_given_up(elsewhere):
    s, roots = elsewhere
    for path, status_, says in ((roots[-1].with_name('other'), 3, 'no root at'), *([(roots[0], 18, 'the only one')]
                                                                                 if len(roots) == 1 else [])):
        before = s.digest()
        p = s.cli('root', 'remove', path, '--reason', 'r', check=status_)
        assert says in p.stderr
        assert s.digest() == before
    assert "'--reason TEXT' is missing" in s.cli('root', 'remove', roots[0], check=2).stderr
    assert 'is not remove' in s.cli('root', 'add', roots[0], '--reason', 'r', check=2).stderr


def test_a_root_in_the_store_isnt_given_up(store):
    p = store.cli('root', 'remove', store.path / 'root', '--reason', 'r', check=3)
    assert 'no root at' in p.stderr


def test_a_medium_that_goes_away_under_a_mount(elsewhere, mnt):
    s, roots = elsewhere
    with s.mount(mnt) as m:
        file = m.sessions()[0] / 'events.json'
        text = file.read_bytes()
        away = roots[-1].with_suffix('.away')
        roots[-1].rename(away)
        with pytest.raises(OSError) as e:
            os.unlink(file)
        assert e.value.errno == 5
        assert file.read_bytes() == text, 'nothing was begun'
        away.rename(roots[-1])
        os.unlink(file)
    assert len(ls(s)) == 2


def test_a_copy_that_fell_behind_or_was_damaged(made_stores, tmp_path):
    """After a crash between the copies, or with a bad one: the good and newest counts, and is copied."""
    old = made_stores['mirrored']
    s = old.copy(tmp_path / 'store')
    roots = [tmp_path / 'a', tmp_path / 'b']
    for line, r in zip((old.path / 'root').read_text().splitlines()[1:], roots):
        shutil.copy(line, r)
    (s.path / 'root').write_text('RFSREF01\n' + ''.join(f'{r}\n' for r in roots))
    stale = roots[1].read_bytes()
    rows = ls(s)
    s.cli('erase', '--session', rows[0]['id'], '--reason', 'r', '--yes', check=0)
    good = roots[0].read_bytes()
    for a, b in ((good, stale), (stale, good), (b'\0' * 8192, good), (good, good[:100] + b'\0' * 8092)):
        roots[0].write_bytes(a)
        roots[1].write_bytes(b)
        assert [r['id'] for r in ls(s)] == [r['id'] for r in rows[1:]]
        assert current(roots[0], s) == current(roots[1], s) and stale not in (roots[0].read_bytes(), roots[1].read_bytes())
    # both old: noticed by the operator's record, as with one
    for r in roots:
        r.write_bytes(stale)
    s.cli('ls', check=12)
    # one lost for good: its line goes
    roots[0].write_bytes(good)
    roots[1].unlink()
    s.cli('ls', check=3)
    (s.path / 'root').write_text(f'RFSREF01\n{roots[0]}\n')
    assert len(ls(s)) == 2 and status(s)['root'] != 'mirrored'


def test_the_second_reader_needs_the_root_from_there(elsewhere, tmp_path):
    """A copy of the whole folder, and every passphrase: without the root from elsewhere it opens nothing."""
    s, roots = elsewhere
    with pytest.raises(Exception):
        decrypt.Store(s.path, {s.operator: s.passphrase})
    whole = s.copy(tmp_path / 'whole')
    shutil.copy(roots[0], whole.path / 'root')
    assert len(decrypt.Store(whole.path, {s.operator: s.passphrase}).sessions) == 3
    assert len(ls(whole)) == 3      # and so it moves back into the folder


@pytest.mark.parametrize('root, status', [('no/such/r', 3), ('there', 6), ('..', 18), ('same same', 6), ('.', 18)])
def test_init_refused(tmp_path, root, status):
    """Nothing is left behind."""
    s = Store(tmp_path / 'store').write_passfile()
    (tmp_path / 'there').write_text('mine')
    args = [x for r in (root.split() if ' ' in root else [root]) for x in ('--root', tmp_path / r if r[0] != '.' else r)]
    p = run('init', s.path, '--operator', s.operator, '--passphrase-file', s.passfile, *args, check=status)
    assert p.stdout == b'' and len(p.stderr.splitlines()) == 1
    assert not s.path.exists() and (tmp_path / 'there').read_text() == 'mine'
    assert sorted(x.name for x in tmp_path.iterdir()) == ['store.pass', 'there']


def test_warnings(tmp_path):
    """A root in memory is warned of by init, status and receipt."""
    shm = '/dev/shm'
    if not os.path.isdir(shm) or os.statvfs(shm).f_bavail == 0:
        pytest.skip('no /dev/shm')
    with open('/proc/mounts', encoding='utf-8') as f:
        if not any(x.split()[1] == shm and x.split()[2] == 'tmpfs' for x in f):
            pytest.skip('/dev/shm is no tmpfs')
    root = f'{shm}/redactfs-test-{os.getpid()}.root'
    try:
        s = make(tmp_path, [root])
        assert f"warning: root at '{root}' (tmpfs): in memory" in s.said
        st = status(s)
        assert st['root'] == 'own-medium' and 'memory' in st['root_warnings'].split()
        assert 'in memory' in s.cli('status', check=0).stderr
    finally:
        if os.path.exists(root):
            os.unlink(root)


@pytest.mark.parametrize('text', ['RFSREF01\n', 'RFSREF01\nrelative/path\n', 'RFSREF01\n/a', 'nonsense', '',
                                  'RFSREF01\n' + '/x\n' * 5])
def test_a_reference_that_is_none(store, text):
    (store.path / 'root').write_text(text)
    p = store.cli('ls', check=12)
    assert len(p.stderr.splitlines()) == 1
