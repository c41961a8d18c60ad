"""replay.html: a page around what events.json shows, no more and no less of it."""
import errno
import hashlib
import os
import re

import pytest

import made

SITE = 'shop.example.com'
LAST_TAG = b'<plaintext id="events" hidden>'
# The page before the events. When it has to change, REPLAY_REVISION of redactfs/replay.h changes with it: a backup
# of a mount goes by the times.
REVISION, DIGEST = 0, '2f9ef6f8d94d855f6fe28092f97ec0d21a80373ffcc097968374f4fc17188870'


@pytest.fixture(scope='module')
def template(empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('page')
    store = empty_store.copy(base / 'store')
    made.fill(store, base / 'a', SITE, days=1, each=3, words=30_000)
    return store


@pytest.fixture
def filled(template, tmp_path):
    return template.copy(tmp_path / 'store')


def head_of(session):
    page, events = (session / 'replay.html').read_bytes(), (session / 'events.json').read_bytes()
    assert page.endswith(LAST_TAG + events)
    return page[:-len(events)]


def test_the_events_in_a_page(filled, mnt):
    with filled.mount(mnt) as m:
        heads = {head_of(s) for s in m.sessions()}
        assert len(heads) == 1, 'nothing of a session is in the head'
        head = heads.pop()
        assert head.count(LAST_TAG) == 1
        for s in m.sessions():
            e, p = (s / 'events.json').stat(), (s / 'replay.html').stat()
            assert p.st_size == e.st_size + len(head) and p.st_ino != e.st_ino and p.st_blocks * 512 >= p.st_size
            assert p.st_mtime_ns == e.st_mtime_ns + REVISION * 10**9 and p.st_ctime_ns == e.st_ctime_ns


def test_a_page_of_another_look_has_another_revision(filled, mnt):
    with filled.mount(mnt) as m:
        head = head_of(m.sessions()[0])
    assert hashlib.sha256(head).hexdigest() == DIGEST, 'raise REPLAY_REVISION, and REVISION here'


def test_the_page_trusts_nothing(filled, mnt):
    """Its policy names the scripts in it by hash, and has no source on any network."""
    with filled.mount(mnt) as m:
        head = head_of(m.sessions()[0]).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', head)[1]
    parts = dict(p.strip().split(' ', 1) for p in policy.split(';'))
    assert parts['default-src'] == "'none'" and 'unsafe' not in parts['script-src']
    assert not re.search(r'https?:|\*', policy)
    assert not re.search(r'<(?:script|link|img|iframe)[^>]*\s(?:src|href)=', head)


@pytest.mark.parametrize('direct', [False, True])
def test_any_slice(filled, mnt, rng, direct):
    with filled.mount(mnt, options=['direct_io'] if direct else []) as m:
        f = m.sessions()[0] / 'replay.html'
        whole = f.read_bytes()
        edge = whole.index(LAST_TAG) + len(LAST_TAG)
        fd = os.open(f, os.O_RDONLY)
        try:
            places = [(edge - 1, 2), (edge, 1), (edge - 5000, 10_000), (0, len(whole) + 1), (len(whole) - 1, 5),
                      (len(whole), 1), (edge - 10, 10)]
            places += [(rng.randrange(len(whole)), rng.randrange(1, 200_000)) for _ in range(60)]
            for off, n in places:
                assert os.pread(fd, n, off) == whole[off:off + n]
        finally:
            os.close(fd)


def test_it_goes_with_its_recording(filled, mnt):
    with filled.mount(mnt) as m:
        s, other = m.sessions()[:2]
        with pytest.raises(OSError) as e:
            os.unlink(s / 'replay.html')
        assert e.value.errno == errno.EPERM
        with open(s / 'replay.html', 'rb', buffering=0) as f:
            assert f.read(100)
            os.unlink(s / 'events.json')
            for off in (0, 300_000):        # the head too: a page of a session that is gone isn't one
                with pytest.raises(OSError) as e:
                    os.pread(f.fileno(), 100, off)
                assert e.value.errno == errno.ESTALE
        os.unlink(s / 'replay.html')
        os.unlink(s / 'session.json')
        os.unlink(s / 'transcript.txt')
        os.rmdir(s)
        assert head_of(other)


def test_a_stricter_policy_holds_in_the_page(filled, mnt):
    with filled.mount(mnt) as m:
        s = m.sessions()[0]
        before = (s / 'replay.html').stat()
        filled.policy(SITE, '[select]\nblock = p\n')
        assert b'paragraph0' not in (s / 'replay.html').read_bytes()
        after = (s / 'replay.html').stat()
        assert after.st_mtime_ns > before.st_mtime_ns and after.st_size != before.st_size
