"""`root remove` cut off after each of its durable steps: the file that is given up is never left whole where nobody refers to it,
nothing is lost, and the command can be given again, at once or after somebody else has opened the store."""
import json

import made
import pytest
import filetrace as trace
from redactfs import Store, run


@pytest.fixture
def scene(tmp_path):
    """(store, its two roots, the folder that all of them are in)"""
    base = tmp_path / 'all'
    roots = [base / 'a/visits.root', base / 'b/visits.root']
    for r in roots:
        r.parent.mkdir(parents=True)
    s = Store(base / 'store')
    s.passfile = tmp_path / 'passphrase'
    s.passfile.write_text(s.passphrase + '\n')
    s.passfile.chmod(0o600)
    run('init', s.path, '--operator', s.operator, '--passphrase-file', s.passfile, *[x for r in roots for x in ('--root', r)], check=0)
    made.fill(s, tmp_path / 'in', made.SITE, days=1, each=2)
    return s, roots, base


def referred_to(store):
    return (store.path / 'root').read_text().splitlines()[1:]


@pytest.mark.parametrize('which', [0, 1])
def test_cut_off_anywhere(scene, tmp_path, which):
    if not trace.module().exists():
        pytest.skip('trace.so is not built')
    s, roots, base = scene
    gone = roots[which]
    args = ('root', 'remove', gone, '--reason', 'r')
    what = ('store/root', 'store/catalog.db-wal', 'a/visits.root', 'b/visits.root')
    images = trace.images_of(base, tmp_path / 'trace', s, args, what)
    assert len(images) > 4, 'the command was seen at work'
    for n, files in enumerate(images):
        for opened_before in (False, True):
            trace.put_back(base, files)
            if opened_before:
                assert len(json.loads(s.cli('ls', '--format=json', check=0).stdout)) == 2, n
            refers = str(gone) in referred_to(s)
            assert refers or b'RFSROOT1' not in gone.read_bytes(), n
            p = s.cli(*args, check=0 if refers else 3)
            assert refers or 'no root at' in p.stderr
            assert referred_to(s) == [str(roots[1 - which])] and b'RFSROOT1' not in gone.read_bytes(), n
            assert len(json.loads(s.cli('ls', '--format=json', check=0).stdout)) == 2, n
    s.cli('audit', 'verify', check=0)
    s.cli('verify', check=0)
