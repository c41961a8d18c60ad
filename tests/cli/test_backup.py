"""`redactfs backup`, and restoring as docs/BACKUP.md says: what comes back, what doesn't, what is told."""
import json
import os
import re
import shutil

import pytest

import decrypt
import made
from redactfs import Store

SITE = made.SITE


@pytest.fixture
def scene(made_store, tmp_path):
    """(store, its backup, the backup's numbers)"""
    s = made_store(days=2, each=2).copy(tmp_path / 'store')
    return s, *backup(s, tmp_path / 'backup')


def backup(store, folder, check=0):
    p = store.cli('backup', folder, check=check)
    copy = Store(folder, store.operator, store.passphrase)
    copy.passfile = store.passfile
    if check != 0:
        return copy, p
    m = re.fullmatch(r'backed up (\d+) blobs, copied (\d+) \([^)]*\), removed (\d+), epoch (\d+)\n', p.stdout.decode())
    return copy, tuple(map(int, m.groups()))


def ids(store):
    return [r['id'] for r in json.loads(store.cli('ls', '--format=json', check=0).stdout)]


def erase(store, *some):
    store.cli('erase', '--session', *some, '--reason', 'r', '--yes', check=0)


def slots(store):
    data = (store.path / 'root').read_bytes()
    assert len(data) == 8192
    return [data[:4096], data[4096:]]


def test_a_backup_is_a_store(scene):
    s, copy, numbers = scene
    assert numbers[:3] == (4, 4, 0)
    copy.cli('verify', check=0)
    assert ids(copy) == ids(s)
    assert (copy.path.stat().st_mode & 0o077) == 0 and all((f.stat().st_mode & 0o077) == 0 for f in copy.files())
    assert json.loads(s.cli('audit', 'show', '--format=json', check=0).stdout)[-1]['kind'] == 'backup'


def test_kept_up_to_date(scene, tmp_path):
    """Blobs once; what was erased goes; the root is overwritten where it lies."""
    s, copy, first = scene
    old_root, inode = slots(copy), os.stat(copy.path / 'root').st_ino
    keep = shutil.copytree(copy.path, tmp_path / 'keep')
    gone, *live = ids(s)
    erase(s, gone)
    made.fill(s, tmp_path / 'more', 'other.example.org', days=1, each=1, first=70)
    _, second = backup(s, copy.path)
    assert second[:3] == (4, 1, 1) and second[3] > first[3]
    assert ids(copy) == ids(s) and gone not in ids(copy) and os.stat(copy.path / 'root').st_ino == inode
    copy.cli('verify', check=0)
    assert 'was not' not in copy.cli('receipt', gone, check=0).stderr
    # all that the first backup had, other than its root: with the second's root it doesn't open the erased one
    used = next(x for x in old_root if x[:8] == b'RFSROOT1')
    assert used not in slots(copy)
    shutil.copy(copy.path / 'root', keep / 'root')
    with pytest.raises(Exception):
        decrypt.Store(keep, {s.operator: s.passphrase})
    # nothing new: nothing is copied
    assert backup(s, copy.path)[1][:3] == (4, 0, 0)


def test_a_run_that_was_cut_off(scene, tmp_path):
    """A half copied blob and a new catalog that was left over: the next run puts it right."""
    s, copy, _ = scene
    blob = next(p for p in copy.files() if 'blobs' in p.parts)
    blob.write_bytes(blob.read_bytes()[:10])
    (copy.path / 'catalog.new').write_bytes(b'half')
    assert backup(s, copy.path)[1][:3] == (4, 1, 0)
    copy.cli('verify', check=0)
    assert not (copy.path / 'catalog.new').exists()


def test_blobs_of_any_time_and_the_current_keys(scene, tmp_path):
    """The blobs' disk died; catalog and root live. Nothing that was erased since comes back, and what was
    imported since the backup is named as lost."""
    s, copy, _ = scene
    before = ids(s)
    erase(s, before[0])
    made.fill(s, tmp_path / 'more', SITE, days=1, each=1, first=60)
    new = [i for i in ids(s) if i not in before]
    shutil.rmtree(s.path / 'blobs')
    shutil.copytree(copy.path / 'blobs', s.path / 'blobs')
    report = json.loads(s.cli('verify', '--format=json', check=12).stdout)
    lost = [f['id'] for f in report['found'] if f['lost']]
    assert lost == new and report['lost'] == 1
    # the erased one's blob is a stray, which nothing opens
    assert [f['part'] for f in report['found'] if not f['lost']] == ['blob']
    assert sorted(ids(s)) == sorted(before[1:] + new)
    assert s.cli('erase', '--session', *new, '--reason', 'lost', '--yes', check=0)


def test_all_of_it_from_the_backup(scene, tmp_path):
    """The store is lost as a whole: it is as it was at the last run. Erased before then stays so."""
    s, copy, _ = scene
    gone, *live = ids(s)
    erase(s, gone)
    backup(s, copy.path)
    shutil.rmtree(s.path)
    shutil.copytree(copy.path, s.path)
    assert ids(s) == live
    s.cli('verify', check=0)
    s.cli('audit', 'verify', check=0)
    s.import_(tmp_path.parent / 'nothing', site=SITE, check=3)


def test_keys_of_another_time_are_refused(scene):
    """Catalog and root belong together."""
    s, copy, _ = scene
    erase(s, ids(s)[0])
    shutil.copy(copy.path / 'root', s.path / 'root')
    p = s.cli('ls', check=12)
    assert 'root' in p.stderr


def test_refused(scene, tmp_path):
    s, copy, _ = scene
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full/file').write_text('mine')
    (tmp_path / 'a-file').write_text('mine')
    for target, status in ((tmp_path / 'full', 6), (s.path, 6), (tmp_path / 'a-file', 8), (tmp_path / 'no/such', 3)):
        _, p = backup(s, target, check=None)
        assert p.returncode == status and len(p.stderr.splitlines()) == 1, (target, p)
    assert (tmp_path / 'full/file').read_text() == 'mine' and len(list((tmp_path / 'full').iterdir())) == 1


def test_refused_in_the_store(scene, tmp_path, mnt):
    """Where it would be the store's own: before anything is made. In a mount of it nothing can be made anyway."""
    s, _, _ = scene
    (tmp_path / 'link').symlink_to(s.path / 'blobs')
    before = s.digest()
    for target in ('store/x', 'store/x/', 'store/blobs/x', 'store/blobs', 'link', 'link/x', 'store/../store/blobs/y', 'store/root'):
        _, p = backup(s, f'{tmp_path}/{target}', check=18)
        assert p.stderr == f"redactfs: '{tmp_path}/{target}' is in the store: choose another place\n"
        assert s.digest() == before, target
    with s.mount(mnt) as m:
        ids(s)      # tidied up after the mount's entry in the log
        of_mount = s.digest()
        for target in (m / 'x', m.sessions()[0], m.sessions()[0].parent / 'x', m / '.redactfs'):
            _, p = backup(s, target, check=None)
            assert p.returncode and len(p.stderr.splitlines()) == 1 and str(target) in p.stderr
        assert s.digest() == of_mount
    p = s.cli('backup', tmp_path / 'store-2', check=0)      # its name only begins like the store's


def test_while_it_is_mounted_and_written_to(scene, tmp_path, mnt):
    s, copy, _ = scene
    with s.mount(mnt) as m:
        os.unlink(m.sessions()[0] / 'events.json')
        assert backup(s, copy.path)[1][2] == 1
        assert len(m.sessions()) == 3
    copy.cli('verify', check=0)
