"""A backup made from the mount is imported again: what was erased since stays out, the rest is restored
as what it was, and its tokens are tokens still."""
import json
import shutil
import subprocess

import pytest

import corpus
import made
from redactfs import Store

SITE, OTHER = 'shop.example.com', 'other.example.org'


@pytest.fixture(scope='module')
def backup(fuse, empty_store, tmp_path_factory):
    """(store, its rows, a tar and a plain copy of its mount)"""
    base = tmp_path_factory.mktemp('backup')
    s = empty_store.copy(base / 'store')
    made.fill(s, base / 'a', SITE, days=2, each=2)
    made.fill(s, base / 'b', OTHER, days=1, each=1, first=50)
    s.import_(corpus.recording('shop-checkout').files[0], site=SITE, visitor='v-17')
    rows = json.loads(s.cli('ls', '--format=json', check=0).stdout)
    with s.mount(base / 'mnt') as m:
        subprocess.run(['tar', '-C', str(m.path), '-cf', str(base / 'backup.tar'), '.'], check=True)
        shutil.copytree(m.path, base / 'copied')
    return s, rows, base / 'backup.tar', base / 'copied'


def text_of(copied, row):
    return (copied / row['path'] / 'events.json').read_bytes()


def listing(store):
    rows = json.loads(store.cli('ls', '--format=json', check=0).stdout)
    return {(r['path'], r['id'], r['visitor'], r['events']) for r in rows}


def as_listed(rows):
    return {(r['path'], r['id'], r['visitor'], r['events']) for r in rows}


@pytest.mark.parametrize('how', ['tar', 'tree'])
def test_erased_ones_stay_out(backup, tmp_path, mnt, how):
    """Into the same store: nothing comes back, the others are there already."""
    store, rows, tar, copied = backup
    s = store.copy(tmp_path / 'store')
    gone, live = rows[:2], rows[2:]
    s.cli('erase', '--session', *(r['id'] for r in gone), '--reason', 'r', '--yes', check=0)
    p = s.import_(tar if how == 'tar' else copied, check=0)
    assert p.stdout.decode() == f'stored 0, same {len(live)}, erased before 2, refused 0 (of {len(rows)})\n'
    said = p.stderr.splitlines()
    assert len(said) == 2 and all('was erased before, skipping' in x for x in said)
    assert listing(s) == as_listed(live)
    s.cli('audit', 'verify', check=0)


def test_restored_where_they_were(backup, tmp_path, mnt):
    """All but one are lost in another way than erasure: a store of before has only that one. Here an
    emptied store stands for it: what it erased stays out, what it never knew comes in."""
    store, rows, tar, copied = backup
    fresh = Store(tmp_path / 'fresh').init()
    one = tmp_path / 'one'
    first = rows[0]
    shutil.copytree(copied / first['path'], one / first['path'])
    assert fresh.import_(one, check=0).stdout.startswith(b'stored 1,')
    fresh.cli('erase', '--session', first['id'], '--reason', 'r', '--yes', check=0)
    p = fresh.import_(tar, check=0)
    assert p.stdout.decode() == f'stored {len(rows) - 1}, same 0, erased before 1, refused 0 (of {len(rows)})\n'
    assert listing(fresh) == as_listed(rows[1:])
    # tokens are tokens: the very bytes that the old mount showed
    with fresh.mount(mnt) as m:
        for r in rows[1:]:
            text = (m.path / r['path'] / 'events.json').read_bytes()
            assert text == text_of(copied, r)
        shop = next(r for r in rows if r['visitor'] == 'v-17')
        assert b'[password]' in text_of(copied, shop) or b'[card]' in text_of(copied, shop)


def test_renamed_in_the_backup(backup, tmp_path):
    """Without session.json, and with the recording put under another day: still the same recording."""
    store, rows, _, copied = backup
    s = store.copy(tmp_path / 'store')
    r = rows[0]
    s.cli('erase', '--session', r['id'], '--reason', 'r', '--yes', check=0)
    alone = tmp_path / 'alone.json'
    shutil.copy(copied / r['path'] / 'events.json', alone)
    p = s.import_(alone, site=r['site'], check=5)
    assert 'erased before 1' in p.stdout.decode()
