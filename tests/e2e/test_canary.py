"""What is left of a session after `rm`: nothing that anybody could read.

Two questions. The plain one: is any of its text in any file of the store, in any spelling? And the
forensic one: somebody has copies of all store files from before the erasure (other than `root`), all
files from after it, and every passphrase; does any of it open? The second reader answers, and is
shown to have teeth: given the one thing that was overwritten, it opens the session.
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import zlib

import pytest

import corpus
import decrypt

SITE, VISITOR = 'canary.example', 'canary-visitor-7731'


def everything_in(files):
    """(name, bytes) of files, and of whatever in them unpacks."""
    for p in files:
        data = p.read_bytes()
        yield str(p), data
        for n, inner in enumerate(decrypt.inflations(data)):
            yield f'{p} (unpacked stream {n})', inner


def found_in(files, texts):
    """[(file, spelling)] of each needle that lies there."""
    wanted = [(n, how) for t in texts for how, n in decrypt.spellings(t).items()]
    hits = []
    for name, data in everything_in(files):
        folded = data.lower()
        hits += [(name, how) for n, how in wanted if n in data or n.lower() in folded]
    return hits


@pytest.fixture
def scene(store, mnt, tmp_path):
    """A store with a victim, a neighbour of the same day (the same leaf of the key tree), one of
    another day, and sessions of other sites."""
    victim = corpus.recording('shop-checkout')
    store.import_(victim.files[0], site=SITE, visitor=VISITOR)
    store.import_(corpus.shifted(victim, tmp_path / 'neighbour.json', hours=2), site=SITE,
                  visitor='somebody-else')
    store.import_(corpus.recording('packed-shop').files[0], site=SITE)
    for name in ('login-2fa', 'medical-marks', 'unicode-escapes'):
        r = corpus.recording(name)
        store.import_(r.files[0], site=r.site)
    return store, victim


def the_victim(mount):
    return mount.sessions(SITE)[0]      # the earliest of its site


def open_store(store):
    return decrypt.Store(store.path, {store.operator: store.passphrase})


def victim_of(opened):
    return next(s for s in opened.sessions if s.info['visitor'] == VISITOR)


def texts_of(rec):
    return corpus.needles(rec, but=[SITE, rec.site]) + [VISITOR]


def test_the_search_finds_what_is_there(scene, tmp_path):
    """Teeth: every needle is in the recording, and is found when it lies about in some spelling."""
    _, rec = scene
    texts = texts_of(rec)
    assert len(texts) >= 30
    raw = rec.files[0].read_bytes()
    assert sum(t.encode() in raw or t.encode('unicode_escape') in raw for t in texts) > 0.8 * len(texts)
    hidden = tmp_path / 'hidden'
    for spelled in (base64.b64encode(b'xy' + raw), raw.hex().encode(), zlib.compress(raw),
                    raw.decode().encode('utf-16-le')):
        hidden.write_bytes(b'\0' * 77 + spelled)
        assert found_in([hidden], [rec.secrets[0]['value']])


def test_no_text_in_any_store_file(scene, mnt):
    """Neither before nor after: not in blobs, catalog, WAL, free pages, root, locks."""
    store, rec = scene
    texts = texts_of(rec)
    assert found_in(store.files(), texts) == []
    with store.mount(mnt) as m:
        folder = the_victim(m)
        assert b'[card]' in (folder / 'events.json').read_bytes()
        os.unlink(folder / 'events.json')
        assert found_in(store.files(), texts) == []
    assert found_in(store.files(), texts) == []


def test_no_key_in_any_store_file(scene, mnt):
    """The keys that led to the session, learnt while they still could be: in no file afterwards."""
    store, _ = scene
    before = open_store(store)
    victim = victim_of(before)
    keys = {'data key': victim.key, 'root key': before.root,
            'top node key': decrypt.D(before.root, 'redactfs top node')}
    keys |= {f'blob {n} key': k for n, k in victim.blob.keys(victim.key).items() if n != 'commit'}
    with store.mount(mnt) as m:
        os.unlink(the_victim(m) / 'events.json')
    for p in store.files():
        data = p.read_bytes()
        for name, key in keys.items():
            for how, n in decrypt.spellings(key).items():
                assert n not in data, f'{name} ({how}) is in {p.name}'


def test_forensics(scene, mnt, tmp_path):
    store, _ = scene
    before = open_store(store)
    victim = victim_of(before)
    blob, row = victim.row['blob'], victim.row
    others = [s for s in before.sessions if s is not victim]
    assert len(others) >= 5

    copies = []

    def snapshot(name):
        copies.append(tmp_path / name)
        shutil.copytree(store.path, copies[-1])

    snapshot('before')
    with store.mount(mnt) as m:
        snapshot('mounted')
        (the_victim(m) / 'events.json').read_bytes()
        os.unlink(the_victim(m) / 'events.json')
        snapshot('unlinked')
        shutil.rmtree(the_victim(m).parent / victim.info['name'], ignore_errors=True)
    snapshot('after')

    old_root = (copies[0] / 'root').read_bytes()
    new_root = (store.path / 'root').read_bytes()
    for i in range(2):
        part = old_root[4096 * i:4096 * i + 4096]
        if part[:8] == b'RFSROOT1' and decrypt.Slot(part).epoch == before.slot.epoch:
            assert part not in new_root, 'the slot that led to the session is still there'

    evidence = decrypt.Evidence()
    for c in copies:
        evidence.add_store(c, root=False)
    evidence.add_root(new_root)
    evidence.add_root((copies[2] / 'root').read_bytes())    # as it was when unlink returned
    evidence.open_everything([store.passphrase])

    assert evidence.root_keys, 'the store after the erasure opens'
    assert blob in evidence.blobs and row in evidence.rows, 'all of it is there as ciphertext'
    assert evidence.opens_blob(blob) is None
    assert evidence.opens_row(row) is None
    assert victim.key not in evidence.data_keys and victim.key not in evidence.other_keys
    for s in others:
        assert evidence.opens_blob(s.row['blob']) == s.key
        assert evidence.opens_row(s.row) == s.key

    # The teeth: the one thing that was overwritten would have opened it.
    evidence.add_root(old_root)
    evidence.open_everything([store.passphrase])
    assert evidence.opens_blob(blob) == victim.key
    assert evidence.opens_row(row) == victim.key

    after = open_store(store)
    assert {s.id for s in after.sessions} == {s.id for s in others}
    for s in after.sessions:
        s.rendering()
    after.verify_audit()


def test_every_epoch_of_many_erasures(store, mnt, tmp_path):
    """One copy of all files (but `root`) after each of many erasures, all put together, with the root
    as it is at the end: exactly what is alive opens. Old roots one by one open what they led to."""
    rec = corpus.recording('mobile-voucher')
    for i in range(8):
        store.import_(corpus.shifted(rec, tmp_path / f'r{i}.json', hours=i * 5), site=f'e{i % 3}.example')
    first = open_store(store)
    keys = {s.id: s.key for s in first.sessions}
    blobs = {s.id: s.row['blob'] for s in first.sessions}
    assert len(keys) == 8
    evidence, roots, dead = decrypt.Evidence(), [], []
    evidence.add_store(store.path, root=False)
    roots.append((set(keys), (store.path / 'root').read_bytes()))
    with store.mount(mnt) as m:
        for _ in range(5):
            os.unlink(m.sessions()[len(dead) % len(m.sessions())] / 'events.json')
            now = open_store(store)
            dead = [i for i in keys if i not in {s.id for s in now.sessions}]
            copy = tmp_path / f'copy{len(dead)}'
            shutil.copytree(store.path, copy)
            evidence.add_store(copy, root=False)
            roots.append((set(keys) - set(dead), (copy / 'root').read_bytes()))
    assert len(dead) == 5
    for alive, root in roots:
        e = decrypt.Evidence()
        e.__dict__.update({k: (v.copy() if hasattr(v, 'copy') else v)
                           for k, v in evidence.__dict__.items()})
        e.add_root(root)
        e.open_everything([store.passphrase])
        assert {i for i in keys if e.opens_blob(blobs[i])} == alive


def test_a_removed_session_stays_out(scene, mnt, tmp_path):
    """After rm -r and a remount nobody knows the session, and it can't be imported again: neither
    as the file it came from nor as another spelling of it."""
    store, rec = scene
    with store.mount(mnt) as m:
        folder = the_victim(m)
        p = subprocess.run(['rm', '-r', str(folder)], capture_output=True, check=False)
        assert (p.returncode, p.stderr) == (0, b'')
        assert not folder.exists()
    again = tmp_path / 'again.json'
    again.write_text('\n'.join(json.dumps(e) for e in corpus.events(rec.files)))
    digest = {s.id for s in open_store(store).sessions}
    for f in (rec.files[0], again):
        p = store.import_(f, site=SITE, check=None)
        assert 'erased' in (p.stdout.decode() + p.stderr).lower(), (p.stdout, p.stderr)
    assert {s.id for s in open_store(store).sessions} == digest
    with store.mount(mnt) as m:
        assert folder.name not in [f.name for f in m.sessions(SITE)]


READER = r'''
import mmap, os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY)
m = mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
assert len(m[:]) == os.fstat(fd).st_size
print('ready', flush=True)
sys.stdin.readline()
end = time.monotonic() + 5      # invalidation follows the reply to unlink, it isn't part of it
code = 0
while not code and time.monotonic() < end:
    try:
        os.pread(fd, 100, 0)
    except OSError as e:
        code = e.errno
print('error', code, flush=True)
while sys.argv[2] == 'map' and time.monotonic() < end:
    m[0], m[-1]
'''


@pytest.mark.parametrize('then', ['read', 'map'])
def test_open_files_and_mappings_lose_their_text(scene, mnt, then):
    store, _ = scene
    with store.mount(mnt) as m:
        folder = the_victim(m)
        p = subprocess.Popen([sys.executable, '-c', READER, str(folder / 'events.json'), then],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert p.stdout.readline() == 'ready\n'
            os.unlink(folder / 'events.json')
            out, _ = p.communicate('go\n', timeout=30)
        finally:
            p.kill()
            p.wait()
        assert out in ('error 5\n', 'error 116\n'), out      # EIO, ESTALE
        assert p.returncode == (-signal.SIGBUS if then == 'map' else 0)


def test_erasing_one_leaves_the_others_as_they_were(scene, mnt):
    store, _ = scene
    with store.mount(mnt) as m:
        victim = the_victim(m)
        before = {p: (p / 'events.json').read_bytes() for p in m.sessions() if p != victim}
        os.unlink(victim / 'events.json')
        for p, text in before.items():
            assert (p / 'events.json').read_bytes() == text
    with store.mount(mnt) as m:
        assert {p: (p / 'events.json').read_bytes() for p in m.sessions()} == before
