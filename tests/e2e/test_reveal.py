"""`seal` both ways: a reveal mount shows the sealed values byte by byte, an ordinary one can't; what
was dropped stays a token on both. Nothing is shown before the audit log says why."""
import json
import os

import pytest

import corpus
import decrypt
import redactfs

NAMES = ('shop-checkout', 'register-react', 'medical-marks')
REASON = 'request 2026-118: "what do you hold?" \\ 1'
SHOWN = ('[record]\nforms = show\nemails = show\nphones = show\nibans = show\nips = show\n'
         'national-ids = show\nbirthdates = show\nsecrets = show\nurls = show\nmasked = show\n')


def site(rec):
    return f'{rec.name}.example'


@pytest.fixture(scope='module')
def recs():
    return [r for r in corpus.recordings() if r.name in NAMES]


@pytest.fixture(scope='module')
def store(empty_store, recs, tmp_path_factory):
    s = empty_store.copy(tmp_path_factory.mktemp('reveal') / 'store')
    for r in recs:
        s.import_(*r.files, site=site(r))
    return s


@pytest.fixture(scope='module')
def revealed(fuse, store):
    with store.mount(store.path.with_name('mnt.reveal'), args=['--reveal', '--reason', REASON],
                     limit=3600) as m:
        yield m


def second_reader(store):
    return decrypt.Store(store.path, {store.operator: store.passphrase})


def audit(store):
    return [(r['kind'], json.loads(r['detail'])) for r in second_reader(store).verify_audit()]


def test_sealed_values_are_back_and_dropped_ones_are_not(revealed, store):
    """Against the second reader: the canonical text, with a token where something was dropped."""
    opened = second_reader(store)
    assert len(opened.sessions) == len(NAMES)
    differ = 0
    for x in opened.sessions:
        f = revealed.session(x.site) / 'events.json'
        want = x.canonical(opened.reveal)
        assert f.read_bytes() == want and f.stat().st_size == len(want)
        differ += want != x.rendering()
        for s in x.blob.spans():
            assert s['disp'] != decrypt.SEAL or s['value'], 'a sealed value is kept'
    assert differ == len(NAMES)


def test_as_if_it_had_never_been_sealed(revealed, recs, tmp_path):
    """Against the engine alone, under a policy that seals nothing."""
    policy = tmp_path / 'shown.ini'
    policy.write_text(SHOWN)
    for r in recs:
        want = redactfs.run('redact', '--policy', policy, stdin=r.files[0].read_bytes(), check=0).stdout
        assert (revealed.session(site(r)) / 'events.json').read_bytes() == want, r.name


def test_passwords_stay_tokens(revealed, recs):
    for r in recs:
        found = corpus.leakcheck(r, revealed.session(site(r)) / 'events.json')
        assert 'always' not in found.by_kind, found.output
        assert found.same_events and found.lost == 0
        if r.of_kind('forms-off', 'detector'):
            assert found.leaks > 0, 'a reveal mount that shows nothing proves nothing'


def test_slices(revealed, recs, rng):
    for r in recs:
        f = revealed.session(site(r)) / 'events.json'
        whole = f.read_bytes()
        with open(f, 'rb', buffering=0) as h:
            for _ in range(50):
                off = rng.randrange(len(whole))
                n = rng.randrange(1, 9000)
                assert os.pread(h.fileno(), n, off) == whole[off:off + n]


def test_an_ordinary_mount_of_an_officer_shows_no_value(store, tmp_path, fuse):
    opened = second_reader(store)
    with store.mount(tmp_path / 'mnt') as m:
        for x in opened.sessions:
            assert (m.session(x.site) / 'events.json').read_bytes() == x.rendering()


def test_the_reason_is_in_the_log(revealed, store):
    kinds = audit(store)
    assert ('reveal', {'reason': REASON}) in kinds


@pytest.mark.parametrize('args', [
    ['--reveal'], ['--reveal', '--reason', ''], ['--reveal', '--reason', ' \t '],
    ['--reason', 'why not'], ['--reveal', '--reason', 'x' * 201], ['--reveal', '--reason', 'a\nb'],
], ids=['none', 'empty', 'blank', 'without-reveal', 'long', 'two-lines'])
def test_no_reason_no_mount(empty_store, tmp_path, args):
    before = len(second_reader(empty_store).verify_audit())
    (tmp_path / 'mnt').mkdir()
    p = redactfs.run('mount', empty_store.path, tmp_path / 'mnt', '-f', '--passphrase-file',
                     empty_store.passfile, *args, check=2)
    assert 'reason' in p.stderr and p.stdout == b''
    assert len(second_reader(empty_store).verify_audit()) == before, 'nothing was revealed'


def test_the_log_comes_first(store, tmp_path, fuse):
    """A log that can't be written: nothing is mounted, nothing shown."""
    broken = store.copy(tmp_path / 'store')
    import sqlite3
    con = sqlite3.connect(broken.path / 'catalog.db')
    con.execute("CREATE TRIGGER no_reveal BEFORE INSERT ON audit WHEN NEW.kind = 'reveal'"
                " BEGIN SELECT RAISE(ABORT, 'no'); END")
    con.commit()
    con.close()
    (tmp_path / 'mnt').mkdir()
    p = redactfs.run('mount', broken.path, tmp_path / 'mnt', '-f', '--passphrase-file', broken.passfile,
                     '--reveal', '--reason', 'why')
    assert p.returncode not in (0, 2) and 'audit log' in p.stderr
    assert redactfs.mounts(under=tmp_path) == []
